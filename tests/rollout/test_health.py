"""Health: few sign-ins prove little, none prove nothing, and without metrics nobody knows."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.rollout.health import Baseline, Evidence, Limits, judge, shared_codes, upper

NOW = 1_800_000_000_000
KNOWN = Evidence(known_until=NOW)
LIMITS = Limits()


@pytest.mark.parametrize(
    ("counted", "verdict", "why"),
    [
        ({}, "inconclusive", "unproven, no sign-in yet: ask for a test login"),
        ({"handed": 4}, "inconclusive", "4 logins were handed over, WorkOS told of none"),
        ({"started": 1, "succeeded": 1}, "pass", "1 of 1 sign-ins succeeded"),
        ({"failed": 1, "codes": {"bad_sig": 1}}, "inconclusive", "unproven, 1 failed (bad_sig)"),
        ({"failed": 2}, "inconclusive", "unproven, 2 failed"),
        ({"failed": 3}, "fail", "0 of 3 sign-ins succeeded, expected are 90%"),
        ({"succeeded": 1, "failed": 3}, "fail", "1 of 4 sign-ins succeeded, expected are 90%"),
        ({"succeeded": 8, "failed": 2}, "inconclusive", "8 of 10 succeeded, expected are 90%: too few"),
        ({"succeeded": 80, "failed": 40}, "fail", "80 of 120 sign-ins succeeded"),
        ({"succeeded": 95, "failed": 5}, "pass", "95 of 100 sign-ins succeeded"),
        ({"timed_out": 3}, "fail", "3 sign-ins began and none came to an end"),
        ({"succeeded": 9, "timed_out": 3}, "pass", "9 of 9 sign-ins succeeded"),
        ({"succeeded": 1, "fell_back": 5}, "inconclusive", "5 logins fell back to legacy"),
    ],
)
def test_the_verdict_and_why(counted: dict[str, int], verdict: str, why: str) -> None:
    told = judge(replace(KNOWN, **counted), LIMITS, NOW)  # type: ignore[arg-type]
    assert told.verdict == verdict
    assert told.why.startswith(why)


@pytest.mark.parametrize("known_until", [None, NOW - LIMITS.blind_ms - 1])
def test_without_metrics_there_is_no_verdict_however_bad_it_was(known_until: int | None) -> None:
    assert judge(Evidence(failed=100, known_until=known_until), LIMITS, NOW).verdict == "no data"


def test_a_connection_is_held_to_what_it_did_at_legacy() -> None:
    shaky = replace(KNOWN, succeeded=50, failed=50)
    assert judge(shaky, LIMITS, NOW).verdict == "fail"
    assert judge(replace(shaky, baseline=Baseline(50, 50)), LIMITS, NOW).verdict == "pass"
    assert judge(replace(shaky, baseline=Baseline(9, 9)), LIMITS, NOW).verdict == "fail", "18 are too few"
    good = replace(KNOWN, succeeded=900, failed=100, baseline=Baseline(1000, 0))
    assert judge(good, LIMITS, NOW).verdict == "fail"


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 50))
def test_a_failure_more_never_makes_it_better_and_a_success_more_never_worse(
    good: int, bad: int, late: int
) -> None:
    order = ["fail", "inconclusive", "pass"]

    def rank(**counted: int) -> int:
        return order.index(judge(replace(KNOWN, timed_out=late, **counted), LIMITS, NOW).verdict)  # type: ignore[arg-type]

    assert rank(succeeded=good, failed=bad + 1) <= rank(succeeded=good, failed=bad) or not good + bad
    assert rank(succeeded=good + 1, failed=bad) >= rank(succeeded=good, failed=bad)


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_upper_bound_is_no_less_than_the_share_and_narrows(good: int, of: int) -> None:
    good = min(good, of)
    assert good / of - 1e-12 <= upper(good, of) <= 1 + 1e-12
    assert upper(10 * good, 10 * of) <= upper(good, of) + 1e-12


def test_a_code_that_several_connections_share_is_no_fault_of_one() -> None:
    failures = [{"audience": 3}, {"audience": 1, "expired": 9}, {"expired": 1}, {}]
    assert shared_codes(failures, 2) == ["audience", "expired"]
    assert shared_codes(failures, 3) == []
