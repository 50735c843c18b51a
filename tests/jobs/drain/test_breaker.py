"""The breaker: opens after ten failures in a row, asks with one event, longer each time."""

from hypothesis import given
from hypothesis import strategies as st

from cockpit.jobs.drain.breaker import LONGEST_S, TRIP, Breaker


def fallen(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    blamed = [breaker.failed(now) for _ in range(TRIP)]
    assert blamed == [True] * (TRIP - 1) + [False]
    return breaker


def test_it_opens_and_one_event_asks_for_all() -> None:
    breaker = fallen()
    assert breaker.ready_at(0.5) == 1.0
    assert breaker.ready_at(1.0) == 1.0
    breaker.sent()
    assert breaker.ready_at(1.0) is None
    breaker.succeeded()
    assert breaker.ready_at(1.0) == 1.0


def test_while_it_stays_down_it_is_asked_ever_less() -> None:
    breaker, now, pauses = fallen(), 0.0, []
    for _ in range(8):
        at = breaker.ready_at(now)
        assert at is not None
        pauses.append(at - now)
        now = at
        breaker.sent()
        assert not breaker.failed(now)
    assert pauses == [1, 2, 4, 8, 16, LONGEST_S, LONGEST_S, LONGEST_S]


def test_late_answers_to_what_was_sent_before_open_nothing() -> None:
    breaker = fallen()
    breaker.succeeded()
    assert breaker.state == "open"
    assert not breaker.failed(0.1)
    assert breaker.ready_at(0.1) == 1.0


@given(st.lists(st.sampled_from(["sent", "succeeded", "failed"])))
def test_fewer_than_ten_in_a_row_never_open_it(steps: list[str]) -> None:
    breaker, row = Breaker(), 0
    for step in steps:
        if step == "failed":
            row += 1
            breaker.failed(0.0)
        elif step == "succeeded":
            row = 0
            breaker.succeeded()
        else:
            breaker.sent()
        if row >= TRIP:
            break
        assert breaker.state == "closed"
