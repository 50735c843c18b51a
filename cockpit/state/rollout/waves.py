"""Waves as rows, their connections by name, and the acts that people and rules do to them."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cockpit.rollout import waves
from cockpit.rollout.waves import AT_WORK, BY_RULE, SHARES, Act, Member, WaveRefused, WaveState
from cockpit.state.rollout import audit
from cockpit.state.rollout.audit import Actor

_COLUMNS = (
    "name, position, percent, bake_s, state, started_at, ended_at, held_s, held_at, resumed_at, operator, "
    "reason"
)


@dataclass(frozen=True, slots=True)
class Wave:
    """One wave. Times are ms; `held_s`: seconds for which it was held, `held_at`: since when it is.

    `resumed_at`: since when it goes on; what fell before then was looked at. `operator` started it; `reason`
    is why it is in its state.
    """

    name: str
    position: int
    percent: int | None
    bake_s: int
    state: WaveState
    started_at: int | None
    ended_at: int | None
    held_s: int
    held_at: int | None
    resumed_at: int | None
    operator: str | None
    reason: str | None


def plan(
    connection: sqlite3.Connection,
    divided: Mapping[str, Sequence[str]],
    bake_hours: Mapping[str, float],
    actor: Actor,
    now: int,
) -> None:
    """Lay out the waves anew. What is done stays; raises WaveRefused while one is under way."""
    present = {wave.name: wave for wave in listed(connection)}
    if busy := [wave.name for wave in present.values() if wave.state in AT_WORK]:
        raise WaveRefused(f"wave {busy[0]} is {present[busy[0]].state}; finish or abort it first")
    done = {name for name, wave in present.items() if wave.state == "done"}
    connection.execute(
        "delete from wave_members where wave not in (select name from waves where state = 'done')"
    )
    connection.execute("delete from waves where state <> 'done'")
    for position, share in enumerate(SHARES):
        if share.name in done:
            continue
        connection.execute(
            "insert into waves(name, position, percent, bake_s, state) values(?, ?, ?, ?, 'planned')",
            (share.name, position, share.percent, round(bake_hours[share.name] * 3600)),
        )
        connection.executemany(
            "insert into wave_members(connection, wave, position) values(?, ?, ?)",
            [(ident, share.name, place) for place, ident in enumerate(divided[share.name])],
        )
    sizes = ", ".join(f"{name}: {len(idents)}" for name, idents in divided.items())
    audit.record(connection, actor, "wave.plan", "waves", now, after=sizes)


def reassign(connection: sqlite3.Connection, ident: str, name: str, actor: Actor, now: int) -> str | None:
    """Put a connection into another wave that is planned; returns the one it was in. Raises WaveRefused."""
    if (wave := get(connection, name)).state != "planned":
        raise WaveRefused(f"wave {name} is {wave.state}; only planned waves are changed")
    row = connection.execute("select wave from wave_members where connection = ?", (ident,)).fetchone()
    before: str | None = row[0] if row else None
    if before is not None and (was := get(connection, before)).state != "planned":
        raise WaveRefused(f"{ident} is in wave {before}, which is {was.state}")
    connection.execute(
        "insert into wave_members(connection, wave, position) "
        "select ?1, ?2, coalesce(max(position), -1) + 1 from wave_members where wave = ?2 "
        "on conflict do update set wave = excluded.wave, position = excluded.position",
        (ident, name),
    )
    audit.record(connection, actor, "wave.move", ident, now, before=before, after=name)
    return before


def act(
    connection: sqlite3.Connection, name: str, doing: Act, actor: Actor, now: int, why: str | None = None
) -> WaveState:
    """Start, hold, resume, halt, finish or abort a wave; audited. Raises WaveRefused."""
    if not actor.person and doing not in BY_RULE:
        raise WaveRefused(f"only a person can {doing} a wave")
    wave = get(connection, name)
    state = waves.after(wave.state, doing)
    stands = state in ("holding", "halted")
    held_s = wave.held_s
    if wave.held_at is not None and not stands:
        held_s += max(0, now - wave.held_at) // 1000
    connection.execute(
        "update waves set state = ?, reason = ?, held_s = ?, held_at = ?, resumed_at = ?, "
        "started_at = ?, operator = ?, ended_at = ? where name = ?",
        (
            *(state, why, held_s, (wave.held_at or now) if stands else None),
            now if doing == "resume" else wave.resumed_at,
            *((now, actor.name) if doing == "start" else (wave.started_at, wave.operator)),
            *(now if state in ("done", "aborted") else None, name),
        ),
    )
    audit.record(connection, actor, f"wave.{doing}", name, now, before=wave.state, after=state, why=why)
    return state


def get(connection: sqlite3.Connection, name: str) -> Wave:
    """A wave by its name ("5" is 5%). Raises WaveRefused where there is none."""
    row = connection.execute(
        f"select {_COLUMNS} from waves where name in (?1, ?1 || '%')", (name,)
    ).fetchone()
    if row is None:
        raise WaveRefused(f"there is no wave {name!r}; lay them out with: cockpit rollout wave plan")
    return Wave(*row)


def listed(connection: sqlite3.Connection) -> list[Wave]:
    """All waves, in their order."""
    rows = connection.execute(f"select {_COLUMNS} from waves order by position").fetchall()
    return [Wave(*row) for row in rows]


def members(connection: sqlite3.Connection, name: str) -> list[Member]:
    """The connections of a wave, in their order, and how far each is."""
    rows = connection.execute(
        "select m.connection, r.board, f.stage, f.flipped_at from wave_members m "
        "join routes r on r.connection = m.connection "
        "left join flips f on f.id = (select max(id) from flips where connection = m.connection) "
        "where m.wave = ? order by m.position",
        (name,),
    ).fetchall()
    return [Member(*row) for row in rows]


def drop(connection: sqlite3.Connection, ident: str, actor: Actor, now: int) -> None:
    """Take a connection out of the waves that are still planned. Raises WaveRefused."""
    row = connection.execute("select wave from wave_members where connection = ?", (ident,)).fetchone()
    if row is None or get(connection, row[0]).state != "planned":
        raise WaveRefused(f"{ident} is in no wave that is planned")
    connection.execute("delete from wave_members where connection = ?", (ident,))
    audit.record(connection, actor, "wave.drop", ident, now, before=row[0])


def waves_of(connection: sqlite3.Connection) -> dict[str, str]:
    """The wave of each connection that is in one."""
    return dict(connection.execute("select connection, wave from wave_members").fetchall())
