"""Diff beside users: organizations, permissions, roles, memberships and the presence of factors."""

import json
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

from cockpit.jobs.compare import MOST_EXTRA
from cockpit.jobs.side_by_side import side_by_side
from cockpit.rules.compare import changes, differences
from cockpit.state import journal, resource_listing
from cockpit.state.diffs import Finding
from cockpit.state.resource_listing import Judged
from cockpit.state.resources import Mapped
from cockpit.terms import KINDS, Kind
from cockpit.workos.client import WorkOS, patiently
from cockpit.workos.replies import Reply

MOST_ASKED = 1000
"""Missing resources that are asked for one by one before they are shown."""
LISTED_AT_ONCE = 8
"""Organizations, or users, whose memberships, or factors, are listed side by side."""
OTHERS: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind != "user")


class ResourceDiff:
    """One comparison, of the kinds whose import has begun; `left` are those that only wait for theirs.

    `wait` is awaited after a call without an answer, `gate` before each call.
    """

    def __init__(
        self,
        scratch: sqlite3.Connection,
        target: WorkOS,
        wait: Callable[[str], Awaitable[None]],
        gate: Callable[[], Awaitable[None]],
    ) -> None:
        self._scratch, self._target, self._wait, self._gate = scratch, target, wait, gate
        self._may_ask = MOST_ASKED
        resource_listing.create(scratch)
        self.kinds = [kind for kind in OTHERS if journal.begun(scratch, kind)]
        self.left = {
            kind: ready
            for kind in OTHERS
            if kind not in self.kinds and (ready := journal.counts(scratch, kind)["ready"])
        }

    async def list_target(self, listed: Callable[[int], None]) -> None:
        """List what the target has of every kind that moves; `listed` hears how many came."""
        for kind in self.kinds:
            match kind:
                case "organization":
                    await self._pages(kind, self._target.list_organizations, listed)
                case "permission":
                    await self._pages(kind, self._target.list_permissions, listed)
                case "role":
                    await self._roles(None, listed)
                    await self._each(kind, lambda parent: self._roles(parent, listed))
                case "membership":
                    await self._each(kind, lambda parent: self._memberships(parent, listed))
                case "factor":
                    await self._each(kind, lambda parent: self._factors(parent, listed))

    def see_source(self, kind: Kind, source_id: str, made: Mapped) -> Finding | None:
        """Hold a record of the source, as it is now, against what was exported."""
        if kind not in self.kinds:
            return None
        known = resource_listing.see_source(self._scratch, kind, source_id)
        label = made.user or made.name
        if known is None:
            why = {"why": "new at the source since the export"}
            return Finding("missing", None, source_id, label, None, why, thing=kind)
        if known.request is None or known.state == "skipped":
            return None
        fields = changes(kind, json.loads(known.request), made.request)
        return Finding("changed", known.id, source_id, label, None, fields, thing=kind) if fields else None

    async def findings(self, began: int, from_source: Sequence[Kind]) -> AsyncGenerator[Finding, None]:
        """Everything that differs. `from_source`: the kinds that the source was listed for."""
        for kind in self.kinds:
            for row in resource_listing.judged(self._scratch, kind, began):
                if (finding := await self._judge(kind, row)) is not None:
                    yield finding
            if kind in ("organization", "membership"):
                for extra in resource_listing.extra(self._scratch, kind, MOST_EXTRA):
                    why = {"why": "not brought by this migration"}
                    yield Finding(
                        "extra", None, extra.external_id, extra.label, extra.target_id, why, thing=kind
                    )
        for finding in self._deleted([kind for kind in self.kinds if kind in from_source]):
            yield finding

    async def _judge(self, kind: Kind, row: Judged) -> Finding | None:
        if row.state == "skipped" or row.left_out:
            why = "skipped" if row.state == "skipped" else "what it hangs on was skipped"
            return Finding("accepted", row.id, row.source_id, row.label, None, {"why": why}, thing=kind)
        if row.theirs is not None and row.state in ("imported", "adopted"):
            fields = differences(kind, json.loads(row.request or "{}"), json.loads(row.theirs))
            if not fields:
                return None
            return Finding("drifted", row.id, row.source_id, row.label, row.target_id, fields, thing=kind)
        there = await self._confirm(kind, row) if row.state in ("imported", "adopted") else False
        if there:
            return None
        gone = {"why": f"{row.state}, not at the target"}
        return Finding("missing", row.id, row.source_id, row.label, None, gone, there is False, kind)

    async def _confirm(self, kind: Kind, row: Judged) -> bool | None:
        """Whether the target has it after all, under another id; None when too many were asked for."""
        if not self._may_ask:
            return None
        self._may_ask -= 1
        request: Mapping[str, Any] = json.loads(row.request or "{}")
        slug = str(request.get("slug", ""))
        match kind:
            case "organization":
                reply = await self._ask(lambda: self._target.organization_by_external_id(row.source_id))
            case "permission":
                reply = await self._ask(lambda: self._target.permission(slug))
            case "role":
                reply = await self._ask(lambda: self._target.role(row.organization, slug))
            case "membership" if row.user and row.organization:
                user, organization = row.user, row.organization
                reply = await self._ask(lambda: self._target.memberships_of(user, organization))
                return any(item.get("organization_id") == organization for item in _data(reply))
            case _:
                return False
        return reply.verdict == "ok"

    def _deleted(self, kinds: Sequence[Kind]) -> Iterator[Finding]:
        for kind, ident, source_id, label in resource_listing.deleted(self._scratch, kinds):
            why = {"why": "no longer at the source"}
            yield Finding("deleted", ident, source_id, label, None, why, thing=kind)

    async def _each(self, kind: Kind, call: Callable[[str], Awaitable[None]]) -> None:
        await side_by_side(resource_listing.parents(self._scratch, kind), LISTED_AT_ONCE, call)

    async def _pages(
        self, kind: Kind, call: Callable[[str | None], Awaitable[Reply]], listed: Callable[[int], None]
    ) -> None:
        after: str | None = None
        while True:
            await self._gate()
            reply = await self._ask(lambda after=after: call(after))  # type: ignore[misc]
            self._add(kind, _data(reply), listed)
            after = ((reply.data or {}).get("list_metadata") or {}).get("after")
            if not after or not _data(reply):
                return

    async def _roles(self, organization: str | None, listed: Callable[[int], None]) -> None:
        await self._gate()
        self._add("role", _data(await self._ask(lambda: self._target.list_roles(organization))), listed)

    async def _memberships(self, organization: str, listed: Callable[[int], None]) -> None:
        await self._pages(
            "membership", lambda after: self._target.list_memberships(organization, after), listed
        )

    async def _factors(self, user: str, listed: Callable[[int], None]) -> None:
        await self._gate()
        found = _data(await self._ask(lambda: self._target.factors_of(user)))
        self._add("factor", [item for item in found if item.get("type") == "totp"], listed)

    def _add(self, kind: Kind, items: Sequence[Mapping[str, Any]], listed: Callable[[int], None]) -> None:
        rows = [
            (
                str(item["id"]),
                item.get("external_id") or item.get("slug"),
                item.get("name") or item.get("user_id"),
                json.dumps(item),
            )
            for item in items
        ]
        resource_listing.add_target(self._scratch, kind, rows)
        listed(len(rows))

    async def _ask(self, call: Callable[[], Awaitable[Reply]]) -> Reply:
        return await patiently(call, self._wait)


def _data(reply: Reply) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (reply.data or {}).get("data", [])
    return found
