"""Diff: page the target and the source again, and say what is missing, drifted, changed, deleted, extra."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from typing import Any

from cockpit.jobs import compare
from cockpit.jobs.context import JobContext, Result
from cockpit.jobs.diff_resources import ResourceDiff
from cockpit.jobs.diff_source import SourceListing
from cockpit.state import diffs, listing, meta
from cockpit.state.database import open_state
from cockpit.state.diffs import Diff, Finding
from cockpit.state.listing import Listed
from cockpit.terms import PLURALS, Kind, fingerprint, normal_email
from cockpit.workos import client, limiter
from cockpit.workos.client import WorkOS, patiently
from cockpit.workos.replies import Reply

CHUNK = 500


async def run(context: JobContext) -> Result:
    """Compare both sides with the journal. Exit 4 when anything is missing, drifted, changed or deleted.

    Only operations done before the listing began are judged. Raises SourceError, SettingsError,
    BindingError, KeyRefused, Stopped.
    """
    limits = context.settings.target
    pace = limiter.published(context.clock, limits)
    context.progress.throttled = lambda: pace.throttled
    context.progress.explain = lambda: pace.reason() if pace.throttled else None
    pace.waiting = lambda _: context.steering.gate()
    target = client.connect(limits, pace, context.clock, context.latency)
    try:
        assert limits.api_key is not None  # client.connect refuses to go without
        await context.writer.run(meta.bind_target, limits.base_url, limits.api_key.get_secret_value())
        with _scratch(context) as scratch:
            comparison = _Diff(context, target, scratch)
            return _finished(await comparison.run(), comparison.left)
    finally:
        await target.close()


@contextmanager
def _scratch(context: JobContext) -> Iterator[sqlite3.Connection]:
    """A connection of the diff's own: the listings are temporary tables that go with it."""
    connection = open_state(context.state)
    try:
        listing.create(connection)
        yield connection
    finally:
        connection.close()


class _Diff:
    def __init__(self, context: JobContext, target: WorkOS, scratch: sqlite3.Connection) -> None:
        self._context, self._target, self._scratch = context, target, scratch
        self._others = ResourceDiff(scratch, target, self._wait, context.steering.gate)
        self.left = self._others.left

    async def run(self) -> Diff:
        context = self._context
        began = context.now()
        diff = await context.writer.run(diffs.begin, began)
        at_target = await self._list_target()
        context.progress.reason = "listing organizations and what hangs on them"
        await self._others.list_target(self._count)
        source = SourceListing(context, self._scratch, self._others, diff)
        at_source = await source.read()
        context.progress.reason = "comparing"
        listing.index(self._scratch)
        await self._store(diff, began, source.kinds)
        return await context.writer.run(diffs.finish, diff, at_source, at_target, context.now())

    async def _store(self, diff: int, began: int, from_source: Sequence[Kind]) -> None:
        ask = compare.Asking(self._target, self._wait)
        found: list[Finding] = []
        for several in (
            compare.findings(self._scratch, began, ask),
            self._others.findings(began, from_source),
        ):
            async with aclosing(several) as findings:
                async for finding in findings:
                    found.append(finding)
                    if len(found) >= CHUNK:
                        await self._context.steering.gate()
                        await self._context.writer.run(diffs.add, diff, found)
                        found = []
        await self._context.writer.run(diffs.add, diff, found)

    def _count(self, listed: int) -> None:
        self._context.progress.done += listed

    async def _list_target(self) -> int:
        progress = self._context.progress
        progress.reason = "listing the target"
        listed, after = 0, None
        while True:
            await self._context.steering.gate()
            reply = await self._ask(after)
            body = reply.data or {}
            users = [_listed(user) for user in body.get("data", [])]
            listing.add_target(self._scratch, users)
            listed += len(users)
            progress.done += len(users)
            after = (body.get("list_metadata") or {}).get("after")
            if not after or not users:
                return listed

    async def _ask(self, after: str | None) -> Reply:
        return await patiently(lambda: self._target.list_users(after), self._wait)

    async def _wait(self, why: str) -> None:
        self._context.progress.reason = f"the target does not answer ({why})"
        await self._context.steering.sleep(1.0, self._context.clock)
        self._context.progress.reason = "listing the target"


def _listed(user: dict[str, Any]) -> Listed:
    return Listed(
        user["id"],
        user.get("external_id"),
        normal_email(user.get("email") or ""),
        fingerprint(user),
        json.dumps(user),
    )


def _finished(diff: Diff, left: Mapping[Kind, int]) -> Result:
    """`left`: how many of each kind were not compared, since their import has not begun."""
    counts: dict[str, int] = {kind: getattr(diff, kind) or 0 for kind in diffs.FINDING_KINDS}
    text = ", ".join(f"{n} {kind}" for kind, n in counts.items() if n) or "nothing differs"
    waiting = ", ".join(f"{n} {PLURALS[kind]}" for kind, n in left.items())
    hint = f"not compared, since none was sent yet: {waiting}; send them with: cockpit run" if left else None
    numbers = {**counts, "not_begun": {PLURALS[kind]: n for kind, n in left.items()}}
    if diff.clean:
        return Result(0, f"clean: {diff.target_listed} users at the target; {text}", hint, numbers)
    see = "see: cockpit users diff --json, or pane 5"
    return Result(4, f"not clean: {text}", f"{see}\n{hint}" if hint else see, numbers)
