"""The target that WorkOS's own CLI emulates: another server than our sandbox has to understand us too."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.jobs.companies import seed_companies
from tests.jobs.world import UNLIMITED, World
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
SOON = UNLIMITED.replace("[target]\n", "[target]\ntimeout_s = 3\nfactors_per_s = 0\n")
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


def test_members_of_three_organizations_keep_all_three(target: Server, tmp_path: Path) -> None:
    """100 users in 3 organizations each: 300 memberships. It ignores TOTP secrets, and sets permissions
    otherwise than the SDK asks."""
    world = World(tmp_path, target.base_url, SOON, key=servers.KEY)
    seed_companies(world.state, users=100, organizations=3, each=3, factors=5, roles=("member",))
    result = world.run_here("import").result
    assert result is not None and result["exit"] == 0, result
    token = {"Authorization": f"Bearer {servers.KEY}"}
    with httpx.Client(base_url=target.base_url, headers=token) as client:
        organizations = client.get("/organizations", params={"limit": 100}).json()["data"]
        assert len(organizations) == 3
        members = [
            (item["user_id"], item["organization_id"])
            for organization in organizations
            for item in _pages(client, organization["id"])
        ]
    assert len(members) == len(set(members)) == 300


def _pages(client: httpx.Client, organization: str) -> Iterator[dict[str, Any]]:
    """Its records lack what the SDK's models need, so they are read without it."""
    after: dict[str, str] = {}
    while True:
        params = {"organization_id": organization, "limit": "100", **after}
        page = client.get("/user_management/organization_memberships", params=params).json()
        yield from page["data"]
        if not page["list_metadata"]["after"]:
            return
        after = {"after": page["list_metadata"]["after"]}
