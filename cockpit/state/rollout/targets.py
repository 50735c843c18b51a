"""What WorkOS said of each connection when it was last asked."""

import sqlite3

from cockpit.rollout.gates import Target


def put(connection: sqlite3.Connection, ident: str, target: Target) -> None:
    """Keep its answer."""
    connection.execute(
        "insert or replace into targets(connection, state, callback_endpoint, unverified, asked_at) "
        "values(?, ?, ?, ?, ?)",
        (ident, target.state, target.callback_endpoint, " ".join(target.unverified), target.asked_at),
    )


def of(connection: sqlite3.Connection, ident: str) -> Target | None:
    """What it said; None when it was not asked yet."""
    row = connection.execute(
        "select state, callback_endpoint, unverified, asked_at from targets where connection = ?", (ident,)
    ).fetchone()
    if row is None:
        return None
    state, callback, unverified, asked_at = row
    return Target(state, callback, tuple(unverified.split()), asked_at)


def stale(connection: sqlite3.Connection, before: int) -> list[str]:
    """Connections at WorkOS about which it was not asked since then (ms), the longest ago first."""
    rows = connection.execute(
        "select r.connection from routes r left join targets t on t.connection = r.connection "
        "where r.target_id is not null and coalesce(t.asked_at, 0) < ? order by t.asked_at, r.connection",
        (before,),
    ).fetchall()
    return [ident for (ident,) in rows]
