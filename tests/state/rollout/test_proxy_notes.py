"""What the proxy writes into rollout.db: flows, counts, observations, which version it applies."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.state.database import open_state, transaction
from cockpit.state.rollout import ROLLOUT, flows, observations, proxies, routes, traffic
from cockpit.state.rollout.audit import Actor
from cockpit.state.rollout.flows import Flow
from cockpit.state.rollout.observations import Seen
from cockpit.state.rollout.routes import Described
from cockpit.state.rollout.traffic import Cell
from tests.rollout.test_route import route


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_state(tmp_path / "rollout.db", create=True, kind=ROLLOUT)
    yield connection
    connection.close()


def test_flows_that_are_over_are_forgotten_a_few_at_a_time(db: sqlite3.Connection) -> None:
    for number in range(5):
        assert flows.claim(db, [(bytes([number]), Flow("legacy", None, 10 + number))], 1)
    assert [flows.forget(db, 12, limit=2) for _ in range(3)] == [2, 1, 0]
    assert flows.find(db, [bytes([number]) for number in range(5)], 12).keys() == {b"\3", b"\4"}


def test_a_flow_is_kept_longer_but_stays_whose_it_is(db: sqlite3.Connection) -> None:
    flows.extend(db, b"1", Flow("legacy", "con_1", 10), 1)
    flows.extend(db, b"1", Flow("workos", "con_2", 30), 2)
    assert flows.find(db, [b"1"], 20) == {b"1": Flow("legacy", "con_1", 30)}


def test_counts_add_up(db: sqlite3.Connection) -> None:
    cell = Cell("con_1", 5, "legacy", "ok")
    traffic.add(db, {cell: 2, cell._replace(minute=6): 1, cell._replace(connection="con_2"): 9})
    traffic.add(db, {cell: 3})
    assert traffic.of(db, "con_1", 5) == [(cell, 5), (cell._replace(minute=6), 1)]
    assert traffic.since(db, 6) == {("con_1", "legacy", "ok"): 1}


def test_observations_add_up_by_trait(db: sqlite3.Connection, tmp_path: Path) -> None:
    observations.add(db, {Seen("con_1", "signed", "both"): 1, Seen("con_1", "signed", "response"): 2}, 5)
    observations.add(db, {Seen("con_1", "signed", "both"): 4}, 9)
    assert [(one.value, one.times, one.last_at) for one in observations.of(db, "con_1")] == [
        ("both", 5, 9),
        ("response", 2, 5),
    ]
    assert observations.read(tmp_path / "cockpit.db") == {"con_1": {"signed": {"both": 5, "response": 2}}}
    assert observations.read(tmp_path / "elsewhere" / "cockpit.db") == {}


def test_proxies_confirm_a_change(db: sqlite3.Connection) -> None:
    assert str(proxies.confirmation(db, 0)) == "no proxy reports"
    proxies.report(db, "one", "database", 0, 1000)
    proxies.report(db, "two", "snapshot", 0, 1000)
    with transaction(db):
        routes.describe(db, [Described(route("con_1", "legacy"))])
        routes.move(db, {"con_1": "canary"}, Actor("lead"), 1001)
    assert str(proxies.confirmation(db, 1001)) == "0 of 2 proxies confirmed"
    proxies.report(db, "one", "database", 2, 1002)
    found = proxies.confirmation(db, 1003)
    assert (found.version, str(found)) == (2, "1 of 2 proxies confirmed")
    assert [(one.name, one.since, one.seen_at) for one in found.confirmed] == [("one", 1002, 1002)]
    proxies.report(db, "one", "database", 2, 1500)
    assert proxies.alive(db, 1501)[0].since == 1002, "since it applies this version"


def test_a_proxy_that_left_or_fell_silent_is_not_waited_for(db: sqlite3.Connection) -> None:
    proxies.report(db, "one", "database", 0, 0)
    proxies.report(db, "two", "database", 0, 20_000)
    assert [one.name for one in proxies.alive(db, proxies.ALIVE_MS)] == ["two"]
    proxies.leave(db, "two")
    assert proxies.alive(db, proxies.ALIVE_MS) == []
