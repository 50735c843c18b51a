"""Sets and maps of a million entries in little memory: SQLite's own temporary file, gone when closed."""

import sqlite3
from collections.abc import Iterable
from types import TracebackType
from typing import Self


class Scratch:
    """Digests with a text each. Nothing is kept; the file has no name and holds no more than that."""

    def __init__(self) -> None:
        # From any thread, one at a time: whoever reads a file does so beside an event loop.
        self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._connection.execute("pragma journal_mode = off")
        self._connection.execute("create table known(digest blob primary key, text) without rowid")
        self._connection.execute("begin")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, digest: bytes, text: str = "") -> bool:
        """Put it in; False where it was there already. Where another text was, there is none any more."""
        before = self._connection.total_changes
        self._connection.execute("insert or ignore into known values(?, ?)", (digest, text))
        if self._connection.total_changes > before:
            return True
        self._connection.execute(
            "update known set text = null where digest = ? and text <> ?", (digest, text)
        )
        return False

    def add_all(self, digests: Iterable[bytes]) -> int:
        """Put them in; how many are new."""
        before = self._connection.total_changes
        self._connection.executemany("insert or ignore into known values(?, '')", ((one,) for one in digests))
        return self._connection.total_changes - before

    def __contains__(self, digest: bytes) -> bool:
        found = self._connection.execute("select 1 from known where digest = ?", (digest,))
        return found.fetchone() is not None

    def text(self, digest: bytes) -> str | None:
        """The text of a digest; None where it has several, or is not there."""
        row = self._connection.execute("select text from known where digest = ?", (digest,)).fetchone()
        return row[0] if row else None

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
