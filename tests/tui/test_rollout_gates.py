"""The gates before a flip in words: every gate has a name, and none that is shut is left out."""

from dataclasses import replace
from typing import get_args

from cockpit.rollout.gates import GateName, closed
from cockpit.tui.rollout.gates import NAMES, gates
from tests.rollout.test_gates import NOW, READY, RULES


def test_every_gate_has_a_name() -> None:
    assert {*NAMES} == {*get_args(GateName)}


def test_the_first_flip_shows_whether_the_source_is_quiet() -> None:
    shown = {gate.gate: gate for gate in gates(READY, closed(READY, RULES, NOW), RULES, NOW)}
    assert not shown["quiet"].shut
    restless = replace(READY, restless="it was never looked at")
    shown = {gate.gate: gate for gate in gates(restless, closed(restless, RULES, NOW), RULES, NOW)}
    assert (shown["quiet"].shut, shown["quiet"].says) == (
        True,
        "the first flip waits: it was never looked at",
    )


def test_a_later_flip_says_nothing_of_that() -> None:
    later = replace(READY, last_flip=NOW - 3_600_000)
    assert "quiet" not in {gate.gate for gate in gates(later, closed(later, RULES, NOW), RULES, NOW)}
