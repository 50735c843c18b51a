"""Organizations at WorkOS that a connection needs: there, with its domains verified."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from cockpit.connections.checks import domains
from cockpit.jobs.context import JobContext
from cockpit.state import meta
from cockpit.state.connections import Home
from cockpit.transport import Allow
from cockpit.workos import client, limiter
from cockpit.workos.client import WorkOS, patiently
from cockpit.workos.replies import Reply

PATIENCE = 6
"""Failures in a row after which WorkOS is given up on, for now."""
_STATES = ("pending", "verified")


class Refused(Exception):
    """WorkOS does not take it: its words. A reason for one connection, not for the job."""


class Unreachable(Exception):
    """WorkOS gives no usable answer; the same command goes on later."""


@asynccontextmanager
async def desk(context: JobContext, allow: Sequence[Allow] | None = None) -> AsyncIterator["Desk"]:
    """The target, bound to this state, as long as the block lasts; `allow` as for client.connect.

    Raises SettingsError, BindingError.
    """
    settings = context.settings.target
    pace = limiter.published(context.clock, settings)
    target = client.connect(settings, pace, context.clock, context.latency, allow=allow)
    try:
        assert settings.api_key is not None  # client.connect refuses to go without
        await context.writer.run(meta.bind_target, settings.base_url, settings.api_key.get_secret_value())
        yield Desk(context, target)
    finally:
        await target.close()


class Desk:
    """Asks WorkOS on behalf of connections. Every call is idempotent, or looked for before it is repeated."""

    def __init__(self, context: JobContext, target: WorkOS) -> None:
        self._context, self.target = context, target

    async def ask(self, call: Callable[[], Awaitable[Reply]]) -> Reply:
        """The first answer that means something. Raises Unreachable, KeyRefused, Stopped."""
        failures = 0

        async def wait(why: str) -> None:
            nonlocal failures
            failures += 1
            if failures == PATIENCE:
                raise Unreachable(f"WorkOS gave no usable answer {PATIENCE} times: {why}")
            await self._context.steering.sleep(0.2 * 2.0**failures, self._context.clock)

        return await patiently(call, wait)

    async def organization(self, home: Home, names: Iterable[str]) -> str:
        """The id of the organization, made when there is none; the domains are verified ones of it.

        Domains that nobody can own (free mail, public suffixes) are left out. Raises Refused.
        """
        known = {**dict.fromkeys(home.domains), **dict.fromkeys(filter(None, map(domains.normal, names)))}
        wanted = [name for name in known if not domains.shared(name)]
        found = await self._found(home)
        if found is None:
            body = {"name": home.name, "external_id": home.source_id}
            verified = [{"domain": name, "state": "verified"} for name in wanted]
            made = json.dumps(body | ({"domain_data": verified} if verified else {}))
            reply = await self.ask(lambda: self.target.create_organization(made))
            found = await self._found(home) if reply.verdict == "exists" else None
            if found is None:  # else the answer to an earlier request was lost
                return _id(reply)
        await self._verify(found, wanted)
        return str(found["id"])

    async def _found(self, home: Home) -> dict[str, Any] | None:
        target_id = home.target_id
        if target_id is not None:
            reply = await self.ask(lambda: self.target.organization(target_id))
        else:
            reply = await self.ask(lambda: self.target.organization_by_external_id(home.source_id))
        if reply.verdict == "absent" and target_id is None:
            return None
        if reply.verdict != "ok":
            raise Refused(words(reply))
        return reply.data

    async def _verify(self, found: dict[str, Any], wanted: list[str]) -> None:
        """PUT replaces all domains, so the union goes; one in a state of its own is never rewritten."""
        theirs = {str(each.get("domain")): str(each.get("state")) for each in found.get("domains") or []}
        if all(theirs.get(name) == "verified" for name in wanted):
            return
        if strange := sorted(name for name, state in theirs.items() if state not in _STATES):
            raise Refused(f"the organization's domain {strange[0]} is {theirs[strange[0]]}; settle it there")
        union = theirs | dict.fromkeys(wanted, "verified")
        body = json.dumps(
            {"domain_data": [{"domain": name, "state": state} for name, state in union.items()]}
        )
        _id(await self.ask(lambda: self.target.put_organization(str(found["id"]), body)))


def _id(reply: Reply) -> str:
    if reply.verdict != "ok" or reply.data is None:
        raise Refused(f"the organization: {words(reply)}")
    return str(reply.data["id"])


def words(reply: Reply) -> str:
    """A refusal in words: its code and message."""
    return f"{reply.code}: {reply.message}" if reply.code else f"HTTP {reply.status}: {reply.message}"
