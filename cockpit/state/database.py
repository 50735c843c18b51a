"""Opening a state file: checks, pragmas, schema. Nothing but SQLite ever touches the file."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from cockpit.state import filelock

APPLICATION_ID = 0x636B7074
"""PRAGMA application_id of a cockpit state file: "ckpt"."""
SCHEMA_VERSION = 11
"""PRAGMA user_version that this program writes; a higher one comes from a newer program."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of database file: what is stamped on it, who may read it, how to get one.

    `schema` is the module whose `apply(connection)` brings a file to `version`; it is imported only for a
    file that is behind (sqlite-utils takes 80 ms). `mode` are the permissions a new file gets, `page` the
    bytes of its pages.
    """

    name: str
    application_id: int
    version: int
    schema: str
    start: str
    mode: int = 0o600
    page: int = 4096


STATE = FileKind(
    "state",
    APPLICATION_ID,
    SCHEMA_VERSION,
    "cockpit.state.schema",
    "start with: cockpit users export --source NAME",
)

BUSY_TIMEOUT_MS = 5000
MOUNTS = Path("/proc/self/mounts")
_NETWORK_FILESYSTEMS = {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "9p", "fuse", "fuseblk"}


class StateError(Exception):
    """The state file can't be used; one line that says what is wrong and what to do."""


class OlderSchema(StateError):
    """The file is well, and of an older cockpit; opening it for writing brings it up to date."""


def open_state(
    path: Path, *, create: bool = False, kind: FileKind = STATE, busy_ms: int = BUSY_TIMEOUT_MS
) -> sqlite3.Connection:
    """A connection for reading and writing, in autocommit; the caller begins transactions.

    `busy_ms`: how long a statement waits for a lock, from the opening on.

    Raises StateError for a file that is missing (unless `create`), of another kind, damaged, of a newer
    cockpit, or on a network file system.
    """
    if not path.exists() and not create:
        raise StateError(f"no {kind.name} at {path}; {kind.start}")
    _refuse_network_filesystem(path)
    if not path.exists():
        _create(path, kind)
    with _explained(path):
        connection = _connect(f"{path.resolve().as_uri()}?mode=rw", busy_ms)
        try:
            if _checked_version(connection, path, kind) < kind.version:
                _migrate(connection, path, kind)
        except BaseException:
            connection.close()
            raise
    return connection


def open_readonly(path: Path, *, kind: FileKind = STATE) -> sqlite3.Connection:
    """A connection that can't write, for faces that only look. Raises StateError like `open_state`."""
    if not path.exists():
        raise StateError(f"no {kind.name} at {path}; {kind.start}")
    with _explained(path):
        connection = _connect(f"{path.resolve().as_uri()}?mode=ro", BUSY_TIMEOUT_MS)
        connection.execute("pragma query_only = on")
        try:
            if _checked_version(connection, path, kind) < kind.version:
                raise OlderSchema(f"{path} has an older schema; any command that writes brings it up to date")
        except BaseException:
            connection.close()
            raise
    return connection


def _create(path: Path, kind: FileKind) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(kind.mode)
    except OSError as error:
        raise StateError(f"{path} can't be made: {error.strerror}; name another file with --state") from None


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """BEGIN IMMEDIATE ... COMMIT, rolled back when the body raises.

    Immediate, because a deferred transaction that reads first fails at once with BUSY_SNAPSHOT when
    another process wrote meanwhile, whatever the time-out.
    """
    connection.execute("begin immediate")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


def _connect(uri: str, busy_ms: int) -> sqlite3.Connection:
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, timeout=busy_ms / 1000, check_same_thread=False
    )
    connection.execute("pragma synchronous = full")
    connection.execute("pragma wal_autocheckpoint = 0")
    connection.execute("pragma temp_store = memory")
    return connection


_STAMPS = """
select user_version, application_id, not exists (select 1 from sqlite_schema)
from pragma_user_version, pragma_application_id"""
"""In one statement: another process may be making the tables just now."""


def _checked_version(connection: sqlite3.Connection, path: Path, kind: FileKind) -> int:
    version: int
    version, application, empty = connection.execute(_STAMPS).fetchone()
    if application != kind.application_id and not (empty and application == version == 0):
        raise StateError(f"{path} is a database of another program; name another file with --state")
    if version > kind.version:
        raise StateError(
            f"{path} was written by a newer cockpit (schema {version}, this one knows {kind.version}); "
            f"upgrade cockpit"
        )
    return version


def _migrate(connection: sqlite3.Connection, path: Path, kind: FileKind) -> None:
    """Bring a file up to date, alone: two who began at once would each run the same migrations.

    SQLite's own locks end with each statement, and the switch to WAL waits for none.
    """
    with _one_at_a_time(path):
        if _checked_version(connection, path, kind) == kind.version:
            return
        connection.execute(f"pragma page_size = {kind.page}")
        connection.execute("pragma journal_mode = wal")
        connection.execute(
            f"pragma application_id = {kind.application_id}"
        )  # first: who dies here finds it again
        import_module(kind.schema).apply(connection)
        connection.execute(f"pragma user_version = {kind.version}")


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    try:
        with filelock.held(path, "schema", wait=True):
            yield
    except OSError as error:
        raise StateError(f"{path} can't be brought up to date: {error.strerror}; check its folder") from None


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise explain(error, path) from error


def explain(error: sqlite3.DatabaseError, path: Path) -> StateError:
    """A SQLite error as one line for a person."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    match code & 0xFF:
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            what = f"{path} is damaged ({error}); restore a copy made with: cockpit state backup FILE"
        case sqlite3.SQLITE_FULL:
            what = f"no space left for {path}; free some and run the same command again, nothing is lost"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            what = f"{path} stayed locked for {BUSY_TIMEOUT_MS // 1000} s; is another tool holding it open?"
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            what = f"{path} can't be opened for writing ({error}); check owner and permissions"
        case sqlite3.SQLITE_IOERR:
            what = f"the disk failed under {path} ({error}); run the same command again once it is well"
        case _:
            what = f"{path}: {error}"
    return StateError(what)


def _refuse_network_filesystem(path: Path) -> None:
    kind = filesystem(path.resolve().parent)
    if not locks_hold(kind):
        raise StateError(
            f"{path} lies on a {kind} file system, where SQLite's locks don't hold; use a local disk"
        )


def locks_hold(kind: str) -> bool:
    """Whether SQLite's locks hold on a file system of this type; an unknown one is taken for local."""
    return kind not in _NETWORK_FILESYSTEMS and not kind.startswith("fuse.")


def filesystem(folder: Path) -> str:
    """The type of the file system a folder is on, "" where /proc does not tell."""
    try:
        lines = MOUNTS.read_text().splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    for line in lines:
        fields = line.split(" ")
        mount = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), fields[1])
        inside = mount == "/" or str(folder) == mount or str(folder).startswith(mount + "/")
        if inside and len(mount) >= len(best):
            best, kind = mount, fields[2]
    return kind
