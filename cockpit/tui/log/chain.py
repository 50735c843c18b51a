"""Whether the rollout's audit trail is as it was written: its chain followed from the first entry."""

import time
from pathlib import Path
from typing import NamedTuple

from cockpit.clock import millis
from cockpit.state import rollout
from cockpit.state.database import StateError
from cockpit.state.rollout import audit as chain
from cockpit.tui import text
from cockpit.tui.log.kept import Kept
from cockpit.tui.widgets.lines import Part

EVERY_S, REST = 5.0, 20
"""Following a chain that took t seconds is left alone for 20 t, and for 5 at least."""


class Verdict(NamedTuple):
    """Of a trail at a moment (seconds): the first wrong entry; why it could not be followed; and how long
    that is good for."""

    at: float
    broken: int | None
    problem: str
    good_for_s: float


def follow(state: Path, at: float) -> Verdict:
    """Follow the chain beside a state."""
    begun = time.perf_counter()
    wrong, problem = None, ""
    try:
        wrong = rollout.ask(state, chain.broken)
    except StateError as error:
        problem = str(error)
    return Verdict(at, wrong, problem, max(EVERY_S, REST * (time.perf_counter() - begun)))


def told(kept: Kept, verdict: Verdict | None) -> list[Part]:
    """The line above the trail."""
    if problem := kept.problem or (verdict.problem if verdict is not None else ""):
        return [("✘ can't be read", "bad"), (f"   {text.line(problem)}", "plain")]
    if kept.entries is None:
        return [("– no rollout yet", "dim"), ("   its trail begins with the board, pane 7", "dim")]
    if verdict is None:
        return [("◌ the chain is being followed", "busy")]
    when: Part = (f"   followed at {text.moment(millis(verdict.at))}", "dim")
    if verdict.broken is not None:
        wrong = f"   entry {text.number(verdict.broken)} is not what was written, or one before it is gone"
        return [("✘ CHAIN BROKEN", "bad"), (wrong, "plain"), when]
    return [("✔ CHAIN WHOLE", "ok"), ("   each entry vouches for the one before", "plain"), when]
