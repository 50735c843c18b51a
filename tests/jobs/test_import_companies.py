"""Organizations, roles, memberships and factors arrive once each, whatever happens on the way."""

from pathlib import Path
from typing import Any

import pytest

from cockpit.records import Permission
from cockpit.state import check, journal, resolve
from cockpit.state.database import open_state, transaction
from tests.jobs.companies import factor, membership, organization, role, secret, seed_companies, store
from tests.jobs.remote import Remote
from tests.jobs.world import UNLIMITED, World, person, seed
from tests.totp import code

SOON = UNLIMITED.replace("[target]\n", "[target]\ntimeout_s = 1.5\nfactors_per_s = 0\n")
"""No limits, and a client that gives up early."""


@pytest.fixture
def world(tmp_path: Path, target: Remote) -> World:
    return World(tmp_path, target.base_url, SOON)


def imported(world: World, **args: Any) -> dict[str, Any]:
    result = world.run_here("import", **args).result
    assert result is not None
    connection = world.read()
    assert check.check(connection) == []
    connection.close()
    return result


def counts(world: World, kind: str) -> dict[str, int]:
    connection = world.read()
    found = {str(state): n for state, n in journal.counts(connection, kind).items() if n}
    connection.close()
    return found


def at_target(target: Remote) -> dict[str, int]:
    stats = target.stats()
    return {name: stats[name] for name in ("users", "organizations", "memberships", "factors")}


def test_a_member_of_three_organizations_keeps_all_three(world: World, target: Remote) -> None:
    seed_companies(world.state, users=100, organizations=9, each=3, factors=10)
    assert imported(world)["exit"] == 0
    assert at_target(target) == {"users": 100, "organizations": 9, "memberships": 300, "factors": 10}
    found = target.all("tenancy/memberships")
    assert {(row["user"], row["organization"]) for row in found} == {
        (person(user).source_id, organization((user + turn) % 9).source_id)
        for user in range(100)
        for turn in range(3)
    }
    again = imported(world)
    assert again["exit"] == 0
    assert at_target(target)["memberships"] == 300


def test_the_secret_survives(world: World, target: Remote) -> None:
    seed_companies(world.state, users=3, organizations=1, each=1, factors=1)
    imported(world)
    user = target.get(person(0).source_id)["id"]
    asked = target.call("GET", f"/_sandbox/totp?user={user}&code={code(secret(0))}")
    assert asked["right"] is True
    kept = b"".join(file.read_bytes() for file in world.state.parent.glob("*.log"))
    assert secret(0).encode() not in kept


def test_who_was_there_before_still_gets_the_memberships(world: World, target: Remote) -> None:
    seed_companies(world.state, users=2, organizations=2, each=2, factors=0)
    target.create(email="user0@example.com")
    world.config.write_text(SOON + '[import]\non_conflict = "adopt"\n')
    assert imported(world)["exit"] == 0
    assert counts(world, "user") == {"imported": 1, "adopted": 1}
    assert counts(world, "membership") == {"imported": 4}


def test_what_hangs_on_a_failed_user_waits_and_is_counted(world: World, target: Remote) -> None:
    seed_companies(world.state, users=2, organizations=2, each=2, factors=2)
    target.create(email="user0@example.com")
    told = imported(world)
    assert told["exit"] == 3
    assert counts(world, "membership") == {"imported": 2, "ready": 2}
    notices = world.ask("select text from notices where text like '%wait%'")
    assert notices == [
        "2 memberships wait for users or organizations that are not at the target",
        "1 factors wait for users or organizations that are not at the target",
    ]


def test_an_organization_of_our_external_id_is_adopted(world: World, target: Remote) -> None:
    seed(world.state, [person(1)])
    store(world.state, "organization", [organization(1)])
    target.call("POST", "/organizations", {"name": "Theirs", "external_id": organization(1).source_id})
    assert imported(world)["exit"] == 0
    assert counts(world, "organization") == {"adopted": 1}


