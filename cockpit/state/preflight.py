"""What an existing state says to whoever checks a migration before it goes on."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cockpit.state import check, meta
from cockpit.state.meta import Binding


@dataclass(frozen=True)
class Preflight:
    """`kinds`: how many things of each kind there are to move. `created`: users that the target took from us.

    `about_ip`: open errors in which the target asks for an ip_address. `damage`: as SQLite words it.
    """

    binding: Binding
    kinds: Mapping[str, int]
    created: int
    about_ip: int
    damage: Sequence[str]


def read(connection: sqlite3.Connection) -> Preflight:
    """By the counters and the groups of errors; only the search for damage reads the whole file."""
    kinds = dict(connection.execute("select kind, sum(n) from counters group by kind").fetchall())
    created = connection.execute(
        "select coalesce(sum(n), 0) from counters where kind = 'user' and state = 'imported'"
    ).fetchone()[0]
    about_ip = connection.execute(
        "select coalesce(sum(g.open), 0) from error_groups g left join errors e on e.id = g.example "
        "where g.open > 0 and instr(g.fingerprint || g.title || coalesce(e.body, ''), 'ip_address')"
    ).fetchone()[0]
    return Preflight(
        meta.binding(connection),
        kinds,
        created,
        about_ip,
        [problem.detail for problem in check.damage(connection)],
    )
