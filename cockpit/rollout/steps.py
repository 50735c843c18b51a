"""What the watch does next, from what is known: back by itself, forward only what a person sent. Pure.

Without metrics it does nothing: neither a rollback nor progress would have a reason.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cockpit.connections.board import Column
from cockpit.rollout.flip import Stage
from cockpit.rollout.health import Judged, shared_codes
from cockpit.rollout.route import AT_WORKOS
from cockpit.rollout.rules import RolloutSettings
from cockpit.rollout.waves import NONE_LEFT, WaveState


@dataclass(frozen=True, slots=True)
class Standing:
    """A connection with its newest flip, and how its logins are judged. `codes`: of failures at WorkOS."""

    connection: str
    column: Column
    flip: int
    stage: Stage
    flipped_at: int | None
    judged: Judged
    codes: frozenset[str] = frozenset()
    wave: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A wave that is under way: since when it goes on (ms), and what it waits for (`waves.pending`)."""

    name: str
    state: WaveState
    since: int
    pending: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """Everything the watch decides by. `confirmed`: every proxy has the newest routes."""

    standings: Sequence[Standing]
    waves: Sequence[Group] = ()
    confirmed: bool = True
    blind: bool = False
    at: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, on a flip or a wave, and why."""

    doing: str
    flip: Standing | None = None
    wave: str | None = None
    why: str = field(default="", compare=False)


def decide(known: Known, rules: RolloutSettings) -> list[Step]:
    """The steps, in the order in which they are to be taken: what goes back comes first."""
    if known.blind:
        return []
    failing = [one for one in known.standings if one.column in AT_WORKOS and one.judged.verdict == "fail"]
    halted = [*_halts(known, failing, rules)]
    stopped = {step.wave for step in halted}
    return [
        *(Step("confirm", one) for one in known.standings if one.stage == "flipping" and known.confirmed),
        *(Step("take back", one, why=one.judged.why) for one in failing),
        *halted,
        *_proven(known, rules),
        *(
            Step("finish", wave=group.name)
            for group in known.waves
            if group.state == "running" and group.pending is None and group.name not in stopped
        ),
        *_next(known, stopped),
    ]


def _halts(known: Known, failing: Sequence[Standing], rules: RolloutSettings) -> Iterator[Step]:
    for group in known.waves:
        if group.state not in ("running", "holding"):
            continue
        members = [one for one in known.standings if one.wave == group.name]
        fell = [
            one
            for one in members
            if one in failing or (one.stage == "failed" and (one.flipped_at or 0) >= group.since)
        ]
        there = [one for one in members if one.column in AT_WORKOS and one.judged.verdict != "pass"]
        suspect = [*there, *(one for one in fell if one not in there)]
        codes = shared_codes((dict.fromkeys(one.codes, 1) for one in suspect), rules.shared_code)
        if len(fell) >= rules.halt_after:
            yield Step("halt", wave=group.name, why=f"{len(fell)} of its connections failed")
        elif codes:
            yield Step("halt", wave=group.name, why=f"several fail alike: {', '.join(codes)}")
        elif group.state == "running" and group.pending == NONE_LEFT:
            yield Step("halt", wave=group.name, why=NONE_LEFT)


def _proven(known: Known, rules: RolloutSettings) -> Iterator[Step]:
    for one in known.standings:
        watched = known.at - (one.flipped_at or known.at) >= rules.verify_min * 60_000
        if one.stage == "verifying" and one.column == "canary" and one.judged.verdict == "pass" and watched:
            yield Step("prove", one, why=one.judged.why)


def _next(known: Known, stopped: set[str | None]) -> Iterator[Step]:
    """The first armed flip that may go: by itself, or of a wave that runs."""
    running = {group.name for group in known.waves if group.state == "running"} - stopped
    for one in known.standings:
        if one.stage == "armed" and (one.wave is None or one.wave in running):
            yield Step("flip", one)
            return
