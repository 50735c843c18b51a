"""passwords load: join a vendor's file of hashes to the users."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cockpit.clock import Clock
from cockpit.jobs import vendor_file
from cockpit.jobs.context import JobContext
from cockpit.passwords.entries import BadLine, Entry
from cockpit.settings import Settings, SettingsError
from cockpit.state import audit, users

TOO_LATE = "hash of a user whom the target has already, without it"
SLACK_MS = 60_000
"""So far apart a vendor may note one change of a password in two places."""


@dataclass
class LoadReport:
    """How a file was joined. `matched` users carry their password now, `replaced` of them did before.

    `unmatched_file` entries belong to nobody here, `unmatched_users` still lack their hash; `refused`
    counts hashes that the target would not take and lines that are no entries, by reason.
    """

    matched: int = 0
    replaced: int = 0
    unmatched_file: int = 0
    unmatched_users: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def load(
    state: Path, settings: Settings, file: Path, *, operator: str, clock: Clock, dated: int | None = None
) -> LoadReport:
    """Join a hash file to the users; what is not mapped yet is mapped first.

    `dated` (ms): when the file was made, unless its entries say more; the file's own time where it is None.
    A hash is refused when the user changed the password since. Raises as vendor_file.load does, and
    SettingsError for a source that has no such file.
    """

    async def join(context: JobContext) -> LoadReport:
        provider = await vendor_file.provider(context)
        if provider is None or provider.hash_file is None:
            title = provider.title if provider else "no source yet"
            raise SettingsError(f"no file of hashes is known for this state's source ({title})")
        report = LoadReport()
        made = int(file.stat().st_mtime * 1000) if dated is None else dated
        entries = provider.hash_file(vendor_file.blocks(file), settings.passwords)
        for chunk in vendor_file.chunks(entries):
            await context.writer.run(_join, chunk, file.name, made, report)
        report.unmatched_users = await context.writer.run(_without)
        done = f"{report.matched} matched, {report.unmatched_file} unmatched"
        await context.writer.run(
            audit.record, operator, "passwords.load", file.name, context.now(), after=done
        )
        return report

    return vendor_file.load(state, settings, file, join, operator=operator, clock=clock)


def _without(connection: sqlite3.Connection) -> int:
    return sum(n for _, n in users.without_hash(connection))


def _join(
    connection: sqlite3.Connection,
    chunk: Sequence[Entry | BadLine],
    origin: str,
    made: int,
    report: LoadReport,
) -> None:
    for entry in chunk:
        if isinstance(entry, BadLine):
            report.refused[entry.reason] += 1
            continue
        user = vendor_file.whose(connection, entry)
        dated = made if entry.dated is None else entry.dated + SLACK_MS
        if user is None:
            report.unmatched_file += 1
        elif (problem := entry.problem or _stale(connection, user, dated)) is not None:
            report.refused[problem] += 1
            users.refuse_password(connection, user, problem)
        else:
            replaced = users.has_password(connection, user)
            if users.load_password(connection, user, entry.type, entry.hash, origin, dated=dated):
                report.matched += 1
                report.replaced += replaced
            else:
                report.refused[TOO_LATE] += 1


def _stale(connection: sqlite3.Connection, user: int, dated: int) -> str | None:
    return users.STALE if users.changed_since(connection, user, dated) else None
