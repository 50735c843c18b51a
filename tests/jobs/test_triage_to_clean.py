"""A migration whose failures are fixed, linked and left behind ends clean; a later sync keeps all of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cockpit.rules.fixes import made
from cockpit.state import fix
from tests.jobs import reviewing
from tests.jobs.remote import CREDENTIALS, Remote
from tests.jobs.reviewing import still_open, writing
from tests.jobs.world import UNLIMITED, World
from tests.sandbox.running import Running

USERS = 40


@pytest.fixture(scope="module")
def auth0() -> Iterator[Remote]:
    with Running("--source", "auth0", "--users", str(USERS), "--limits", "off") as running:
        yield Remote(running.base_url)


@pytest.fixture
def world(auth0: Remote, tmp_path: Path) -> World:
    """The source's users, all of whom are to go along."""
    auth0.reset()
    settings = UNLIMITED + auth0.source_settings() + '[mapping]\nbanned = "import"\n'
    world = World(tmp_path, auth0.base_url, settings)
    world.environment |= CREDENTIALS
    return world


def exit_of(world: World, kind: Any, **args: Any) -> int:
    result = world.run_here(kind, **args).result
    assert result is not None, kind
    return int(result["exit"])


def test_what_was_decided_is_no_difference(world: World, auth0: Remote) -> None:
    exit_of(world, "export", source="auth0", kinds=["user"])
    linked, fixed, changed, bad = world.ask("select source_id from raw order by id limit 4")
    auth0.correct(bad, email="bad@@")
    exit_of(world, "export", source="auth0", kinds=["user"])
    exit_of(world, "lint")
    email = str(world.ask("select email from users where external_id = ?", linked)[0])
    auth0.create(email=email, external_id="crm-7")
    theirs = str(world.ask("select email from users where external_id = ?", fixed)[0])
    auth0.create(email=theirs, external_id="crm-8")
    assert exit_of(world, "import", kinds=["user"]) == 3
    (first,) = still_open(world, search=linked)
    (second,) = still_open(world, search=fixed)
    with writing(world) as connection:
        fix.merge(connection, [first], "link", operator="ana", batch_size=100, now=50)
    reviewing.edit(world, second, email="other@example.com", first_name="Fixed")
    for cause in set(world.ask("select fingerprint from errors where resolution = 'open'")):
        reviewing.by_rule(world, made(cause, "skip", value="nobody can use it"))
    assert exit_of(world, "import", kinds=["user"]) == 0
    assert world.counts() == {"imported": USERS - 2, "adopted": 1, "skipped": 1}
    assert exit_of(world, "diff") == 0, world.ask("select kind, external_id, fields from diff_findings")
    auth0.correct(fixed, family_name="Changed")
    auth0.correct(linked, family_name="Changed")
    auth0.correct(changed, family_name="Changed")
    assert exit_of(world, "export", source="auth0", kinds=["user"]) == 0
    assert exit_of(world, "import", kinds=["user", "user update"]) == 0
    assert auth0.get(fixed)["email"] == "other@example.com"
    assert (auth0.get(fixed)["first_name"], auth0.get(fixed)["last_name"]) == ("Fixed", "Changed")
    assert auth0.get("crm-7")["last_name"] is None
    assert exit_of(world, "diff") == 0, world.ask("select kind, external_id, fields from diff_findings")
