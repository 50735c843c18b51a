"""Are the state and the files beside it whole, and do their sums add up."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from cockpit.state import exports, files, holds, journal
from cockpit.state.database import StateError, open_readonly
from cockpit.state.journal import USER
from cockpit.state.rollout import ROLLOUT, audit
from cockpit.state.tank import counts
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


def beside(state: Path) -> list[Problem]:
    """Everything that is wrong with the rollout's and the tank's file of a state, those that exist."""
    found: list[Problem] = []
    for path, kind in files.beside(state):
        try:
            with closing(open_readonly(path, kind=kind)) as connection:
                connection.execute("begin")
                problems = [*damage(connection), *(_trail if kind is ROLLOUT else _tank)(connection)]
        except StateError as error:
            found.append(Problem("integrity", str(error)))
        except sqlite3.DatabaseError as error:
            found.append(Problem("integrity", f"{path}: {error}"))
        else:
            found += [Problem(one.check, f"{path}: {one.detail}") for one in problems]
    return found


def _trail(connection: sqlite3.Connection) -> list[Problem]:
    entry = audit.broken(connection)
    return [] if entry is None else [Problem("audit", f"the trail is broken at entry {entry}")]


def _tank(connection: sqlite3.Connection) -> list[Problem]:
    told, there = counts.total(connection), counts.counted(connection)
    states = sorted({*told.states, *there.states})
    pairs = [("arrived", told.arrived, there.arrived)]
    pairs += [(state, told.states.get(state, 0), there.states.get(state, 0)) for state in states]
    return [
        Problem("webhooks", f"counter {name}: {one:,}, but rows: {other:,}")
        for name, one, other in pairs
        if one != other
    ]


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
