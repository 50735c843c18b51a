"""The findings of a diff, from its two listings and the journal."""

import itertools
import json
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from typing import Any

from cockpit.state import listing
from cockpit.state.diffs import Finding
from cockpit.state.listing import Absent
from cockpit.terms import USER_FIELDS, comparable
from cockpit.workos.client import WorkOS, patiently

MOST_ASKED = 1000
"""Missing and extra users that are asked for one by one before they are shown."""
MOST_EXTRA = 10_000


class Asking:
    """Confirms a finding by one GET, up to MOST_ASKED times."""

    def __init__(self, target: WorkOS, wait: Callable[[str], Awaitable[None]]) -> None:
        self._target, self._wait, self._left = target, wait, MOST_ASKED

    async def has_external_id(self, external_id: str) -> bool | None:
        """Whether the target has such a user; None when too many were asked for already."""
        return await self._ask(lambda: self._target.user_by_external_id(external_id))

    async def has_id(self, target_id: str) -> bool | None:
        """The same by the target's own id."""
        return await self._ask(lambda: self._target.user(target_id))

    async def _ask(self, call: Callable[[], Awaitable[Any]]) -> bool | None:
        if not self._left:
            return None
        self._left -= 1
        reply = await patiently(call, self._wait)
        return bool(reply.verdict == "ok")


async def findings(scratch: sqlite3.Connection, began: int, asking: Asking) -> AsyncGenerator[Finding, None]:
    """Everything that differs, kind by kind; what a GET refutes is left out."""
    for row in listing.absent(scratch, began):
        if (finding := await _absent(row, asking)) is not None:
            yield finding
    for finding in itertools.chain(_drifted(scratch, began), _deleted(scratch)):
        yield finding
    for target_id, external_id, email in listing.extra(scratch, MOST_EXTRA):
        there = await asking.has_id(target_id)
        if there is not False:
            fields = {"why": "not brought by this migration"}
            yield Finding("extra", None, external_id, email, target_id, fields, bool(there))


async def _absent(row: Absent, asking: Asking) -> Finding | None:
    if row.state == "skipped":
        return Finding("accepted", row.subject, row.external_id, row.email, None, {"why": "skipped"})
    confirmed = False
    if row.state in ("imported", "adopted"):
        there = await asking.has_external_id(row.external_id)
        if there:
            return None
        confirmed = there is False
    fields = {"why": f"{row.state}, not at the target"}
    return Finding("missing", row.subject, row.external_id, row.email, None, fields, confirmed)


def _drifted(scratch: sqlite3.Connection, began: int) -> Iterator[Finding]:
    for drift in listing.drifted(scratch, began):
        theirs = json.loads(drift.theirs)
        fields = differences(json.loads(drift.request), theirs, shown=theirs)
        if fields:
            yield Finding("drifted", drift.subject, drift.external_id, drift.email, drift.target_id, fields)


def _deleted(scratch: sqlite3.Connection) -> Iterator[Finding]:
    for subject, source_id, email in listing.deleted(scratch):
        yield Finding("deleted", subject, source_id, email, None, {"why": "no longer at the source"})


def differences(
    ours: Mapping[str, Any], theirs: Mapping[str, Any], shown: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The comparable fields that differ, as {field: [ours, theirs]}.

    With `shown` only the fields it has: a target that does not know `name` has not lost it.
    """
    left, right = comparable(ours), comparable(theirs)
    fields = [field for field in USER_FIELDS if shown is None or field in shown]
    return {field: [left[field], right[field]] for field in fields if left[field] != right[field]}
