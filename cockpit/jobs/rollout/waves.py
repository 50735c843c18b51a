"""Waves laid out, started and taken back by people. The watch carries them out."""

import sqlite3
from collections.abc import Mapping, Sequence

from cockpit.jobs.rollout import flip as flipping
from cockpit.rollout import waves as pure
from cockpit.rollout.flip import OPEN
from cockpit.rollout.gates import OF_THE_MOMENT, Closed, closed
from cockpit.rollout.ranking import Candidate, Ranked, rank
from cockpit.rollout.route import AT_WORKOS
from cockpit.rollout.rules import RolloutSettings
from cockpit.state.database import transaction
from cockpit.state.rollout import approvals, described, flips, routes, waves
from cockpit.state.rollout.audit import Actor
from cockpit.state.rollout.routes import Described

LEFT_TO_THE_WATCH = OF_THE_MOMENT | {"approval"}
"""Gates that don't keep a wave from starting: the watch waits for the calendar, and the wave is approved."""


def subject(name: str) -> str:
    """What an approval of a wave is about."""
    return f"wave {name}"


def ranking(state: sqlite3.Connection, rollout: sqlite3.Connection, now: int) -> list[Ranked]:
    """Connections that may still go, the least risk first."""
    lines = [row.described for row in routes.board(rollout)]
    found = described.warnings(state)
    there = [line for line in lines if line.route.column in AT_WORKOS]
    waiting = [line for line in lines if line.route.column == "legacy"]
    made = (line.idp for line in there if line.idp is not None)
    return rank((_candidate(line, found) for line in waiting), made, now)


def _candidate(line: Described, warnings: Mapping[str, int]) -> Candidate:
    ident = line.route.connection
    return Candidate(ident, line.users, line.idp, warnings.get(ident, 0), line.certificate_until)


def plan(
    state: sqlite3.Connection, rollout: sqlite3.Connection, rules: RolloutSettings, operator: str, now: int
) -> None:
    """Divide all that may go among the waves; those at WorkOS already are the first. Raises WaveRefused."""
    ranked = [each.connection for each in ranking(state, rollout, now)]
    with transaction(rollout):
        done = {
            wave.name: [member.connection for member in waves.members(rollout, wave.name)]
            for wave in waves.listed(rollout)
            if wave.state == "done"
        }
        taken = {ident for idents in done.values() for ident in idents}
        order = [*(ident for ident in routes.at_workos(rollout) if ident not in taken), *ranked]
        divided = pure.split([ident for ident in order if ident not in taken], kept=done)
        waves.plan(rollout, divided, rules.bake_hours, Actor(operator), now)


def start(
    state: sqlite3.Connection,
    rollout: sqlite3.Connection,
    name: str,
    rules: RolloutSettings,
    operator: str,
    now: int,
    *,
    override: str | None = None,
) -> list[str]:
    """A person starts a wave: its connections are armed; returns them. Nothing moves yet.

    Raises GatesClosed, naming the connections, and WaveRefused.
    """
    wave = waves.get(rollout, name)
    found, to_arm = examine(state, rollout, wave.name, rules, operator, now)
    flipping.passing(found, override)
    with transaction(rollout):
        waves.act(rollout, wave.name, "start", Actor(operator), now, override)
        for ident, passed in to_arm.items():
            flips.arm(rollout, ident, operator, now, wave=wave.name, why=override, passed=passed)
        approvals.use(rollout, subject(wave.name), now)
    return [*to_arm]


def examine(
    state: sqlite3.Connection,
    rollout: sqlite3.Connection,
    name: str,
    rules: RolloutSettings,
    operator: str,
    now: int,
) -> tuple[list[Closed], dict[str, frozenset[str]]]:
    """What stands against a start, and the connections that it would arm with what each would pass over.

    Raises WaveRefused for a wave that can't start.
    """
    wave = waves.get(rollout, name)
    pure.after(wave.state, "start")
    found = [*_of_wave(rollout, wave.name, rules, operator, now)]
    to_arm: dict[str, frozenset[str]] = {}
    members = waves.members(rollout, wave.name)
    go = [one.connection for one in members if one.column == "legacy" and one.stage not in OPEN]
    for known in flipping.facts(state, rollout, go, operator, now):
        shut = [each for each in closed(known, rules, now) if each.gate not in LEFT_TO_THE_WATCH]
        found += [Closed(each.gate, f"{known.connection}: {each.why}") for each in shut]
        to_arm[known.connection] = frozenset(each.gate for each in shut)
    return found, to_arm


def _of_wave(
    rollout: sqlite3.Connection, name: str, rules: RolloutSettings, operator: str, now: int
) -> Sequence[Closed]:
    """Gates of the wave as a whole: the ones before it, and the second person."""
    found = []
    for before in waves.listed(rollout):
        if before.name == name:
            break
        if before.state != "done" and waves.members(rollout, before.name):
            found.append(Closed("order", f"wave {before.name} comes first and is {before.state}"))
    if rules.two_person and not approvals.by_others(rollout, subject(name), operator, now):
        found.append(
            Closed(
                "approval",
                f"a second person has to agree: cockpit rollout approve --wave {name} --operator NAME",
            )
        )
    return found


def abort(rollout: sqlite3.Connection, name: str, operator: str, now: int, why: str | None) -> list[str]:
    """A person takes a wave back with all that it flipped; returns the connections that moved."""
    with transaction(rollout):
        wave, actor = waves.get(rollout, name), Actor(operator)
        waves.act(rollout, wave.name, "abort", actor, now, why)
        flips.cancel_armed(rollout, now, why or "abort", wave.name)
        newest = flips.newest_of_all(rollout)
        mine = [
            member.connection
            for member in waves.members(rollout, wave.name)
            if member.column in AT_WORKOS
            and (found := newest.get(member.connection)) is not None
            and found.wave == wave.name
        ]
        return flips.take_back(rollout, mine, actor, now, why or f"wave {wave.name} aborted")
