"""factors load: whose app it is, what is refused of it, and when it comes too late."""

import json
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import SystemClock
from cockpit.jobs import factors
from cockpit.jobs.factors import TOO_LATE, FactorReport
from cockpit.settings import SettingsError, load
from cockpit.state import check
from cockpit.state.database import open_state, transaction
from tests.jobs.remote import Remote
from tests.jobs.world import World, person, seed

SECRET, OTHER = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture
def world(tmp_path: Path, target: Remote) -> World:
    """Three users, of whom the records of 1 and 2 tell of an app, and that of 2 of a passkey."""
    world = World(tmp_path, target.base_url)
    seed(world.state, [person(n, connection="Users") for n in (1, 2, 3)])
    connection = open_state(world.state)
    with transaction(connection):
        for user, field in ((1, "guardian"), (2, "totp"), (2, "passkey")):
            connection.execute(
                "insert into findings values(?, 'second_factor_lost', 'warning', ?, 'enrolled')",
                (user, field),
            )
    connection.close()
    return world


def line(number: int | None, secret: str = SECRET, **fields: Any) -> bytes:
    """A line of Auth0's file; without a number it names nobody."""
    named = {} if number is None else {"user_id": f"auth0|{number:06}"}
    return json.dumps({**named, "mfa_factors": [{"totp": {"secret": secret}}], **fields}).encode() + b"\n"


def load_file(world: World, content: bytes) -> FactorReport:
    """The file loaded; the state is sound afterwards."""
    file = world.state.parent / "mfa.ndjson"
    file.write_bytes(content)
    settings = load(world.config, world.state)
    report = factors.load(world.state, settings, file, operator="ada", clock=SystemClock())
    connection = world.read()
    assert check.check(connection) == []
    connection.close()
    return report


def apps(world: World) -> list[Any]:
    """(whose, secret, state) of every app."""
    return world.ask(
        "select r.user, s.secret, o.state from resources r join resource_secrets s on s.id = r.id "
        "join operations o on o.kind = r.kind and o.subject = r.id where r.kind = 'factor' order by r.user"
    )


def lost(world: World) -> list[Any]:
    return world.ask("select user, field from findings where rule = 'second_factor_lost' order by 1, 2")


def test_an_app_is_ready_to_be_sent_and_its_user_loses_no_such_factor(world: World) -> None:
    report = load_file(world, line(1) + line(99))
    assert (report.matched, report.replaced, report.unmatched_file, report.unmatched_users) == (1, 0, 1, 1)
    assert apps(world) == [(1, SECRET, "ready")]
    assert lost(world) == [(2, "passkey"), (2, "totp")]


def test_the_secret_is_in_no_body_and_no_request(world: World) -> None:
    load_file(world, line(1))
    texts = world.ask("select body from resource_bodies") + world.ask("select request from resources")
    assert texts and not any(SECRET in text for text in texts)


def test_where_there_is_no_such_id_the_email_within_its_connection_tells(world: World) -> None:
    named = {"email": "USER3@example.com", "connection": "Users"}
    assert load_file(world, line(None, **named)).matched == 1
    assert apps(world) == [(3, SECRET, "ready")]


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        ("not base32!", "its secret is not Base32"),
        ("JBSWY3DP", "its secret has 5 bytes, fewer than 10"),
        (f"otpauth://totp/A:b?secret={SECRET}&digits=8", "its digits is 8, and the target takes 6 only"),
    ],
)
def test_one_that_the_target_would_not_take_is_counted_by_reason(
    world: World, secret: str, reason: str
) -> None:
    report = load_file(world, line(1, secret) + line(2, secret) + b"{broken\n")
    assert report.refused == {reason: 2, "no JSON object": 1}
    assert (report.matched, report.unmatched_users) == (0, 2)
    assert apps(world) == []


def test_the_same_file_again_changes_nothing_and_another_secret_replaces(world: World) -> None:
    load_file(world, line(1))
    again = load_file(world, line(1, SECRET.lower()))
    assert (again.matched, again.replaced) == (1, 0)
    other = load_file(world, line(1, OTHER))
    assert (other.matched, other.replaced) == (1, 1)
    assert apps(world) == [(1, OTHER, "ready")]


@pytest.mark.parametrize("state", ["imported", "adopted", "sending"])
def test_another_app_comes_too_late_for_whom_the_target_has(world: World, state: str) -> None:
    load_file(world, line(1))
    connection = open_state(world.state)
    with transaction(connection):
        connection.execute("update operations set state = ? where kind = 'factor'", (state,))
        connection.execute("update counters set state = ? where kind = 'factor'", (state,))
    connection.close()
    report = load_file(world, line(1) + line(1, OTHER))
    assert (report.matched, report.refused) == (1, {TOO_LATE: 1})
    assert apps(world) == [(1, SECRET, state)]


def test_a_source_without_such_a_file_says_so(tmp_path: Path, target: Remote) -> None:
    world = World(tmp_path, target.base_url)
    open_state(world.state, create=True).close()
    with pytest.raises(SettingsError, match=r"no file of TOTP secrets is known .*no source yet"):
        load_file(world, line(1))


def test_a_load_leaves_its_mark_and_no_secret_in_the_audit(world: World) -> None:
    load_file(world, line(1) + line(99))
    rows = world.ask("select operator, subject, after from audit where action = 'factors.load'")
    assert rows == [("ada", "mfa.ndjson", "1 matched, 1 unmatched")]
