"""Export: pages of the source into the state, committed before they count. Nothing goes to the target."""

import sqlite3
from collections.abc import Sequence

from cockpit.jobs import memo, reading
from cockpit.jobs.context import JobContext, Result
from cockpit.jobs.reading import Reader
from cockpit.sources import base
from cockpit.sources.base import Source
from cockpit.state import exports, journal, meta
from cockpit.state.exports import Export
from cockpit.terms import Outcome, Page

WARNING = ".warning:"
"""What a source wants people to know of an export is remembered under keys that have this."""

SWEEPS = 3
"""So often the source is asked who came meanwhile; after that its total moves faster than it is read."""


async def run(context: JobContext) -> Result:
    """Read every chain from its last committed cursor to the end.

    Raises SourceError, SettingsError, BindingError; what was committed stays, the next run goes on there.
    """
    provider = base.find(context.args["source"])
    await context.writer.run(meta.bind_source, provider.identity(context.settings))
    export = await context.writer.run(exports.begin, context.now())
    context.progress.before, context.progress.total = export.read, export.total
    known = memo.StateMemo(context.writer, await context.writer.run(memo.facts))
    async with reading.opened(context, provider, known) as source:
        if (count := await source.count()) is not None:
            context.progress.total = count
        reader = _reader(context, source, provider.concurrency, export.id)
        await reader.read(await source.chains())
        outcome, missing = await _swept(context, source, reader, export)
    await context.writer.run(exports.complete, export.id, outcome, missing, context.now())
    warnings = [text for key, text in known.facts.items() if WARNING in key]
    for text in warnings:
        await context.notice(text, "warn")
    return await _finished(context, warnings)


async def _swept(
    context: JobContext, source: Source, reader: Reader, export: Export
) -> tuple[Outcome, int | None]:
    """Look for who came since the run began, until the provider's total rests at what was read."""
    since = export.started_at
    for _ in range(SWEEPS):
        before = await source.count()
        seen = await context.writer.run(exports.seen, export.id)
        began = context.now()
        await reader.read(await source.sweep(since, None if before is None else before - seen))
        after = await source.count()
        if before is None or after is None:
            return "unverified", None
        missing = after - await context.writer.run(exports.seen, export.id)
        if before == after and not missing:
            return "complete", 0
        since = began
    return "open", missing


def _reader(context: JobContext, source: Source, concurrency: int, export: int) -> Reader:
    """Commits pages as they come, each chain from where its last committed page says."""

    async def position(chain: str) -> tuple[bool, str | None]:
        return await context.writer.run(exports.position, export, chain)

    async def commit(page: Page) -> None:
        batch_size = context.settings.imports.batch_size
        await context.writer.run(exports.commit_page, export, page, batch_size, context.now())
        context.progress.done += len(page.items)
        if page.total is not None:
            context.progress.total = page.total

    return Reader(context, source, concurrency, "reading", commit, position)


async def _finished(context: JobContext, warnings: Sequence[str]) -> Result:
    def numbers(connection: sqlite3.Connection) -> dict[str, int]:
        read, merged, held = exports.records(connection)
        users = sum(journal.counts(connection, journal.USER).values())
        return {"users": users, "read": read, "merged": merged, "held": held}

    counted = await context.writer.run(numbers)
    message = (
        f"{counted['users']} users exported ({counted['read']} records read, {counted['merged']} merged, "
        f"{counted['held']} held back)"
    )
    hint = "next: cockpit users lint, then cockpit users import"
    return Result(0, message, "\n".join([*(f"warning: {text}" for text in warnings), hint]), counted)
