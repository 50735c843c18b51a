"""The source's side of a diff: every record again, held against what was exported."""

import json
import sqlite3
from collections.abc import Sequence

from cockpit.jobs import compare, lint, lint_resources, memo, reading
from cockpit.jobs.context import JobContext
from cockpit.jobs.diff_resources import ResourceDiff
from cockpit.jobs.lint import SourceMapping
from cockpit.jobs.reading import Reader
from cockpit.sources import base
from cockpit.sources.base import Opener
from cockpit.state import diffs, listing, meta, overlays
from cockpit.state.diffs import Finding
from cockpit.state.journal import USER
from cockpit.terms import KINDS, Kind, Page, RawItem


class SourceListing:
    """One listing of everything that was exported; findings go into the diff as they are made."""

    def __init__(
        self, context: JobContext, scratch: sqlite3.Connection, others: ResourceDiff, diff: int
    ) -> None:
        self._context, self._scratch, self._others, self._diff = context, scratch, others, diff
        self._roles = context.settings.mapping.roles
        self.kinds: Sequence[Kind] = ()
        """The kinds beside users that the source was listed for."""

    async def read(self) -> int:
        """List users and every kind that moves; returns how many users. Raises SourceError, SettingsError."""
        context = self._context
        context.progress.reason = "listing the source"
        name = await context.writer.run(meta.provider)
        assert name is not None
        provider = base.find(name)
        await context.writer.run(meta.bind_source, provider.identity(context.settings))
        mapping = await lint.mapping_of(context)
        known = memo.Detached(await context.writer.run(memo.facts))
        inside = provider.tenancy.inside if provider.tenancy is not None else frozenset()
        paged = [kind for kind in KINDS if kind in provider.openers and kind in self._others.kinds]
        self.kinds = [*paged, *inside]
        listed = await self._list_kind("user", provider.open, provider.concurrency, known, mapping)
        for kind in paged:
            await self._list_kind(kind, provider.openers[kind], provider.concurrency, known, mapping)
        return listed

    async def _list_kind(
        self, kind: Kind, opener: Opener, concurrency: int, known: memo.Detached, mapping: SourceMapping
    ) -> int:
        context, listed = self._context, 0

        async def judge(page: Page) -> None:
            nonlocal listed
            found = [
                finding
                for item in page.items
                if item.id
                for finding in (
                    self._judge_user(item, mapping) if kind == "user" else self._judge(kind, item, mapping)
                )
            ]
            if found:
                await context.writer.run(diffs.add, self._diff, found)
            listed += len(page.items)
            context.progress.done += len(page.items)

        async with reading.opened(context, opener, known) as source:
            reader = Reader(context, source, concurrency, "listing the source", judge)
            await reader.read(await source.chains())
        return listed

    def _judge(self, kind: Kind, item: RawItem, mapping: SourceMapping) -> list[Finding]:
        patch = overlays.by_source_id(self._scratch, kind, item.id)
        try:
            made = lint_resources.mapped(kind, item.body, mapping.mappers, self._roles, patch)
        except ValueError:
            return []  # lint has said so
        finding = self._others.see_source(kind, item.id, made)
        return [] if finding is None else [finding]

    def _judge_user(self, item: RawItem, mapping: SourceMapping) -> list[Finding]:
        known = listing.see_source(self._scratch, item.id)
        before = known[1] if known else "{}"
        body = _whole(before, item) if item.part else item.body
        told = self._judge_told(known[0], body, mapping) if known else []
        finding = self._judge_change(item.id, known, before, body, mapping)
        return told if finding is None else [finding, *told]

    def _judge_change(
        self,
        source_id: str,
        known: tuple[int, str, str | None, str] | None,
        before: str,
        body: str,
        mapping: SourceMapping,
    ) -> Finding | None:
        if known is None:
            why = {"why": "new at the source since the export"}
            return Finding("missing", None, source_id, _email(body, mapping), None, why)
        subject, _, request, state = known
        if before == body or request is None or state == "skipped":
            return None
        try:
            patch = overlays.of(self._scratch, USER, subject)
            now = lint.mapped_user(json.loads(body), mapping, patch).request()
        except ValueError:
            return Finding("changed", subject, source_id, None, None, {"why": "can't be mapped any more"})
        fields = compare.differences(json.loads(request), now)
        return Finding("changed", subject, source_id, now["email"], None, fields) if fields else None

    def _judge_told(self, subject: int, body: str, mapping: SourceMapping) -> list[Finding]:
        """The memberships and factors in a user's record."""
        if mapping.mappers.of_user is None:
            return []
        try:
            tells = list(mapping.mappers.of_user(json.loads(body)))
        except ValueError:
            return []
        found = []
        for told in lint_resources.of_user(subject, tells, self._roles):
            item = lint_resources.laid_over(self._scratch, told).derived
            if (finding := self._others.see_source(item.kind, item.source_id, item.mapped)) is not None:
                found.append(finding)
        return found


def _whole(before: str, item: RawItem) -> str:
    """A person's records as one object, with this one as it is now; `before` itself when it is as it was."""
    parts, now = json.loads(before), json.loads(item.body)
    return before if parts.get(item.part) == now else json.dumps({**parts, item.part: now})


def _email(body: str, mapping: SourceMapping) -> str | None:
    try:
        return mapping.user(json.loads(body)).email
    except ValueError:
        return None