def test_a_role_that_differs_at_the_target_is_a_conflict_and_one_that_is_the_same_is_adopted(
    world: World, target: Remote
) -> None:
    seed(world.state, [person(1)])
    store(world.state, "permission", [Permission(slug="books:read", name="Read books")])
    store(world.state, "role", [role("member"), role("admin", "books:read"), role("auditor", "books:read")])
    target.call("POST", "/authorization/permissions", {"slug": "all", "name": "All"})
    target.call("POST", "/authorization/roles", {"slug": "auditor", "name": "Theirs"})
    target.call("PUT", "/authorization/roles/auditor/permissions", {"permissions": ["all"]})
    assert imported(world)["exit"] == 3
    assert counts(world, "role") == {"adopted": 2, "failed": 1}
    ((title, klass),) = world.ask("select title, class from errors")
    assert "other permissions" in title and klass == "conflict"
    assert target.call("GET", "/authorization/roles/auditor")["permissions"] == ["all"]
    assert target.call("GET", "/authorization/roles/admin")["permissions"] == ["books:read"], "it had none"
    connection = open_state(world.state)
    with transaction(connection):
        resolve.retry(connection, [1], operator="tester", batch_size=100, now=1)
    connection.close()
    assert imported(world)["exit"] == 3
    assert target.call("GET", "/authorization/roles/auditor")["permissions"] == ["all"], (
        "a retry changes nothing"
    )


@pytest.mark.parametrize(
    ("roles", "code_"), [(("nobody",), "invalid_role"), (("admin", "member"), "multiple_roles_not_enabled")]
)
def test_what_the_target_says_of_roles_is_an_error(
    world: World, target: Remote, roles: tuple[str, ...], code_: str
) -> None:
    target.configure(multiple_roles=False)
    seed(world.state, [person(1)])
    store(world.state, "organization", [organization(1)])
    store(world.state, "membership", [membership(1, 1, roles)])
    assert imported(world)["exit"] == 3
    assert world.ask("select code from errors") == [code_]


def test_with_faults_everything_arrives_and_nothing_is_blamed(world: World, target: Remote) -> None:
    seed_companies(world.state, users=150, organizations=20, each=3, factors=40)
    target.configure(faults="some")
    assert imported(world)["exit"] == 0
    target.configure(faults="none")
    assert at_target(target) == {"users": 150, "organizations": 20, "memberships": 450, "factors": 40}
    assert world.ask("select count(*) from errors where resolution = 'open'") == [0]


def test_a_factor_that_is_still_under_way_is_waited_for_and_made_once(world: World, target: Remote) -> None:
    seed_companies(world.state, users=4, organizations=1, each=1, factors=4)
    imported(world, kinds=["user"])
    target.configure(lose_reply=4, linger_ms=1000)
    assert imported(world, kinds=["factor"])["exit"] == 0
    target.configure(linger_ms=0)
    assert at_target(target)["factors"] == 4
    assert counts(world, "factor") == {"imported": 4}


def test_two_apps_where_one_may_be_ours_are_left_to_a_person(world: World, target: Remote) -> None:
    seed_companies(world.state, users=1, organizations=1, each=1, factors=1)
    imported(world, kinds=["user"])
    user = target.get(person(0).source_id)["id"]
    own = {"type": "totp", "totp_issuer": "Own", "totp_user": "own", "totp_secret": secret(7)}
    target.call("POST", f"/user_management/users/{user}/auth_factors", own)
    target.configure(lose_reply=1)
    assert imported(world, kinds=["factor"])["exit"] == 3
    ((title, klass),) = world.ask("select title, class from errors")
    assert "2 authenticator apps" in title and klass == "conflict"


def test_an_organization_that_is_still_under_way_is_made_once_where_its_id_is_no_key(
    world: World, target: Remote
) -> None:
    seed(world.state, [person(1)])
    store(world.state, "organization", [organization(n) for n in range(5)])
    target.configure(unique_external_ids=False, lose_reply=3, linger_ms=1000)
    assert imported(world)["exit"] == 0
    target.configure(linger_ms=0)
    assert at_target(target)["organizations"] == 5


def test_a_factor_alone_of_its_kind_moves(world: World, target: Remote) -> None:
    seed(world.state, [person(1)])
    store(world.state, "factor", [factor(1)])
    imported(world)
    assert at_target(target)["factors"] == 1
