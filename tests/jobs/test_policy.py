"""[mapping]: who stays behind by policy, and who comes along once it is changed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cockpit.jobs import plan
from cockpit.jobs.lint import holding
from cockpit.settings import load
from cockpit.state import check, exports, meta
from cockpit.state.database import open_state, transaction
from cockpit.terms import Page, RawItem
from tests.jobs.remote import Remote
from tests.jobs.world import UNLIMITED, World

Record = dict[str, Any]

DATABASE = {"provider": "auth0", "user_id": "1", "connection": "Users"}
GOOGLE = {"provider": "google-oauth2", "user_id": "1", "connection": "google-oauth2"}


def account(name: str, **fields: Any) -> Record:
    """A record of Auth0: verified, active, without a password."""
    return {"user_id": f"auth0|{name}", "email": f"{name}@example.com", "email_verified": True, **fields}


EVERYBODY = [
    account("ana"),
    account("banned", blocked=True),
    account("federated", identities=[GOOGLE]),
    account("unverified", email_verified=False),
    account("both", blocked=True, email_verified=False),
    account("broken", blocked=True, email="no address"),
]


def export(world: World, records: Sequence[Record]) -> None:
    """An export of these records, complete."""
    connection = open_state(world.state, create=True)
    with transaction(connection):
        meta.bind_source(connection, "auth0:acme.example")
        number = exports.begin(connection, 1).id
        items = [RawItem(record["user_id"], json.dumps(record)) for record in records]
        exports.commit_page(connection, number, Page("", "0", None, items), 100, 2)
        exports.complete(connection, number, "complete", 0, 3)
    connection.close()


def decide(world: World, *lines: str) -> None:
    """Change [mapping]."""
    world.config.write_text("\n".join([UNLIMITED, "[mapping]", *lines, ""]))


def held(world: World) -> dict[str, str]:
    """Who is held, by the name in their id, and for what; the sums add up."""
    connection = world.read()
    assert check.check(connection) == []
    connection.close()
    query = "select substr(r.source_id, 7), h.reason from holds h join raw r on r.id = h.user"
    return dict(world.ask(query))


def lint(world: World) -> dict[str, Any]:
    result = world.run_here("lint").result
    assert result is not None
    return result


@pytest.fixture
def world(tmp_path: Path, target: Remote) -> World:
    world = World(tmp_path, target.base_url)
    export(world, EVERYBODY)
    return world


def test_by_default_those_stay_behind_whom_the_source_bars(world: World, target: Remote) -> None:
    result = lint(world)
    assert result["exit"] == 0
    assert result["message"] == "6 records linted, none blocked, 3 held back by policy (3 banned)"
    assert result["held"] == {"banned": 3}
    assert held(world) == dict.fromkeys(("banned", "both", "broken"), "banned")
    assert world.counts() == {"ready": 3, "skipped": 3}
    world.run_here("import")
    assert {user["email"].partition("@")[0] for user in target.users()} == {"ana", "federated", "unverified"}


def test_a_policy_that_changes_is_applied_to_everybody_not_sent_yet(world: World, target: Remote) -> None:
    lint(world)
    decide(world, 'banned = "import"', 'federated = "hold"', 'unverified = "hold"')
    assert lint(world)["exit"] == 3  # who is broken is blocked by that now
    assert held(world) == {"federated": "federated", "unverified": "unverified", "both": "unverified"}
    assert world.counts() == {"ready": 2, "skipped": 3, "failed": 1}
    world.run_here("import")
    assert world.counts() == {"imported": 2, "skipped": 3, "failed": 1}
    decide(world, 'banned = "hold"')
    world.run_here("import")
    assert held(world) == {"both": "banned", "broken": "banned"}
    assert world.counts() == {"imported": 4, "skipped": 2}
    (sent,) = world.ask("select request from users where email = 'banned@example.com'")
    assert json.loads(sent)["metadata"]["source_status"] == "banned"


def test_moves_are_audited_with_their_reason(world: World) -> None:
    lint(world)
    decide(world, 'banned = "import"')
    lint(world)
    lint(world)
    assert world.ask("select operator, action, subject, why from audit where action like 'users.%'") == [
        ("tester", "users.hold", "3 users", "banned"),
        ("tester", "users.release", "3 users", "banned"),
    ]


def test_who_changed_at_the_source_is_judged_by_what_they_are_now(world: World) -> None:
    lint(world)
    export(world, [account("banned"), account("ana", blocked=True), *EVERYBODY[2:]])
    lint(world)
    assert held(world) == dict.fromkeys(("ana", "both", "broken"), "banned")
    assert world.counts() == {"ready": 3, "skipped": 3}


def test_who_is_held_keeps_no_address_from_others(world: World) -> None:
    twin = account("twin", email="BANNED@example.com")
    export(world, [*EVERYBODY, twin])
    lint(world)
    assert world.counts() == {"ready": 4, "skipped": 3}
    decide(world, 'banned = "import"')
    assert lint(world)["blocked"] == 2
    blocked = world.ask("select fingerprint from errors where resolution = 'open' order by 1")
    assert blocked == ["lint:email_duplicate", "lint:email_syntax"]


def test_who_was_blocked_by_a_duplicate_is_free_once_a_policy_holds_the_other(world: World) -> None:
    decide(world, 'banned = "import"')
    export(world, [*EVERYBODY, account("twin", email="BANNED@example.com")])
    assert lint(world)["blocked"] == 2
    decide(world, 'banned = "hold"')
    assert lint(world)["blocked"] == 0
    assert world.counts() == {"ready": 4, "skipped": 3}


def test_a_dry_run_tells_who_would_stay_behind(world: World) -> None:
    lint(world)
    decide(world, 'unverified = "hold"', 'banned = "import"')
    settings = load(world.config, world.state)
    planned = plan.dry_run(world.state, settings.target, holding(settings))
    assert (planned.users, planned.held) == (4, {"unverified": 2})
    assert world.counts() == {"ready": 3, "skipped": 3}
