"""Numbers and times in words: no 1 days, no -21 days."""

import pytest

from cockpit.words import DAY_MS, counted, ends, span

NOW = 1_767_323_045_000


def test_one_is_not_many() -> None:
    assert (counted(1, "flip"), counted(0, "flip")) == ("1 flip", "0 flips")
    assert counted(200_000, "user") == "200,000 users"


@pytest.mark.parametrize(
    ("milliseconds", "says"),
    [(40_000, "40 s"), (119_000, "119 s"), (720_000, "12 min"), (7_200_000, "2 h"), (7 * DAY_MS, "7 days")],
)
def test_a_duration_has_one_unit(milliseconds: int, says: str) -> None:
    assert span(milliseconds) == says


@pytest.mark.parametrize(
    ("until", "says"),
    [
        (13 * DAY_MS, "ends in 13 days"),
        (DAY_MS, "ends in 1 day"),
        (1, "ends in less than a day"),
        (0, "ended less than a day ago"),
        (-DAY_MS, "ended 1 day ago"),
        (-21 * DAY_MS, "ended 21 days ago"),
        (-22 * DAY_MS + 1, "ended 21 days ago"),
    ],
)
def test_what_ended_is_not_said_to_end(until: int, says: str) -> None:
    assert ends(NOW + until, NOW) == says
