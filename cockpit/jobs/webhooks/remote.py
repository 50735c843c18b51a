"""The two sides whose webhooks are switched: the source's streams, and the target's endpoints."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from cockpit import settings
from cockpit.jobs.connections.customers import desk
from cockpit.jobs.context import JobContext
from cockpit.sources import base
from cockpit.sources.base import Provider, Stream, Webhooks
from cockpit.state import audit, meta, webhook_steps
from cockpit.workos import webhook_endpoints
from cockpit.workos.webhook_endpoints import Endpoint, Endpoints


class NoCredential(Exception):
    """The credential for switching is not there; the message says which, and what it needs."""


async def provider(context: JobContext) -> Provider | None:
    """The one that the state is bound to, else that of the settings."""
    name = await context.writer.run(meta.provider) or context.settings.provider
    return base.find(name) if name else None


def at_tank(context: JobContext, url: str | None) -> bool:
    """Whether an address is the tank's, as [webhooks] tank_url says."""
    tank = context.settings.webhooks.tank_url
    if not tank or url is None:
        return False
    wanted, given = urlsplit(tank), urlsplit(url)
    path = wanted.path.rstrip("/")
    same = (wanted.scheme, wanted.netloc) == (given.scheme, given.netloc)
    return same and (given.path == path or given.path.startswith(f"{path}/"))


def on(context: JobContext, found: Sequence[Stream]) -> list[Stream]:
    """Those that are on, but for those that are to be kept."""
    kept = context.settings.webhooks.keep_streams
    return [one for one in found if one.on and one.id not in kept]


def loud(context: JobContext, found: Sequence[Stream]) -> list[Stream]:
    """Those of them that reach somebody else than the tank."""
    return [one for one in on(context, found) if not at_tank(context, one.endpoint)]


def named(found: Sequence[Stream]) -> str:
    """Streams by kind, name and id."""
    return ", ".join(f"{one.kind} {one.name} ({one.id})" for one in found)


async def streams(context: JobContext, of: Webhooks) -> Sequence[Stream]:
    """All streams of the source. Raises SettingsError, SourceError."""
    opened = of.open(context.settings, context.clock, context.progress.waits_for)
    try:
        return await opened.listed()
    finally:
        await opened.close()


async def queueing(context: JobContext, of: Webhooks) -> list[Stream]:
    """Streams that were on before all this, or that cockpit turned off, are off and queue meanwhile.

    Raises as `streams`.
    """
    known = await context.writer.run(webhook_steps.log)
    ours = {ident for entry in known for ident in entry.detail.get("turned", ())}
    for entry in known:
        if entry.step == "baseline":
            ours |= {one["id"] for one in entry.detail.get("streams") or () if one["on"]}
    return [one for one in await streams(context, of) if one.queues and not one.on and one.id in ours]


async def turn(context: JobContext, of: Webhooks, chosen: Sequence[Stream], *, on: bool) -> None:
    """Switch streams of the source, each audited, with the credential that is asked for only here.

    Raises NoCredential, SettingsError, SourceError.
    """
    variable = context.settings.webhooks.write_token
    token = settings.variable(variable)
    if token is None:
        raise NoCredential(
            f"set {variable} (in this shell or in .env) to a token with {of.scopes}; cockpit sends the PATCH "
            "of a stream's status with it, and nothing else"
        )
    switch = of.switch(context.settings, token, context.clock, context.progress.waits_for)
    try:
        for one in chosen:
            await switch.turn(one, on=on)
            await _note(context, on, f"{one.kind} {one.id}", one.endpoint)
    finally:
        await switch.close()


@asynccontextmanager
async def endpoints(context: JobContext) -> AsyncIterator[Endpoints]:
    """The target's endpoints, by a client that can do what the sequence needs and no more.

    Raises SettingsError, BindingError.
    """
    async with desk(context, webhook_endpoints.ALLOWED) as opened:
        yield Endpoints(opened.target, opened.ask)


async def turn_endpoints(context: JobContext, at: Endpoints, chosen: Sequence[Endpoint], *, on: bool) -> None:
    """Switch endpoints of the target, each audited."""
    for one in chosen:
        await at.turn(one, on=on)
        await _note(context, on, f"endpoint {one.id}", one.url)


async def _note(context: JobContext, on: bool, subject: str, where: str | None) -> None:
    states = ("off", "on")
    await context.writer.run(
        audit.record,
        context.operator,
        f"webhooks.turn_{states[on]}",
        subject,
        context.now(),
        before=states[not on],
        after=states[on],
        why=where,
    )
