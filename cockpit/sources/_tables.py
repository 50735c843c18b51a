"""Reading CSV files as a source: each file a chain, its cursor the byte at which a record begins."""

import asyncio
import itertools
import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cockpit.package.identities import digest
from cockpit.package.scratch import Scratch
from cockpit.package.table import NotATable, Place, Row, Table
from cockpit.sources.base import Memo, SourceError
from cockpit.terms import Page, RawItem
from cockpit.transport import Note, quiet

LIMIT = 1000
SECRET_COLUMN = "password"

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

Item = Callable[[Row], RawItem | None]
"""What a record is: an item, or nothing that is wanted from this file."""


@dataclass(frozen=True)
class Chain:
    """A file to read, what its columns are called here, and what becomes of its records."""

    path: Path
    item: Item
    columns: Mapping[str, str] = field(default_factory=dict)


class TableSource:
    """Files with records of one kind. Nothing is ever written to them.

    `key` is what the number of records is remembered under; `close` is called at the end.
    """

    def __init__(
        self, name: str, key: str, chains: Mapping[str, Chain], memo: Memo, close: Callable[[], None]
    ) -> None:
        self.note: Note = quiet
        self._name, self._key, self._chains, self._memo = name, f"{name}.{key}", chains, memo
        self._close = close

    async def chains(self) -> Sequence[str]:
        """The files."""
        return list(self._chains)

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 1,000 records. Refused where the file is not the one that the cursor was taken in."""
        table = self._table(chain)
        place = _place(cursor, table, self._told(chain)) if cursor else None
        rows = self._rows(chain, table, place)
        asked = cursor or ""
        while True:
            block, items = await asyncio.to_thread(self._block, chain, rows)
            if not table.unchanged():
                raise SourceError(
                    f"{self._told(chain)} changed while it was read; put the former one back, or begin "
                    "again in another state with --state"
                )
            following = _cursor(block[-1].after, table) if len(block) == LIMIT else None
            yield Page(chain, asked, following, items, sum(len(item.body) for item in items))
            if following is None:
                return
            asked = following

    async def count(self) -> int:
        """Records that differ in whose they are, each once; remembered as long as the files are the same."""
        tables = {chain: self._table(chain) for chain in self._chains}
        stamps = " ".join(table.stamp for table in tables.values())
        known, _, counted = (self._memo.get(self._key) or "").rpartition(":")
        if counted and known == stamps:
            return int(counted)
        self.note("counting the records of the files")
        count = await asyncio.to_thread(self._count, tables)
        self.note(None)
        await self._memo.put(self._key, f"{stamps}:{count}")
        return count

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """None: nobody signs up in a file."""
        return []

    async def close(self) -> None:
        """Let go of what was made to read them."""
        self._close()

    def _count(self, tables: Mapping[str, Table]) -> int:
        nameless = 0
        with Scratch() as seen:
            distinct = 0
            for chain, table in tables.items():
                rows = self._rows(chain, table)
                block, items = self._block(chain, rows)
                while block:
                    nameless += sum(not item.id for item in items)
                    distinct += seen.add_all(digest(item.part or item.id) for item in items if item.id)
                    block, items = self._block(chain, rows)
        return distinct + nameless

    def _block(self, chain: str, rows: Iterator[Row]) -> tuple[list[Row], list[RawItem]]:
        """The next rows, and what they are; in a thread, since a file may be long."""
        block = list(itertools.islice(rows, LIMIT))
        return block, [item for row in block if (item := self._chains[chain].item(row)) is not None]

    def _table(self, chain: str) -> Table:
        found = self._chains[chain]
        with_name = self._told(chain)
        try:
            return Table(found.path, found.columns)
        except NotATable as error:
            raise SourceError(f"{with_name}: {error}") from None
        except OSError as error:
            raise SourceError(f"{with_name}: {error.strerror}") from None

    def _rows(self, chain: str, table: Table, place: Place | None = None) -> Iterator[Row]:
        """Rows of a table; what is wrong with it is said with its name."""
        name = self._told(chain)
        try:
            yield from table.rows(place)
        except NotATable as error:
            raise SourceError(
                f"{name}: {error}; correct it, then begin again in another state with --state"
            ) from None
        except OSError as error:
            raise SourceError(f"{name}: {error.strerror}; the same command resumes") from None

    def _told(self, chain: str) -> str:
        return f"{self._name}: {self._chains[chain].path}"


def body(cells: Mapping[str, str]) -> str:
    """A record as JSON. A password in clear text is not kept: only that there was one."""
    known = {name: True if name == SECRET_COLUMN else cell for name, cell in cells.items()}
    return _ENCODER.encode(known)


def nameless(row: Row, why: str) -> RawItem:
    """A record that is held back, since it can't be told whose it is."""
    return RawItem("", json.dumps({"line": row.line, "problem": why, "record": json.loads(body(row.cells))}))


def _cursor(place: Place, table: Table) -> str:
    return f"{place.offset} {place.line} {table.stamp}"


def _place(cursor: str, table: Table, name: str) -> Place:
    offset, line, stamp = cursor.split(" ")
    if stamp != table.stamp:
        raise SourceError(
            f"{name} is not the file any more that was read as far as line {line}; put that one back, or "
            "begin again in another state with --state"
        )
    return Place(int(offset), int(line))
