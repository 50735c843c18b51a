"""Five kills at random moments lose nothing, double nothing and blame nobody."""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from workos import WorkOSClient

from tests.jobs.companies import organization, seed_companies
from tests.jobs.world import UNLIMITED, World, person, seed
from tests.sandbox.running import Running

USERS = 5000
KILLS = 5
SEED = 20261123
EACH = 3
SOON = UNLIMITED.replace("[target]\n", "[target]\ntimeout_s = 3\nfactors_per_s = 0\n")
"""No limits; what can't be asked for early is asked for soon."""


class Size(NamedTuple):
    """How much moves."""

    users: int
    organizations: int
    factors: int


COMPANIES = Size(5000, 50, 1000) if "COCKPIT_ENDURANCE" in os.environ else Size(500, 20, 100)
"""`make endurance` moves ten times as much."""


def test_an_import_killed_five_times_ends_with_every_user_once(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    with (
        Running("--source", "none", "--limits", "off") as sandbox,
        WorkOSClient(api_key="sk_sandbox", client_id="client_x", base_url=sandbox.base_url) as target,
    ):
        world = World(tmp_path, sandbox.base_url)
        seed(world.state, [person(number) for number in range(USERS)])
        kills = applied_unknown = 0
        while kills < KILLS:
            process = world.start("import")
            _wait_for_a_claim(world)
            time.sleep(rng.uniform(0.02, 0.3))  # the random moment is the test, not a wait
            process.send_signal(signal.SIGKILL)
            process.communicate()
            adrift = _adrift(world)
            assert sum(world.counts().values()) == USERS
            if adrift:  # else it died between two claims, which proves nothing
                kills += 1
                applied_unknown += len(adrift.intersection(_listed(target)))
        job = world.run("import")
        assert job.result is not None and job.result["exit"] == 0, job.result
        assert world.counts() == {"imported": USERS}
        assert applied_unknown > 0, "no kill fell between an applied write and its outcome"
        everyone = sorted(person(number).source_id for number in range(USERS))
        assert sorted(str(external_id) for external_id in _listed(target)) == everyone
        connection = world.read()
        assert connection.execute("select count(*) from errors").fetchone()[0] == 0
        connection.close()


def test_an_import_of_everything_killed_five_times_ends_with_each_once(tmp_path: Path) -> None:
    size = COMPANIES
    rng = random.Random(SEED)
    with (
        Running("--source", "none", "--limits", "off") as sandbox,
        WorkOSClient(api_key="sk_sandbox", client_id="client_x", base_url=sandbox.base_url) as target,
    ):
        world = World(tmp_path, sandbox.base_url, SOON)
        seed_companies(world.state, size.users, size.organizations, EACH, size.factors)
        everything = sum(world.ask("select n from counters where kind <> 'hold'"))
        for kill in range(KILLS):
            process = world.start("import")
            _wait_for_outcomes(world, int((kill + rng.uniform(0.1, 0.9)) * everything / KILLS))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            assert process.returncode == -signal.SIGKILL, "it was through before the moment came"
        job = world.run("import")
        assert job.result is not None and job.result["exit"] == 0, job.result
        assert world.ask("select count(*) from errors") == [0]
        assert world.ask("select distinct kind || ' ' || state from operations order by 1") == [
            "factor imported", "membership imported", "organization imported", "permission imported",
            "role imported", "user imported",
        ]  # fmt: skip
        _holds_each_once(target, size)


def _holds_each_once(target: WorkOSClient, size: Size) -> None:
    """What the official SDK lists: nothing is missing and nothing is there twice."""
    users = {user.id: str(user.external_id) for user in _users(target)}
    assert sorted(users.values()) == sorted(person(number).source_id for number in range(size.users))
    organizations = {item.id: str(item.external_id) for item in _organizations(target)}
    assert sorted(organizations.values()) == sorted(
        organization(number).source_id for number in range(size.organizations)
    )
    members = [
        (users[item.user_id], organizations[item.organization_id])
        for ident in organizations
        for item in target.organization_membership.list_organization_memberships(
            organization_id=ident, limit=100
        ).auto_paging_iter()
    ]
    assert len(members) == len(set(members)) == size.users * EACH
    for ident, external_id in users.items():
        number = int(external_id.rpartition("|")[2])
        if number < size.factors:
            found = target.multi_factor_auth.list_user_auth_factors(ident).data
            assert len(found) == 1, external_id


def _users(target: WorkOSClient) -> Iterator[Any]:
    yield from target.user_management.list_users(limit=100, order="asc").auto_paging_iter()


def _organizations(target: WorkOSClient) -> Iterator[Any]:
    yield from target.organizations.list_organizations(limit=100, order="asc").auto_paging_iter()


def _wait_for_outcomes(world: World, wanted: int) -> None:
    """Until so many operations have arrived: a moment by progress, whatever the machine's speed."""
    deadline = time.monotonic() + 120
    connection = world.read()
    arrived = "select coalesce(sum(n), 0) from counters where state = 'imported'"
    while connection.execute(arrived).fetchone()[0] < wanted:
        assert time.monotonic() < deadline, "the import stands still"
        time.sleep(0.002)
    connection.close()


def _wait_for_a_claim(world: World) -> None:
    """Until this run has claimed something."""
    deadline = time.monotonic() + 30
    connection = world.read()
    before = connection.execute("select coalesce(max(run), 0) from operations").fetchone()[0]
    while connection.execute("select coalesce(max(run), 0) from operations").fetchone()[0] <= before:
        assert time.monotonic() < deadline, "the import did not start"
        time.sleep(0.005)
    connection.close()


def _adrift(world: World) -> set[str]:
    connection = world.read()
    rows = connection.execute(
        "select u.external_id from operations o join users u on u.id = o.subject where o.state = 'sending'"
    ).fetchall()
    connection.close()
    return {row[0] for row in rows}


def _listed(target: WorkOSClient) -> list[str | None]:
    return [user.external_id for user in _users(target)]
