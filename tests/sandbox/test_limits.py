"""The published budgets: 500 writes and 1,000 reads in 10 s, 6,000 requests in 60 s."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cockpit.sandbox.config import RateWindow, SandboxConfig
from cockpit.sandbox.limits import Budgets, FixedWindow, Peak, SlidingWindow
from tests.sandbox.inside import Sandbox, inside

gaps = st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=120)
limits = st.integers(1, 8)


def arrivals(gaps: list[float]) -> list[float]:
    now, times = 1000.0, []
    for gap in gaps:
        now += gap
        times.append(now)
    return times


@given(limits, gaps)
def test_a_sliding_window_never_admits_more_than_its_limit_in_any_span(limit: int, gaps: list[float]) -> None:
    window, taken = SlidingWindow(limit, 5.0), []
    for now in arrivals(gaps):
        if window.wait(now) == 0:
            window.take(now)
            taken.append(now)
    for first in taken:
        assert sum(first <= time < first + 5.0 for time in taken) <= limit


@given(limits, gaps)
def test_a_fixed_window_never_admits_more_than_its_limit_between_two_multiples(
    limit: int, gaps: list[float]
) -> None:
    window, counts = FixedWindow(limit, 5.0), dict[float, int]()
    for now in arrivals(gaps):
        if window.wait(now) == 0:
            window.take(now)
            counts[now // 5.0] = counts.get(now // 5.0, 0) + 1
    assert all(count <= limit for count in counts.values())


@given(st.sampled_from([FixedWindow, SlidingWindow]), limits, gaps)
@example(SlidingWindow, 1, [0.5390456713734365, 0.0, 0.0, 0.0, 0.0, 0.0])
def test_whoever_waits_as_long_as_told_is_admitted(
    kind: type[FixedWindow] | type[SlidingWindow], limit: int, gaps: list[float]
) -> None:
    window = kind(limit, 5.0)
    now = 1000.0
    for gap in gaps:
        now += gap
        wait = window.wait(now)
        assert 0 <= wait <= 5.0
        now += wait + 1e-6 * (wait > 0)
        assert window.wait(now) == 0
        window.take(now)


@given(gaps)
def test_the_peak_is_the_most_requests_in_any_span(gaps: list[float]) -> None:
    peak, times = Peak(5.0), arrivals(gaps)
    for now in times:
        peak.see(now)
    assert peak.most == max(sum(last - 5.0 < time <= last for time in times) for last in times)
    assert all(earlier <= later for earlier, later in pairwise(times))


@pytest.mark.parametrize("kind", ["fixed", "sliding"])
def test_writes_and_reads_have_budgets_of_their_own(kind: RateWindow) -> None:
    budgets = Budgets("published", kind)
    assert [budgets.admit("write", 1000.0) for _ in range(500)] == [0] * 500
    assert budgets.admit("write", 1000.0) == 10
    assert [budgets.admit("read", 1000.0) for _ in range(1000)] == [0] * 1000
    assert budgets.admit("read", 1000.0) == 10
    assert budgets.refused == {"writes_10s": 1, "reads_10s": 1}
    assert budgets.admit("write", 1010.0) == 0


def test_everything_together_is_held_to_6000_in_a_minute() -> None:
    budgets = Budgets("published", "sliding")
    assert not any(budgets.admit("other", 1000.0) for _ in range(6000))
    assert budgets.admit("write", 1000.0) == 60
    assert budgets.refused == {"all_60s": 1}


def test_without_limits_only_the_peaks_are_kept() -> None:
    budgets = Budgets("off", "fixed")
    assert not any(budgets.admit("write", 1000.0) for _ in range(7000))
    assert budgets.peaks["writes_10s"].most == 7000
    assert not budgets.refused


def test_the_answer_names_the_wait_in_body_and_header() -> None:
    async def test(sandbox: Sandbox) -> None:
        for _ in range(500):
            sandbox.world.budgets.admit("write", sandbox.clock.monotonic())
        refused = await sandbox.create(email="late@example.com")
        assert refused.status == 429
        assert refused.code == "rate_limit_exceeded"
        assert refused.headers["Retry-After"] == str(refused.body["retry_after"])
        sandbox.clock.advance(refused.body["retry_after"])
        assert (await sandbox.create(email="late@example.com")).status == 201

    inside(SandboxConfig(source="none", rate_window="sliding"), test)
