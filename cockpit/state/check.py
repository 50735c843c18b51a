"""Is the state whole, and do its sums add up; and a consistent copy of it while jobs run."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from cockpit.state import exports, holds, journal
from cockpit.state.database import StateError, explain, open_readonly
from cockpit.state.journal import USER
from cockpit.terms import KINDS


class Problem(NamedTuple):
    """Something that must not be: which check, and the two sides that differ."""

    check: str
    detail: str


def check(connection: sqlite3.Connection) -> list[Problem]:
    """Everything that is wrong with the file and its accounting, [] when nothing is.

    It counts every row, all at one moment; meanwhile jobs go on and the log beside the file grows.
    """
    connection.execute("begin")
    try:
        return [*damage(connection), *_accounting(connection)]
    finally:
        connection.execute("commit")


def damage(connection: sqlite3.Connection) -> list[Problem]:
    """What SQLite finds wrong with the file; it reads all of it."""
    rows = connection.execute("pragma quick_check(10)").fetchall()
    return [Problem("integrity", str(row[0])) for row in rows if row[0] != "ok"]


def _accounting(connection: sqlite3.Connection) -> list[Problem]:
    def number(query: str) -> int:
        return int(connection.execute(query).fetchone()[0] or 0)

    rows = connection.execute("select kind from counters union select kind from operations")
    kinds = [kind for (kind,) in rows.fetchall()]
    kept = {kind: journal.counts(connection, kind) for kind in kinds}
    counted = {kind: journal.counted(connection, kind) for kind in {USER, *kinds}}
    states = counted[USER]
    exported = sum(states.values())
    read, merged, held = exports.records(connection)
    settled = sum(n for state, n in states.items() if state not in ("ready", "sending", "failed"))
    pairs: list[tuple[str, str, int, str, int]] = [
        *(
            ("counters", f"{kind} counter {state}", n, "rows", counted[kind][state])
            for kind, states_kept in kept.items()
            for state, n in states_kept.items()
        ),
        ("users", "operations", exported, "records", number("select count(*) from raw")),
        ("records", "read", read, "exported + merged + held", exported + merged + held),
        (
            "pages",
            "read by exports",
            number("select sum(read) from exports"),
            "items of pages",
            number("select sum(items) from pages"),
        ),
        (
            "records",
            "new beside users",
            number("select sum(read - merged - held) from exports where kind not in ('user', 'connection')"),
            "resources with a record of their own",
            number("select count(*) from resources where inside is null"),
        ),
        (
            "resources",
            "operations",
            sum(sum(counted.get(kind, {}).values()) for kind in KINDS if kind != USER),
            "resources",
            number("select count(*) from resources"),
        ),
        ("batches", "users in batches", number("select sum(total) from batches"), "exported", exported),
        ("batches", "done in batches", number("select sum(done) from batches"), "settled", settled),
        (
            "batches",
            "failed in batches",
            number("select sum(failed) from batches"),
            "failed",
            states["failed"],
        ),
        (
            "errors",
            "open in groups",
            number("select sum(open) from error_groups"),
            "open errors",
            number("select count(*) from errors where resolution = 'open'"),
        ),
        (
            "errors",
            "failed",
            sum(by_state["failed"] for by_state in counted.values()),
            "failed with an open error",
            number(
                "select count(*) from operations o where o.state = 'failed' and exists "
                "(select 1 from errors e where e.operation = o.id and e.resolution = 'open')"
            ),
        ),
        (
            "holds",
            "counted as held",
            sum(holds.counts(connection).values()),
            "held",
            number("select count(*) from holds"),
        ),
        (
            "holds",
            "held",
            number("select count(*) from holds"),
            "held and skipped",
            number(
                "select count(*) from holds h join operations o on o.kind = 'user' and o.subject = h.user "
                "where o.state = 'skipped'"
            ),
        ),
        *(
            (
                "passwords",
                f"counter {state}",
                number(f"select sum(n) from password_counts where state = '{state}'"),
                "users",
                number(f"select count(*) from users where password_state = '{state}'"),
            )
            for state in ("carried", "unsupported", "absent")
        ),
    ]
    return [
        Problem(name, f"{left}: {one:,}, but {right}: {other:,}")
        for name, left, one, right, other in pairs
        if one != other
    ]


def backup(state: Path, file: Path) -> int:
    """Copy the state to `file` (0600), consistent while jobs write; returns its size in bytes.

    The copy appears under its name only when it is whole. Raises StateError.
    """
    if file.exists() and file.samefile(state):
        raise StateError(f"{file} is the state itself; name another file")
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    with closing(open_readonly(state)) as source:
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
