"""The stages of a flip: one way on, and a way back from each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.rollout import flip
from cockpit.rollout.flip import OPEN, STAGES, FlipRefused, Stage


@given(st.lists(st.sampled_from(STAGES), max_size=15))
def test_nothing_is_live_that_was_not_verified_and_what_ended_badly_stays_ended(wanted: list[Stage]) -> None:
    stage: Stage = "armed"
    gone = [stage]
    for to in wanted:
        try:
            stage = flip.after(stage, to)
        except FlipRefused:
            continue
        gone.append(stage)
    if "live" in gone:
        assert gone[:4] == ["armed", "flipping", "verifying", "live"]
    assert not {"failed", "rolled back", "cancelled"} & {*gone[:-1]}


@pytest.mark.parametrize("stage", [*OPEN, "live"])
@pytest.mark.parametrize("by_person", [True, False])
def test_everything_can_be_taken_back_and_shows_by_whom(stage: Stage, by_person: bool) -> None:
    ended = flip.taken_back(stage, by_person=by_person)
    assert ended == ("cancelled" if stage == "armed" else "rolled back" if by_person else "failed")
    assert flip.taken_back(ended, by_person=by_person) == ended
