"""Freeze windows: local days and hours, named days, and room between two flips."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from cockpit.rollout.freeze import Calendar, spaced


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_without_a_setting_it_is_always_open() -> None:
    assert Calendar().closed(at("2026-12-25 03:00")) is None


@pytest.mark.parametrize(
    ("moment", "why"),
    [
        ("2026-11-25 08:30", None),  # Wednesday, 9:30 in Vienna
        ("2026-11-25 07:59", "no flips at 08:59 (09:00-16:00 Europe/Vienna only)"),
        ("2026-11-25 15:00", "no flips at 16:00 (09:00-16:00 Europe/Vienna only)"),
        ("2026-11-27 09:00", "no flips on fri (mon, tue, wed, thu only)"),
        ("2026-12-21 09:00", "year end: no flips until 2027-01-07"),
        ("2027-01-06 09:00", "year end: no flips until 2027-01-07"),
        ("2027-01-07 09:00", None),
    ],
)
def test_days_and_hours_are_local(moment: str, why: str | None) -> None:
    calendar = Calendar.model_validate(
        {
            "timezone": "Europe/Vienna",
            "weekdays": ["mon", "tue", "wed", "thu"],
            "hours": "09:00-16:00",
            "freezes": [{"first": "2026-12-19", "last": "2027-01-06", "why": "year end"}],
        }
    )
    assert calendar.closed(at(moment)) == why


def test_the_hours_follow_summer_time() -> None:
    calendar = Calendar(timezone="Europe/Vienna", hours="09:00-16:00")
    assert calendar.closed(at("2026-07-01 07:30")) is None
    assert calendar.closed(at("2026-01-05 07:30")) is not None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"timezone": "Europe/Atlantis"}, "no time zone 'Europe/Atlantis'"),
        ({"hours": "9 to 5"}, "are no hours"),
        ({"hours": "16:00-09:00"}, "the end is not after the beginning"),
        ({"weekdays": ["monday"]}, "Input should be"),
        ({"freezes": [{"first": "2027-01-06", "last": "2026-12-19"}]}, "last is before first"),
    ],
)
def test_what_can_not_be_meant_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Calendar.model_validate(wrong)


def test_two_flips_keep_their_distance() -> None:
    assert spaced(None, 0, 5) is None
    assert spaced(1_000, 241_000, 5) == "the last flip was less than 5 min ago; 60 s to go"
    assert spaced(1_000, 301_000, 5) is None
    assert spaced(1_000, 1_000, 0) is None
