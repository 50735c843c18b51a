"""The folder of a package while it is written: it appears under its name when it is whole, or not at all."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from cockpit.package import PackageError, cells


class Sheet:
    """A CSV file that is being written."""

    def __init__(self, file: TextIO, columns: Sequence[str]) -> None:
        self._file, self.columns = file, columns
        self.rows = 0
        file.write(",".join(columns) + "\n")

    def line(self, row: Mapping[str, str]) -> str:
        """The row as a line. Raises UnsafeCell."""
        return cells.written(self.columns, row)

    def put(self, line: str) -> None:
        """Write a line that `line` made."""
        self._file.write(line)
        self.rows += 1

    def add(self, row: Mapping[str, str]) -> None:
        """Both. Raises UnsafeCell."""
        self.put(self.line(row))


class Journal:
    """A JSON Lines file that is being written."""

    def __init__(self, file: TextIO) -> None:
        self._file, self.rows = file, 0

    def add(self, record: Mapping[str, Any]) -> None:
        """One line."""
        self._file.write(json.dumps(record) + "\n")
        self.rows += 1


class Folder:
    """Files of a package, each readable by its owner alone: they hold people's data, hashes and secrets."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files: list[TextIO] = []

    def open(self, name: str) -> TextIO:
        """A new file at that path inside."""
        path = self._path / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        # What can't be encoded is half a character, which no reader could take either.
        file = os.fdopen(fd, "w", encoding="utf-8", errors="replace", newline="")
        self._files.append(file)
        return file

    def close(self) -> None:
        """Everything to the disk."""
        for file in self._files:
            file.flush()
            os.fsync(file.fileno())
            file.close()

    def abandon(self) -> None:
        """Close what is open, whatever becomes of it."""
        for file in self._files:
            with suppress(OSError):
                file.close()


@contextmanager
def written(path: Path) -> Iterator[Folder]:
    """A folder to write into, which gets its name at the end.

    What a run that was killed left behind goes first. Raises PackageError where something is there already,
    or the disk fails.
    """
    path = path.absolute()
    if path.is_symlink() or (path.exists() and not (path.is_dir() and not any(path.iterdir()))):
        raise PackageError(f"{path} is there already, and not an empty folder; name another one")
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        folder = Folder(partial)
        try:
            yield folder
            folder.close()
            partial.rename(path)
        except BaseException:
            folder.abandon()
            shutil.rmtree(partial, ignore_errors=True)
            raise
    except OSError as error:
        raise PackageError(f"{error.filename or path}: {error.strerror}; nothing was written") from None
