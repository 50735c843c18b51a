"""passwords load: join a vendor's file of hashes to the users, by id first, then e-mail and connection."""

import asyncio
import itertools
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cockpit.clock import Clock, millis
from cockpit.jobs import lint, lock
from cockpit.jobs.context import JobContext
from cockpit.passwords.entries import BadLine, Entry, NotAPasswordFile
from cockpit.settings import Settings, SettingsError
from cockpit.sources import base
from cockpit.state import audit, meta, users
from cockpit.state.database import open_readonly
from cockpit.state.writer import Writer

CHUNK = 1000
BLOCK = 1 << 16
TOO_LATE = "hash of a user whom the target has already, without it"


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


def load(state: Path, settings: Settings, file: Path, *, operator: str, clock: Clock) -> LoadReport:
    """Join a hash file to the users; what is not mapped yet is mapped first.

    Raises SettingsError for a file that can't be used, or a source that has none;
    LockHeld while a lint runs, StateError.
    """
    open_readonly(state).close()
    if not file.is_file():
        raise SettingsError(f"{file}: no such file")
    with lock.held(state, "lint"):
        return asyncio.run(_load(state, settings, file, operator, clock))


async def _load(state: Path, settings: Settings, file: Path, operator: str, clock: Clock) -> LoadReport:
    writer = Writer(state)
    await writer.open()
    report = LoadReport()
    try:
        context = JobContext(0, {}, operator, state, settings, clock, writer)
        await lint.lint_new(context)
        entries = (await writer.run(_reader))(_blocks(file), settings.passwords)
        while chunk := list(itertools.islice(entries, CHUNK)):
            await writer.run(_join, chunk, file.name, report)
        report.unmatched_users = await writer.run(_without)
        await writer.run(
            audit.record,
            operator,
            "passwords.load",
            file.name,
            millis(clock.now()),
            after=f"{report.matched} matched, {report.unmatched_file} unmatched",
        )
    except NotAPasswordFile as error:
        raise SettingsError(f"{file}: {error}") from None
    finally:
        await writer.close()
    return report


def _reader(connection: sqlite3.Connection) -> Callable[..., Iterator[Entry | BadLine]]:
    name = meta.provider(connection)
    provider = base.find(name) if name else None
    if provider is None or provider.hash_file is None:
        title = provider.title if provider else "no source yet"
        raise SettingsError(f"no file of hashes is known for this state's source ({title})")
    return provider.hash_file


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while block := content.read(BLOCK):
            yield block


def _without(connection: sqlite3.Connection) -> int:
    return sum(n for _, n in users.without_hash(connection))


def _join(
    connection: sqlite3.Connection, chunk: Sequence[Entry | BadLine], origin: str, report: LoadReport
) -> None:
    for entry in chunk:
        if isinstance(entry, BadLine):
            report.refused[entry.reason] += 1
        elif (user := _whose(connection, entry)) is None:
            report.unmatched_file += 1
        elif entry.problem is not None:
            report.refused[entry.problem] += 1
            users.refuse_password(connection, user, entry.problem)
        else:
            replaced = users.has_password(connection, user)
            if users.load_password(connection, user, entry.type, entry.hash, origin):
                report.matched += 1
                report.replaced += replaced
            else:
                report.refused[TOO_LATE] += 1


def _whose(connection: sqlite3.Connection, entry: Entry) -> int | None:
    """The one user an entry belongs to. An e-mail counts only within its connection: it may live in two.

    Where neither the file nor the user names a connection, that is one as well.
    """
    if entry.user_id is not None:
        row = connection.execute("select id from raw where source_id = ?", (entry.user_id,)).fetchone()
        if row is not None:
            return int(row[0])
    rows = connection.execute(
        "select id from users where email_key = ? and connection is ?", (entry.email, entry.connection)
    ).fetchall()
    return int(rows[0][0]) if len(rows) == 1 else None
