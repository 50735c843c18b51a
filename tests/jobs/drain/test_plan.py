"""What a drain would send, counted before; and addresses that can be none."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.jobs.drain import plan
from cockpit.jobs.drain.choices import Choices
from cockpit.state.database import open_state
from cockpit.state.tank import TANK, arrivals, deliveries
from tests.webhooks.filled import event, updates


@pytest.fixture
def tank(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = open_state(tmp_path / "webhooks.db", create=True, kind=TANK)
    arrivals.listening(opened, {"clerk": "standard"}, "127.0.0.1:8788", 1)
    arrivals.keep(opened, [*updates(10, 3), event(10, "session.created", "s", user_id="user_1")])
    yield opened
    opened.close()


def test_every_choice_is_counted_alone_and_those_made_together(tank: sqlite3.Connection) -> None:
    made = plan.plan(tank, None, Choices(("clerk",)))
    assert (made.held, made.to_send, made.left_out("superseded")) == (11, 11, 7)
    assert [(line.type, line.held, line.to_send) for line in made.lines] == [
        ("user.updated", 10, 10),
        ("session.created", 1, 1),
    ]
    made = plan.plan(tank, None, Choices(("clerk",), coalesce=True))
    assert (made.held, made.to_send) == (11, 4)
    assert plan.plan(tank, None, Choices(("mine",))).held == 0


def test_what_is_in_flight_counts_as_held(tank: sqlite3.Connection) -> None:
    deliveries.claim(tank, ["clerk"], 0, 4, 1, 1)
    assert plan.plan(tank, None, Choices(("clerk",))).held == 11


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("ftp://app.example/x", "an http(s) URL is needed"),
        ("app.example", "an http(s) URL is needed"),
        ("http://[::1", "is no URL"),
        ("http://app.example:port/", "is no URL"),
        ("http://127.0.0.1:8788/clerk", "is the tank itself"),
    ],
)
def test_an_address_that_can_be_none_says_why(tank: sqlite3.Connection, to: str, why: str) -> None:
    assert why in (plan.refusal(tank, to) or "")


def test_an_address_that_can_be_one(tank: sqlite3.Connection) -> None:
    assert plan.refusal(tank, "https://app.example/hook") is None


def test_the_time_it_takes_counts_the_ramp() -> None:
    assert plan.eta_s(500, 50, 0) == 10
    assert plan.eta_s(2_000, 50, 60) == 70
    assert plan.eta_s(375, 50, 60) == 30
