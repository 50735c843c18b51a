"""The gates before a flip as the dialog shows them: each with a tick or a cross, and why."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cockpit.jobs.rollout import flip, waves
from cockpit.rollout.gates import NEVER_PASSED, OF_THE_MOMENT, Closed, Facts, GateName, closed
from cockpit.rollout.rules import RolloutSettings
from cockpit.tui import text
from cockpit.words import ends

NAMES: Mapping[GateName, str] = {
    "order": "order",
    "column": "connection",
    "mapped": "callback",
    "target": "at WorkOS",
    "domains": "domains",
    "diff": "diff",
    "quiet": "source",
    "certificate": "certificate",
    "approval": "approval",
    "calendar": "calendar",
    "spacing": "spacing",
}


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: `shut` where it is closed, and what it says. `who`: the connection, where there are many."""

    gate: GateName
    says: str
    shut: bool
    who: str = ""

    @property
    def passable(self) -> bool:
        """Whether a reason gets over it."""
        return self.gate not in NEVER_PASSED

    @property
    def waits(self) -> bool:
        """Whether it opens by itself, so that an armed flip only waits for it."""
        return self.gate in OF_THE_MOMENT


def of_connections(
    state: sqlite3.Connection,
    rollout: sqlite3.Connection,
    idents: Sequence[str],
    operator: str,
    rules: RolloutSettings,
    now: int,
) -> list[Gate]:
    """Of one connection all gates; of many those that are shut. Raises KeyError for an unknown one."""
    found: list[Gate] = []
    for facts in flip.facts(state, rollout, idents, operator, now):
        shut = closed(facts, rules, now)
        if len(idents) == 1:
            return gates(facts, shut, rules, now)
        found += [
            Gate(each.gate, each.why, True, facts.connection)
            for each in shut
            if each.gate not in OF_THE_MOMENT
        ]
    return found


def of_wave(
    state: sqlite3.Connection,
    rollout: sqlite3.Connection,
    name: str,
    operator: str,
    rules: RolloutSettings,
    now: int,
) -> tuple[list[Gate], list[str]]:
    """Of a wave those that are shut, and the connections that it would arm. Raises WaveRefused."""
    found, to_arm = waves.examine(state, rollout, name, rules, operator, now)
    return [Gate(each.gate, each.why, True) for each in found], [*to_arm]


def gates(facts: Facts, shut: Sequence[Closed], rules: RolloutSettings, now: int) -> list[Gate]:
    """Every gate of a connection, in the order in which a person would go about them."""
    why = {each.gate: each.why for each in shut}
    return [Gate(gate, why.get(gate, says), gate in why) for gate, says in _open(facts, rules, now).items()]


def _open(facts: Facts, rules: RolloutSettings, now: int) -> dict[GateName, str]:
    """What each says while it is open."""
    said: dict[GateName, str] = {
        "column": f"it is {facts.column}",
        "mapped": f"{text.line(facts.target_id)}, callback endpoint stored",
    }
    if facts.target is not None and facts.target_id is not None:
        asked = text.span((now - facts.target.asked_at) / 1000)
        said["target"] = f"{text.line(facts.target.state or '')}, asked {asked} ago"
        said["domains"] = "verified"
    elif facts.target_id is not None:
        said["target"] = "not asked yet"
    age = text.span((now - facts.diff.finished_at) / 1000) if facts.diff is not None else ""
    said["diff"] = f"{age} old, no difference in its users"
    if facts.last_flip is None:
        said["quiet"] = "quiet, and compared since its last change"
    if facts.certificate_until is not None:
        said["certificate"] = ends(facts.certificate_until, now)
    if rules.two_person:
        said["approval"] = f"by {', '.join(map(text.line, facts.approved_by))}"
    return said | {
        "calendar": "flips are allowed now",
        "spacing": f"{rules.spacing_min} min since the last flip",
    }
