"""The pace: never above its limit in any second, rising by the ramp, falling where it hurts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.jobs.drain.pace import START, Pace


def sends(pace: Pace, until: float, latency: float = 0.01, well: bool = True) -> list[float]:
    """When events go out, if there is always one and each answer takes so long."""
    now, sent = 0.0, []
    flying: list[float] = []
    while now < until:
        at = pace.ready_at(now)
        if flying and (at is None or flying[0] <= at):
            now = max(now, flying[0])
            flying.pop(0)
            pace.answered(now, latency, well)
        else:
            assert at is not None
            now = max(now, at)
            pace.sent(now)
            sent.append(now)
            flying.append(now + latency)
    return sent


def most_in_a_second(times: list[float]) -> int:
    first, most = 0, 0
    for last, at in enumerate(times):
        while times[first] <= at - 1:
            first += 1
        most = max(most, last - first + 1)
    return most


@settings(max_examples=60)
@given(st.floats(1, 200), st.sampled_from([0.0, 5.0, 60.0]), st.floats(0, 3), st.booleans())
def test_no_second_has_more_than_the_limit(limit: float, ramp: float, latency: float, well: bool) -> None:
    times = sends(Pace(limit, ramp, 2.0, 0.0), 20.0, latency, well)
    assert most_in_a_second(times) <= max(1, int(limit))


def test_without_a_ramp_it_goes_at_its_limit_at_once() -> None:
    assert 0.95 * 50 * 20 <= len(sends(Pace(50, 0, 2.0, 0.0), 20.0)) <= 50 * 20


def test_a_ramp_takes_as_long_as_was_asked_for() -> None:
    pace = Pace(100, 10, 2.0, 0.0)
    assert pace.rate == START
    times = sends(pace, 20.0)
    assert 5 <= sum(at < 1 for at in times) + sum(at < 2 for at in times) <= 40
    assert 0.35 * 1000 <= sum(at < 10 for at in times) <= 0.65 * 1000
    assert pace.rate == 100


def test_suffering_halves_once_a_second_and_being_well_raises() -> None:
    pace = Pace(80, 0, 2.0, 0.0)
    for now in (0.0, 0.1, 0.2):
        pace.sent(now)
        pace.answered(now, 0.01, False)
    assert pace.rate == 40
    pace.sent(1.0)
    pace.answered(1.0, 0.01, False)
    assert pace.rate == 20
    sends(pace, 60.0)
    assert pace.rate == 80


def test_slow_answers_slow_it_down_and_nothing_brings_it_to_a_stand() -> None:
    pace = Pace(80, 0, 0.5, 0.0)
    sends(pace, 30.0, latency=3.0)
    assert pace.rate < 40
    sends(Pace(80, 0, 2.0, 0.0), 60.0, well=False)
    assert pace.rate >= START


def test_a_person_may_lower_and_raise_it_and_the_consumer_may_ask_to_wait() -> None:
    pace = Pace(50, 0, 2.0, 0.0)
    pace.throttle(5)
    assert pace.rate == pace.limit == 5
    pace.throttle(None)
    assert (pace.rate, pace.limit) == (5, 50)
    pace.hold(0.0, 7.0)
    assert pace.ready_at(1.0) == 7.0
    pace.hold(0.0, 1e9)
    assert pace.ready_at(1.0) == 3600.0
