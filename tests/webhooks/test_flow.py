"""Events as they are followed beside those that came by webhook."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from cockpit.webhooks.flow import Delivered, Flow, Followed, compare

NAME, OTHER = "authentication.sso_succeeded", "user.created"
NAMES = frozenset({NAME})


def followed(ident: str, at: int, name: str = NAME) -> Followed:
    return Followed(ident, name, at)


def delivered(ident: str, at: int, name: str = NAME) -> Delivered:
    return Delivered(ident, name, at)


def flow(shown: Sequence[Followed], came: Sequence[Delivered], refused: int = 0) -> Flow:
    return compare(shown, came, names=NAMES, since=100, until=1000, refused=refused)


def test_the_same_ids_flow_and_their_lags_are_told() -> None:
    shown = [followed(f"e{n}", 100 + n) for n in range(100)]
    found = flow(shown, [delivered(event.id, event.at + n) for n, event in enumerate(shown)])
    assert (found.flows, found.matched, found.lag_p50, found.lag_p95) == (True, 100, 50, 95)
    assert found.words() == "100 events came both ways; lag p50 0.1 s, p95 0.1 s"


def test_nothing_is_no_flow_and_no_gap() -> None:
    found = flow([], [])
    assert (found.flows, found.missing, found.unknown, found.lag_p50) == (False, (), (), None)
    assert found.words() == "nothing came both ways yet"


def test_gaps_are_named_on_both_sides_the_oldest_first() -> None:
    shown = [followed("both", 200), followed("late", 400), followed("lost", 300)]
    found = flow(shown, [delivered("both", 201), delivered("odd", 500)])
    assert [event.id for event in found.missing] == ["lost", "late"]
    assert [event.id for event in found.unknown] == ["odd"]
    assert not found.flows
    assert "2 not by webhook; 1 by webhook only" in found.words()


def test_what_is_too_young_or_was_before_is_no_gap() -> None:
    shown = [followed("both", 200), followed("before", 99), followed("young", 1001)]
    found = flow(shown, [delivered("both", 201), delivered("odd", 1001)])
    assert (found.flows, found.pending) == (True, 2)


def test_one_that_came_late_is_matched_to_an_event_of_before() -> None:
    assert flow([followed("old", 50)], [delivered("old", 150)]).lag_p50 == 100


def test_events_of_other_names_are_not_followed_and_count_nowhere() -> None:
    found = flow([followed("both", 200)], [delivered("both", 210), delivered("user", 220, OTHER)])
    assert (found.flows, found.unknown) == (True, ())


def test_a_second_delivery_changes_nothing() -> None:
    found = flow([followed("both", 200)], [delivered("both", 900), delivered("both", 210)])
    assert (found.matched, found.lag_p95) == (1, 10)


def test_a_request_that_was_not_let_in_speaks_against_it() -> None:
    assert not flow([followed("both", 200)], [delivered("both", 201)], refused=1).flows


IDENTS = st.sets(st.integers(0, 50))


@given(IDENTS, IDENTS)
def test_every_event_is_in_exactly_one_place(api: set[int], webhook: set[int]) -> None:
    found = flow(
        [followed(str(n), 100 + 30 * n) for n in api], [delivered(str(n), 100 + 30 * n) for n in webhook]
    )
    assert found.matched == len(api & webhook)
    assert found.matched + len(found.missing) + len(found.unknown) + found.pending == len(api | webhook)
