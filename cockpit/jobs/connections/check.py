"""Check: every connection mapped anew, its documents read, held against the rules, sorted."""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from cockpit.connections import discovery, metadata
from cockpit.connections.checks.oidc import discovery_address
from cockpit.connections.checks.surroundings import Surroundings, Unusable
from cockpit.connections.discovery import Discovery, NotDiscovery
from cockpit.connections.examine import Examined, examine
from cockpit.connections.handoff import reader
from cockpit.connections.metadata import IdpMetadata, NotMetadata
from cockpit.connections.model import Connection
from cockpit.connections.rules import VERDICTS, finding
from cockpit.jobs.context import JobContext, Result
from cockpit.settings import Settings
from cockpit.sources import base
from cockpit.sources.base import Raw as RawRecord
from cockpit.state import connections, exports, resources
from cockpit.state.connections import Checked, Raw
from cockpit.state.rollout import observations
from cockpit.transport.documents import NoDocument, fetch

AT_ONCE = 16
"""Documents read side by side; each is another customer's host."""

T = TypeVar("T")
Mapper = Callable[[RawRecord], Connection]


async def run(context: JobContext) -> Result:
    """`args`: "offline" (documents are not fetched).

    Exit 3 when something stands in the way of a connection. Raises SettingsError, Stopped.
    """
    raws = await context.writer.run(connections.raws)
    if not raws:
        return Result(1, "there are no connections yet", "read them with: cockpit connections export")
    mapped, broken = _mapped(raws, context.settings)
    around = await _surroundings(context, [*mapped.values()])
    examined = examine([*mapped.values()], around)
    checked = [_checked(ident, one) for ident, one in zip(mapped, examined, strict=True)]
    await context.writer.run(connections.save, [*checked, *broken], context.now())
    return await _finished(context)


def _mapped(raws: list[Raw], settings: Settings) -> tuple[dict[int, Connection], list[Checked]]:
    """Connections by their numbers, and the records without a usable shape."""
    mappers: dict[str, Mapper] = {reader.PROVIDER: reader.connection}
    mapped: dict[int, Connection] = {}
    broken: list[Checked] = []
    for raw in raws:
        if raw.provider not in mappers:
            provider = base.find(raw.provider)
            assert provider.connections is not None, "only such providers' records are stored"
            mappers[raw.provider] = provider.connections.map(settings)
        try:
            mapped[raw.id] = mappers[raw.provider](json.loads(raw.body))
        except ValueError as error:
            found = [finding("unmappable", "", f"this record can't be mapped: {type(error).__name__}")]
            broken.append(Checked(raw.id, None, found, "stop", ("the record has no usable shape",), None))
    return mapped, broken


def _checked(ident: int, one: Examined) -> Checked:
    verdict, reasons = one.triage
    return Checked(ident, one.connection, one.findings, verdict, reasons, one.certificate_until)


async def _surroundings(context: JobContext, mapped: list[Connection]) -> Surroundings:
    settings = context.settings.connections
    exported = await context.writer.run(_organizations, mapped)
    found: Mapping[str, IdpMetadata | Unusable] = {}
    discovered: Mapping[str, Discovery | Unusable] = {}
    if not context.args.get("offline"):
        addresses = {each.saml.metadata_url for each in mapped if each.saml and each.saml.metadata_url}
        clients = {discovery_address(each.oidc) for each in mapped if each.oidc}
        context.progress.total = len(addresses) + len(clients - {None})
        context.progress.reason = "reading the documents of IdPs"
        private = settings.allow_private
        found = await _read(context, sorted(addresses), lambda url: _metadata(url, private))
        discovered = await _read(context, sorted(filter(None, clients)), lambda url: _discovery(url, private))
    seen = observations.read(context.state)
    return Surroundings(
        context.now(), found, discovered, exported, settings.hosts, settings.allow_private, seen
    )


async def _read(
    context: JobContext, urls: list[str], read: Callable[[str], Awaitable[T | Unusable]]
) -> Mapping[str, T | Unusable]:
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(url: str) -> T | Unusable:
        async with turns:
            await context.steering.gate()
            made = await read(url)
            context.progress.done += 1
            return made

    try:
        async with asyncio.TaskGroup() as group:
            tasks = {url: group.create_task(one(url)) for url in urls}
    except ExceptionGroup as ended:
        raise ended.exceptions[0] from None  # a stop ends all of them
    return {url: task.result() for url, task in tasks.items()}


async def _metadata(url: str, allow_private: bool) -> IdpMetadata | Unusable:
    try:
        return metadata.parse(await fetch(url, allow_private=allow_private))
    except (NoDocument, NotMetadata) as error:
        return Unusable(str(error))


async def _discovery(url: str, allow_private: bool) -> Discovery | Unusable:
    try:
        found = discovery.parse(await fetch(url, allow_private=allow_private))
    except (NoDocument, NotDiscovery) as error:
        return Unusable(str(error))
    if found.jwks_uri is None:
        return found
    try:
        return found.with_keys(await fetch(found.jwks_uri, allow_private=allow_private))
    except NoDocument as error:
        return found.without_keys(str(error))


def _organizations(connection: sqlite3.Connection, mapped: list[Connection]) -> frozenset[str] | None:
    """Those of the organizations that connections name which were exported; None before that export."""
    if exports.latest(connection, "organization") is None:
        return None
    named = {name for each in mapped for name in each.organizations}
    return frozenset(resources.known(connection, "organization", named))


async def _finished(context: JobContext) -> Result:
    counted = await context.writer.run(connections.verdicts)
    said = ", ".join(f"{counted[verdict]} {verdict}" for verdict in VERDICTS)
    blocked = counted["portal"] + counted["stop"]
    hint = "see: cockpit connections list, cockpit connections plan"
    numbers = {str(verdict): n for verdict, n in counted.items()}
    return Result(3 if blocked else 0, f"{sum(counted.values())} connections: {said}", hint, numbers)
