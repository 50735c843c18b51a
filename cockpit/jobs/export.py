"""Export: pages of the source into the state, committed before they count. Nothing goes to the target."""

import sqlite3
from collections.abc import Sequence

from cockpit.jobs import memo, reading
from cockpit.jobs.context import JobContext, Result
from cockpit.jobs.reading import Reader
from cockpit.sources import base
from cockpit.sources.base import Opener, Source
from cockpit.state import connections, exports, journal, meta
from cockpit.state.exports import Export
from cockpit.terms import KINDS, PLURALS, READABLE, Outcome, Page, Readable

WARNING = ".warning:"
"""What a source wants people to know of an export is remembered under keys that have this."""

SWEEPS = 3
"""So often the source is asked who came meanwhile; after that its total moves faster than it is read."""


async def run(context: JobContext) -> Result:
    """Read every chain of every kind from its last committed cursor to the end.

    `args`: "source", and "kinds" (whatever the provider pages and an import sends, unless some are named).
    Raises SourceError, SettingsError, BindingError; what was committed stays, the next run goes on there.
    """
    provider = base.find(context.args["source"])
    await context.writer.run(meta.bind_source, provider.identity(context.settings))
    known = memo.StateMemo(context.writer, await context.writer.run(memo.facts))
    openers = provider.readable
    wanted = context.args.get("kinds") or KINDS
    kinds = [kind for kind in READABLE if kind in openers and kind in wanted]
    for kind in kinds:
        await _export(context, kind, openers[kind], provider.concurrency, known)
    warnings = [text for key, text in known.facts.items() if WARNING in key]
    for text in warnings:
        await context.notice(text, "warn")
    return await _finished(context, kinds, warnings)


async def _export(
    context: JobContext, kind: Readable, opener: Opener, concurrency: int, known: memo.StateMemo
) -> None:
    progress = context.progress
    export = await context.writer.run(exports.begin, context.now(), kind)
    progress.done, progress.before, progress.total = 0, export.read, export.total
    async with reading.opened(context, opener, known) as source:
        if (count := await source.count()) is not None:
            progress.total = count
        doing = "reading" if kind == "user" else f"reading {PLURALS[kind]}"
        reader = _reader(context, source, concurrency, export.id, doing)
        await reader.read(await source.chains())
        outcome, missing = await _swept(context, source, reader, export)
    await context.writer.run(exports.complete, export.id, outcome, missing, context.now())


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


def _reader(context: JobContext, source: Source, concurrency: int, export: int, doing: str) -> Reader:
    """Commits pages as they come, each chain from where its last committed page says."""

    async def position(chain: str) -> tuple[bool, str | None]:
        return await context.writer.run(exports.position, export, chain)

    async def commit(page: Page) -> None:
        batch_size = context.settings.imports.batch_size
        await context.writer.run(exports.commit_page, export, page, batch_size, context.now())
        context.progress.done += len(page.items)
        if page.total is not None:
            context.progress.total = page.total

    return Reader(context, source, concurrency, doing, commit, position)


async def _finished(context: JobContext, kinds: Sequence[Readable], warnings: Sequence[str]) -> Result:
    def numbers(connection: sqlite3.Connection) -> dict[str, int]:
        read, merged, held = exports.records(connection)
        counted = {PLURALS[kind]: _total(connection, kind) for kind in kinds}
        return {**counted, "read": read, "merged": merged, "held": held}

    counted = await context.writer.run(numbers)
    told = []
    for kind in kinds:
        said = f"{counted[PLURALS[kind]]} {PLURALS[kind]} exported"
        if kind == "user":
            read, merged, held = (counted[name] for name in ("read", "merged", "held"))
            said += f" ({read} records read, {merged} merged, {held} held back)"
        told.append(said)
    hint = "next: cockpit users lint, then cockpit users import"
    if kinds == ["connection"]:
        hint = "next: cockpit connections check"
    lines = [*(f"warning: {text}" for text in warnings), hint]
    return Result(0, "; ".join(told), "\n".join(lines), counted)


def _total(connection: sqlite3.Connection, kind: Readable) -> int:
    if kind == "connection":
        return connections.total(connection)
    return sum(journal.counts(connection, kind).values())
