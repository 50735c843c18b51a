"""A CSV file read record by record, from any record on: a record's place is the byte it begins at."""

import csv
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

HEAD = 1 << 16
"""So many bytes of its beginning tell a file from another of the same size and time."""
LONGEST_LINE = 1 << 20


class NotATable(ValueError):
    """The file can't be read as CSV: what is wrong where, in one line, without its name."""


class Place(NamedTuple):
    """Where a record begins: its byte, and the number of its line (from 1)."""

    offset: int
    line: int


class Row(NamedTuple):
    """A record by its columns, empty cells left out; `after` is the next one's place.

    `problem` says why its cells can't be told apart.
    """

    line: int
    cells: Mapping[str, str]
    after: Place
    problem: str | None = None


class Table:
    """One file: UTF-8, a header, commas. `columns` renames columns of the file: its name -> ours."""

    def __init__(self, path: Path, columns: Mapping[str, str] | None = None) -> None:
        """Reads the header. Raises NotATable, OSError."""
        self.path = path
        self.stamp = stamp(path)
        with path.open("rb") as file:
            lines = _Lines(file, Place(0, 1))
            header = next(_records(lines), None)
        if header is None:
            raise NotATable("it has no header")
        self.header = tuple(name.strip() for name in header[1])
        renamed = columns or {}
        self.names = tuple(renamed.get(name, name) for name in self.header)
        if len(set(self.names)) < len(self.names):
            twice = next(name for name in self.names if self.names.count(name) > 1)
            raise NotATable(f"two columns named {twice!r}" if twice else "a column without a name")
        self._first = lines.place

    def rows(self, place: Place | None = None) -> Iterator[Row]:
        """Every record from a place on that an earlier Row named, else all. Raises NotATable, OSError."""
        with self.path.open("rb") as file:
            start = place or self._first
            file.seek(start.offset)
            lines = _Lines(file, start)
            for line, found in _records(lines):
                cells = {name: cell for name, cell in zip(self.names, found, strict=False) if cell}
                extra = any(found[len(self.names) :])
                problem = "it has more cells than there are columns" if extra else None
                yield Row(line, cells, lines.place, problem)

    def unchanged(self) -> bool:
        """Whether the file's size and time are still what they were. Raises OSError."""
        return _size_and_time(self.path) == self.stamp.rpartition("-")[0]


def stamp(path: Path) -> str:
    """What tells whether this is still the same file: its size, its time and a digest of its head."""
    with path.open("rb") as file:
        head = hashlib.blake2b(file.read(HEAD), digest_size=8).hexdigest()
    return f"{_size_and_time(path)}-{head}"


def _size_and_time(path: Path) -> str:
    found = path.stat()
    return f"{found.st_size}-{found.st_mtime_ns}"


class _Lines:
    """Lines as text; counts the bytes that were handed out."""

    def __init__(self, file: BinaryIO, place: Place) -> None:
        self._file, self.place = file, place

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        offset, line = self.place
        raw = self._file.readline(LONGEST_LINE)
        if not raw:
            raise StopIteration
        if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            raise NotATable(f"line {line} is longer than {LONGEST_LINE:,} bytes")
        self.place = Place(offset + len(raw), line + 1)
        try:
            return raw.decode("utf-8-sig" if offset == 0 else "utf-8")
        except UnicodeDecodeError:
            raise NotATable(f"line {line} is not UTF-8; save the file as UTF-8") from None


def _records(lines: _Lines) -> Iterator[tuple[int, list[str]]]:
    """(the number of its first line, cells) of each record; one of blank cells alone is none."""
    reader = csv.reader(lines, strict=True)
    while True:
        line = lines.place.line
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise NotATable(f"line {line}: {error}") from None
        if cells is None:
            return
        if any(map(str.strip, cells)):
            yield line, cells
