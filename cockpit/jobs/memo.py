"""What a source remembers across runs, kept in the state under its own prefix."""

import sqlite3

from cockpit.state import meta
from cockpit.state.writer import Writer

PREFIX = "memo."


class StateMemo:
    """The Memo of sources/base.py over the meta table."""

    def __init__(self, writer: Writer, facts: dict[str, str]) -> None:
        self._writer, self.facts = writer, facts

    def get(self, key: str) -> str | None:
        return self.facts.get(key)

    async def put(self, key: str, value: str | None, *, secret: bool = False) -> None:
        await self._writer.run(meta.put, PREFIX + key, value, secret=secret)
        if value is None:
            self.facts.pop(key, None)
        else:
            self.facts[key] = value


def facts(connection: sqlite3.Connection) -> dict[str, str]:
    """Everything remembered, by its key without the prefix."""
    found = meta.facts(connection, PREFIX)
    return {key.removeprefix(PREFIX): value for key, value in found.items()}


class Detached:
    """A memo for reading only: what a second look at the source learns is forgotten with it."""

    def __init__(self, known: dict[str, str]) -> None:
        self._known = {key: value for key, value in known.items() if not key.endswith(".job")}

    def get(self, key: str) -> str | None:
        return self._known.get(key)

    async def put(self, key: str, value: str | None, *, secret: bool = False) -> None:
        if value is None:
            self._known.pop(key, None)
        else:
            self._known[key] = value
