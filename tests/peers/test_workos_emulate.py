"""The target that WorkOS's own CLI emulates: another server than our sandbox has to understand us too."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.world import UNLIMITED
from tests.peers import people, servers
from tests.peers.journey import ALL, Journey
from tests.peers.people import Realm
from tests.peers.servers import Server

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(servers.missing() is not None, reason=servers.missing() or ""),
]

USERS = 800
"""With what is asked besides, that stays under the 1,000 requests a minute that it enforces."""
ADOPT = '[import]\non_conflict = "adopt"\n'


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "workos"
    folder.mkdir()
    with servers.workos_emulator(folder) as server:
        yield server


def test_a_migration_ends_with_a_clean_diff(firebase: Server, target: Server, tmp_path: Path) -> None:
    everybody = Realm(range(USERS))
    people.seed(firebase, "demo-emulate", everybody)
    source = people.source(firebase, "demo-emulate", [everybody])
    journey = Journey(tmp_path, source, target.base_url, key=servers.KEY)
    journey.export()
    expected = {
        (account["localId"], account["email"], account["emailVerified"])
        for account in everybody.accounts()
        if "email" in account
    }
    assert journey.users("import", exit_code=3)["imported"] == len(expected)
    journey.ignore("lint:email_missing", "telephone only")
    diff = journey.users("diff")
    assert [diff[kind] for kind in ("missing", "drifted", "changed", "deleted", "extra")] == [0] * 5
    assert {(user.external_id, user.email, user.email_verified) for user in journey.listed()} == expected


def test_a_user_that_was_there_before_is_adopted(firebase: Server, target: Server, tmp_path: Path) -> None:
    few = Realm(range(5))
    people.seed(firebase, "demo-adopt", few)
    source = people.source(firebase, "demo-adopt", [few])
    settings = UNLIMITED + ALL + ADOPT
    journey = Journey(tmp_path, source, target.base_url, settings=settings, key=servers.KEY)
    account = few.account(2)
    with journey.sdk() as client:
        theirs = client.user_management.create_user(email=account["email"])
    journey.export()
    ended = journey.users("import")
    assert (ended["imported"], ended["adopted"]) == (4, 1)
    found = {user.id: user.external_id for user in journey.listed()}
    assert len(found) == 5
    assert found[theirs.id] == account["localId"]
