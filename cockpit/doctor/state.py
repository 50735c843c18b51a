"""The state: where it lies, whether it is whole, who may read it, and whether the disk has room for it."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from cockpit.findings import Finding, fail, ok, told, warn
from cockpit.state import preflight
from cockpit.state.database import OlderSchema, StateError, filesystem, locks_hold, open_readonly
from cockpit.state.preflight import Preflight

SAFE_SQLITE = (3, 51, 3)
"""Up to 3.51.2 checkpoints that overlap a commit may lose it (sqlite.org/wal.html)."""
USER_BYTES = 4096
"""A user in a state, after export, import and diff: 1.7 kB of the sandbox's, whose records are small."""
BESIDE_BYTES = 256 << 20
"""The write-ahead log, which is cut at 64 MB, and what SQLite sorts."""


def examine(state: Path) -> tuple[list[Finding], Preflight | None]:
    """Every check but that of the disk; and what the state says, where there is one."""
    findings = [*_place(state), *sqlite(sqlite3.sqlite_version_info)]
    if not state.exists():
        return [*findings, ok("state", f"none at {state} yet; the first export makes it")], None
    findings += _permissions(state)
    try:
        with closing(open_readonly(state)) as connection:
            known = preflight.read(connection)
    except OlderSchema as error:
        step = "nothing: any command that writes brings it up to date; then run this again"
        return [
            *findings,
            warn("integrity", str(error).partition(";")[0], "it was not looked into", step),
        ], None
    except (StateError, sqlite3.DatabaseError) as error:
        return [*findings, told("integrity", str(error), "no command can use it as it is")], None
    if known.damage:
        what = f"{state} is damaged: {'; '.join(known.damage[:2])}"
        step = "keep a copy of it, and restore one made with: cockpit state backup FILE"
        return [*findings, fail("integrity", what, "what was done may not be known any more", step)], known
    return [*findings, ok("integrity", f"{state} is whole; its sums: cockpit state check")], known


def _place(state: Path) -> list[Finding]:
    folder = _folder(state)
    kind = filesystem(folder)
    if not locks_hold(kind):
        why = "SQLite's locks don't hold there, so that two jobs could overwrite each other"
        return [fail("filesystem", f"{folder} is on {kind}", why, "name a file on a local disk with --state")]
    if not os.access(folder, os.W_OK | os.X_OK):
        step = "change its permissions, or name another file with --state"
        return [fail("filesystem", f"{folder} can't be written to", "the state lies there", step)]
    return [ok("filesystem", f"{folder} is on {kind or 'a file system of unknown type'}, writable")]


def _folder(state: Path) -> Path:
    """The state's folder, or what is there of the path to it."""
    folder = state.resolve().parent
    return next(place for place in (folder, *folder.parents) if place.exists())


def sqlite(version: tuple[int, ...]) -> list[Finding]:
    """The library beside the first one without the write-ahead log's fault."""
    told = ".".join(map(str, version))
    if version >= SAFE_SQLITE:
        return [ok("sqlite", f"SQLite {told}")]
    why = "up to 3.51.2 a commit may be lost where two write the log back at once; cockpit leaves that to one"
    return [warn("sqlite", f"SQLite {told}", why, "use a Python whose SQLite is 3.51.3 or newer")]


def _permissions(state: Path) -> list[Finding]:
    files = [state, *(state.with_name(state.name + part) for part in ("-wal", "-shm"))]
    loose = [file for file in files if file.exists() and file.stat().st_mode & 0o077]
    if not os.access(state, os.R_OK | os.W_OK):
        step = "run cockpit as its owner, or change the owner"
        return [fail("permissions", f"{state} can't be written to by you", "jobs write to it", step)]
    if loose:
        what = ", ".join(f"{file.name} is {file.stat().st_mode & 0o777:04o}" for file in loose)
        step = f"chmod 600 {' '.join(str(file) for file in loose)}"
        return [fail("permissions", what, "others on this machine can read the password hashes", step)]
    return [ok("permissions", f"{state} is readable by you alone")]


def disk(state: Path, users: int | None) -> Finding:
    """Room for the state of so many users, beside what lies there already."""
    folder = _folder(state)
    free = shutil.disk_usage(folder).free
    there = state.stat().st_size if state.exists() else 0
    return room(free, needed(users, there), users, folder)


def needed(users: int | None, there: int) -> int:
    """Bytes for so many users, less those that the state has already."""
    return max(0, (users or 0) * USER_BYTES - there) + BESIDE_BYTES


def room(free: int, wanted: int, users: int | None, folder: Path) -> Finding:
    """Bytes that are free beside those that are needed; twice of them, for a backup."""
    each = f"a state takes {size(wanted)}, and {USER_BYTES >> 10} kB for each user (how many is not known)"
    takes = f"{users:,} users may take {size(wanted)} more" if users else each
    what = f"{size(free)} free in {folder}; {takes}"
    step = "free some space, or name a file on another disk with --state"
    if free < wanted:
        return fail("disk", what, "a job stops when the disk is full", step)
    if free < 2 * wanted:
        return warn("disk", what, "there is no room for a backup beside it", step)
    return ok("disk", what)


def size(count: int) -> str:
    """Bytes for a person."""
    return f"{count / (1 << 30):,.1f} GB" if count >= 1 << 30 else f"{count / (1 << 20):,.0f} MB"
