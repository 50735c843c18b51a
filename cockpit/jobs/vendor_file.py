"""A file that a vendor hands out, joined to the users by id first, then by e-mail and connection."""

import asyncio
import itertools
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from cockpit.clock import Clock
from cockpit.jobs import lint, lock
from cockpit.jobs.context import JobContext
from cockpit.passwords.entries import NotAPasswordFile
from cockpit.settings import Settings, SettingsError
from cockpit.sources import base
from cockpit.sources.base import Provider
from cockpit.state import meta
from cockpit.state.database import open_readonly
from cockpit.state.writer import Writer

CHUNK = 1000
BLOCK = 1 << 16

T = TypeVar("T")


class Named(Protocol):
    """An entry, by whose it is."""

    @property
    def user_id(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...
    @property
    def connection(self) -> str | None: ...


def load(
    state: Path,
    settings: Settings,
    file: Path,
    join: Callable[[JobContext], Awaitable[T]],
    *,
    operator: str,
    clock: Clock,
) -> T:
    """What `join` makes of a file, in a state where everything is mapped and nobody else lints meanwhile.

    Raises SettingsError for a file that can't be used; LockHeld while a lint runs, StateError.
    """
    open_readonly(state).close()
    if not file.is_file():
        raise SettingsError(f"{file}: no such file")
    with lock.held(state, "lint"):
        return asyncio.run(_load(state, settings, file, join, operator, clock))


async def _load(
    state: Path,
    settings: Settings,
    file: Path,
    join: Callable[[JobContext], Awaitable[T]],
    operator: str,
    clock: Clock,
) -> T:
    writer = Writer(state)
    await writer.open()
    try:
        context = JobContext(0, {}, operator, state, settings, clock, writer)
        await lint.lint_new(context)
        return await join(context)
    except NotAPasswordFile as error:
        raise SettingsError(f"{file}: {error}") from None
    finally:
        await writer.close()


async def provider(context: JobContext) -> Provider | None:
    """The provider that the state is bound to, None before there is one."""
    name = await context.writer.run(meta.provider)
    return base.find(name) if name else None


def blocks(file: Path) -> Iterator[bytes]:
    """A file piece by piece."""
    with file.open("rb") as content:
        while block := content.read(BLOCK):
            yield block


def chunks(entries: Iterator[T]) -> Iterator[list[T]]:
    """As many entries as are joined in one transaction."""
    while chunk := list(itertools.islice(entries, CHUNK)):
        yield chunk


def whose(connection: sqlite3.Connection, entry: Named) -> int | None:
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
