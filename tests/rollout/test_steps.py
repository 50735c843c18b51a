"""What the watch decides: back by itself, forward only what a person armed, and nothing when it is blind."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.connections.board import COLUMNS
from cockpit.rollout.flip import STAGES
from cockpit.rollout.health import Judged
from cockpit.rollout.rules import RolloutSettings
from cockpit.rollout.steps import Group, Known, Standing, Step, decide
from cockpit.rollout.waves import NONE_LEFT

NOW = 1_800_000_000_000
RULES = RolloutSettings(verify_min=10)
PASS, FAIL = Judged("pass", "1 of 1"), Judged("fail", "0 of 3")
UNPROVEN = Judged("inconclusive", "unproven")
CANARY = Standing("con_1", "canary", 1, "verifying", NOW - 600_000, UNPROVEN)
RUNNING = Group("5%", "running", NOW - 900_000, "1 unproven")


def steps(*standings: Standing, waves: tuple[Group, ...] = (), blind: bool = False) -> list[tuple[str, str]]:
    found = decide(Known(standings, waves, blind=blind, at=NOW), RULES)
    return [(step.doing, step.flip.connection if step.flip else str(step.wave)) for step in found]


def test_a_canary_that_has_shown_itself_long_enough_is_proven() -> None:
    good = replace(CANARY, judged=PASS)
    assert steps(CANARY) == []
    assert steps(good) == [("prove", "con_1")]
    assert steps(replace(good, flipped_at=NOW - 599_000)) == []


def test_what_fails_is_taken_back_alone_whether_canary_or_long_live() -> None:
    other = replace(CANARY, connection="con_2", flip=2)
    assert steps(replace(CANARY, judged=FAIL), other) == [("take back", "con_1")]
    assert steps(replace(CANARY, column="workos", stage="live", judged=FAIL)) == [("take back", "con_1")]


def test_without_metrics_nothing_goes_either_way() -> None:
    armed = Standing("con_3", "legacy", 3, "armed", None, UNPROVEN)
    assert steps(replace(CANARY, judged=FAIL), armed, blind=True) == []


def test_so_many_failures_halt_a_wave_and_no_more_of_it_goes() -> None:
    one = replace(CANARY, wave="5%", judged=FAIL, codes=frozenset(("a",)))
    two = replace(one, connection="con_2", flip=2, codes=frozenset(("b",)))
    armed = Standing("con_3", "legacy", 3, "armed", None, UNPROVEN, wave="5%")
    assert steps(one, armed, waves=(RUNNING,)) == [("take back", "con_1"), ("flip", "con_3")]
    assert steps(one, two, armed, waves=(RUNNING,)) == [
        ("take back", "con_1"),
        ("take back", "con_2"),
        ("halt", "5%"),
    ]
    before = replace(one, column="held", stage="failed")
    assert ("halt", "5%") in steps(before, two, armed, waves=(RUNNING,))
    resumed = replace(RUNNING, since=NOW - 1)
    assert ("halt", "5%") not in steps(replace(before, flipped_at=NOW - 2), two, armed, waves=(resumed,))


def test_an_error_that_several_share_halts_a_wave_before_any_of_them_fails() -> None:
    alike = [
        replace(CANARY, connection=f"con_{n}", flip=n, wave="5%", codes=frozenset(("audience",)))
        for n in range(2)
    ]
    assert steps(*alike, waves=(RUNNING,)) == [("halt", "5%")]
    assert steps(*(replace(one, judged=PASS) for one in alike), waves=(RUNNING,)) != [("halt", "5%")]


@pytest.mark.parametrize(
    ("pending", "expected"),
    [(None, [("finish", "5%")]), (NONE_LEFT, [("halt", "5%")]), ("bakes for 2 min more", [])],
)
def test_a_wave_ends_by_what_is_there(pending: str | None, expected: list[tuple[str, str]]) -> None:
    assert steps(waves=(replace(RUNNING, pending=pending),)) == expected


@pytest.mark.parametrize("state", ["holding", "halted"])
def test_a_wave_that_stands_lets_nothing_go(state: str) -> None:
    armed = Standing("con_3", "legacy", 3, "armed", None, UNPROVEN, wave="5%")
    assert steps(armed, waves=(replace(RUNNING, state=state),)) == []  # type: ignore[arg-type]
    assert steps(armed, waves=(RUNNING,)) == [("flip", "con_3")]


def test_proxies_that_all_know_make_a_flip_wait_for_sign_ins() -> None:
    fresh = replace(CANARY, stage="flipping")
    assert steps(fresh) == [("confirm", "con_1")]
    assert decide(Known([fresh], confirmed=False, at=NOW), RULES) == []


STANDINGS = st.builds(
    Standing,
    connection=st.sampled_from(["con_1", "con_2", "con_3"]),
    column=st.sampled_from(COLUMNS),
    flip=st.integers(1, 9),
    stage=st.sampled_from(STAGES),
    flipped_at=st.sampled_from([None, NOW - 3_600_000, NOW]),
    judged=st.sampled_from([PASS, FAIL, UNPROVEN, Judged("no data", "")]),
    codes=st.sampled_from([frozenset[str](), frozenset(("a",))]),
    wave=st.sampled_from([None, "5%"]),
)


@given(st.lists(STANDINGS, max_size=6, unique_by=lambda one: one.connection), st.booleans())
def test_whatever_is_known_only_what_a_person_armed_goes_forward(
    standings: list[Standing], running: bool
) -> None:
    group = replace(RUNNING, state="running" if running else "holding")
    found: list[Step] = decide(Known(standings, (group,), at=NOW), RULES)
    for step in found:
        if step.doing == "flip":
            assert step.flip is not None and step.flip.stage == "armed"
            assert step.flip.wave is None or running
        if step.doing in ("prove", "take back"):
            assert step.flip is not None and step.flip.column in ("canary", "workos")
    assert sum(step.doing == "flip" for step in found) <= 1
    order = [step.doing for step in found]
    assert "flip" not in order[: order.index("take back")] if "take back" in order else True
