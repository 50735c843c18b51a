"""Consistent copies of a state and of the files beside it, while jobs, proxy and tank are at work."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from cockpit.state import files
from cockpit.state.database import STATE, FileKind, StateError, explain, open_readonly


def backup(state: Path, file: Path) -> dict[Path, int]:
    """Copy the state to `file`, and what lies beside it to files named after that; the bytes of each copy.

    Each is as of one moment of its own. Raises StateError.
    """
    sizes = {file: _copy(state, file, STATE)}
    for path, kind in files.beside(state):
        copy = file.with_name(f"{file.name.removesuffix('.db')}.{path.name}")
        sizes[copy] = _copy(path, copy, kind)
    return sizes


def _copy(original: Path, file: Path, kind: FileKind) -> int:
    """The size in bytes of the copy (0600), which appears under its name only when it is whole."""
    if file.exists() and file.samefile(original):
        raise StateError(f"{file} is the {kind.name} itself; name another file")
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    with closing(open_readonly(original, kind=kind)) as source:
        try:
            os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            with closing(sqlite3.connect(partial, isolation_level=None)) as copy:
                # In one step: a copy in parts starts over whenever a job commits in between.
                source.backup(copy)
                copy.execute("pragma journal_mode = delete")
            size = partial.stat().st_size
            partial.replace(file)
        except OSError as error:
            raise StateError(f"can't write {file}: {error.strerror}") from error
        except sqlite3.DatabaseError as error:
            raise explain(error, file) from error
        finally:
            partial.unlink(missing_ok=True)
    return size
