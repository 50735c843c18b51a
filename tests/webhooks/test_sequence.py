"""The state machine of the sequence: order, evidence that ends, and what can never be gone past."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.webhooks.sequence import (
    NEEDS,
    STEPS,
    Evidence,
    Refused,
    Step,
    What,
    admit,
    current,
    standings,
)

HOUR = 3_600_000
LIVES: dict[Step, int] = {"legacy_off": 24 * HOUR, "workos_off": 24 * HOUR, "quiet": 4 * HOUR}


def entry(step: Step, what: What = "proven", at: int = 0) -> Evidence:
    life = LIVES.get(step)
    return Evidence(step, what, at, "ada", f"{step} {what}", None if life is None else at + life)


def until(last: Step, at: int = 0) -> list[Evidence]:
    """Every step up to this one, proven at once."""
    return [entry(step, at=at) for step in STEPS[: STEPS.index(last) + 1]]


def test_it_begins_with_the_baseline_and_all_else_waits() -> None:
    found = standings([], 0)
    assert current(found) == "baseline"
    assert [found[step].state for step in STEPS] == ["open", *["blocked"] * 9]
    assert found["import"].blocked_by == ("legacy_off", "workos_off", "quiet")


def test_after_the_baseline_both_floods_may_be_stopped_in_any_order() -> None:
    for first, second in (("legacy_off", "workos_off"), ("workos_off", "legacy_off")):
        log = [entry("baseline"), entry(first)]  # type: ignore[arg-type]
        found = standings(log, 1)
        assert found[second].state == "open"  # type: ignore[index]
        assert found["quiet"].blocked_by == (second,)


def test_what_a_person_says_is_no_proof_and_marks_the_proof_that_follows() -> None:
    log = [entry("baseline"), entry("legacy_off", "attested", 5)]
    found = standings(log, 10)["legacy_off"]
    assert (found.state, found.valid, found.attested, found.age_ms(10)) == ("attested", False, True, 5)
    found = standings([*log, entry("legacy_off", "watching", 6)], 10)["legacy_off"]
    assert (found.state, found.valid) == ("watching", False)
    found = standings([*log, entry("legacy_off", at=7)], 10)["legacy_off"]
    assert (found.state, found.valid, found.attested) == ("proven", True, True)
    observed = standings([entry("baseline"), entry("legacy_off", at=7)], 10)["legacy_off"]
    assert (observed.state, observed.attested) == ("proven", False)


@pytest.mark.parametrize("what", ["attested", "watching", "waived"])
def test_what_is_no_proof_ends_too(what: What) -> None:
    log = [*until("workos_off"), entry("quiet", what)]
    assert standings(log, 4 * HOUR - 1)["quiet"].state == what
    assert standings(log, 4 * HOUR)["quiet"].state == "open"


def test_a_proof_that_ended_blocks_what_needs_it() -> None:
    log = until("quiet")
    assert current(standings(log, 4 * HOUR - 1)) == "import"
    found = standings(log, 4 * HOUR)
    assert (found["quiet"].state, current(found)) == ("expired", "quiet")
    assert found["import"].blocked_by == ("quiet",)
    found = standings(log, 24 * HOUR)
    assert current(found) == "legacy_off"
    assert found["import"].blocked_by == ("legacy_off", "workos_off", "quiet")


def test_what_is_no_longer_needed_may_end_but_is_not_valid() -> None:
    found = standings(until("import"), 25 * HOUR)
    assert (found["workos_off"].state, found["workos_off"].valid) == ("passed", False)
    assert (found["quiet"].state, current(found)) == ("expired", "legacy_off")
    found = standings(until("drained"), 1000 * HOUR)
    assert [found[step].state for step in STEPS[1:4]] == ["passed"] * 3
    assert current(found) == "legacy_stays_off"
    assert current(standings(until("legacy_stays_off"), 1000 * HOUR)) is None


def test_endpoints_that_are_on_again_are_no_proof_for_another_import() -> None:
    log = [*until("event_flow"), entry("workos_off", "refuted", 9)]
    found = standings(log, 10)
    assert (found["workos_off"].state, found["workos_off"].valid) == ("passed", False)
    assert current(found) == "backlog"


def test_something_else_observed_undoes_all_that_was_before() -> None:
    log = [*until("quiet"), entry("legacy_off", "attested"), entry("legacy_off", "refuted", 3)]
    found = standings(log, 4)
    assert (found["legacy_off"].state, current(found)) == ("refuted", "legacy_off")
    assert (found["quiet"].state, found["import"].blocked_by) == ("proven", ("legacy_off",))


def test_a_live_source_lets_the_import_go_but_not_the_first_flip() -> None:
    log = [*until("workos_off"), entry("quiet", "waived")]
    found = standings(log, 1)
    assert (current(found), found["quiet"].valid, found["import"].blocked_by) == ("import", False, ())
    found = standings([*log, entry("import")], 1)
    assert (current(found), found["cutover"].blocked_by) == ("quiet", ("quiet",))


def test_evidence_out_of_turn_is_refused_and_names_what_is_missing() -> None:
    found = standings([entry("baseline")], 0)
    with pytest.raises(Refused, match="import waits for legacy_off and workos_off and quiet"):
        admit(found, "import", "proven")
    with pytest.raises(Refused, match="only a quiet source"):
        admit(found, "workos_off", "waived")
    admit(found, "import", "refuted")


WHATS: tuple[What, ...] = ("attested", "watching", "proven", "refuted", "waived")
Tried = tuple[Step, What, int]
TRIED = st.lists(
    st.tuples(st.sampled_from(STEPS), st.sampled_from(WHATS), st.integers(0, 6 * HOUR)), max_size=60
)


def admitted(tried: Sequence[Tried]) -> list[Evidence]:
    """What is recorded of what is tried, at growing times."""
    log: list[Evidence] = []
    now = 0
    for step, what, later in tried:
        now += later
        try:
            admit(standings(log, now), step, what)
        except Refused:
            continue
        log.append(entry(step, what, now))
    return log


@given(TRIED)
def test_nothing_is_proven_before_what_it_needs_held(tried: Sequence[Tried]) -> None:
    log = admitted(tried)
    for place, evidence in enumerate(log):
        if evidence.what != "proven":
            continue
        before = standings(log[:place], evidence.at)
        for need in NEEDS[evidence.step]:
            waived = need == "quiet" and evidence.step == "import" and before[need].state == "waived"
            # A step that can be proven again, such as the import by a second one, needs its own again.
            assert before[need].is_passed or waived or before[evidence.step].is_passed


@given(TRIED, st.integers(0, 100 * HOUR))
def test_time_alone_proves_nothing(tried: Sequence[Tried], later: int) -> None:
    log = admitted(tried)
    now = log[-1].at if log else 0
    before, after = standings(log, now), standings(log, now + later)
    assert all(before[step].valid or not after[step].valid for step in STEPS)
    assert all(before[step].is_passed or not after[step].is_passed for step in STEPS)


@given(TRIED)
def test_what_is_next_can_be_done(tried: Sequence[Tried]) -> None:
    log = admitted(tried)
    found = standings(log, log[-1].at if log else 0)
    step = current(found)
    assert step is None or found[step].blocked_by == ()


@given(TRIED)
def test_an_expired_or_refuted_proof_is_never_valid(tried: Sequence[Tried]) -> None:
    log = admitted(tried)
    now = log[-1].at if log else 0
    for step, standing in standings(log, now).items():
        proofs = [one for one in log if one.step == step and one.what in ("proven", "refuted")]
        holds = bool(proofs) and proofs[-1].what == "proven" and proofs[-1].holds(now)
        assert standing.valid == holds
        assert standing.state != "attested" or not standing.valid
