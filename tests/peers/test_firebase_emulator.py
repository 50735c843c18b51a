"""The vendor's own emulator: 200,000 users exported, killed on the way; 20,000 brought over and signed in."""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.peers import people, servers
from tests.peers.journey import Journey, Source
from tests.peers.people import Account, Realm
from tests.peers.servers import Server
from tests.sandbox.running import Running

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(servers.missing() is not None, reason=servers.missing() or ""),
]

MANY, USERS = 200_000, 20_000
SEED = 20261123
FIELDS = ("localId", "email", "displayName", "passwordHash", "salt", "createdAt", "phoneNumber")

_projects = (f"demo-{number}" for number in itertools.count())


class Seeded(NamedTuple):
    """A project of the emulator and who is in it."""

    source: Source
    realms: list[Realm]

    def realm(self, number: int) -> Realm:
        """Where an account lives."""
        return next(realm for realm in self.realms if number in realm.numbers)

    def accounts(self) -> Iterator[Account]:
        """Everybody, as seeded."""
        return itertools.chain.from_iterable(realm.accounts() for realm in self.realms)


def seeded(firebase: Server, users: int) -> Seeded:
    """A project of its own; a tenth of the users live in its two tenants, whose ids the emulator gives."""
    project, own, tenant = next(_projects), users - users // 10, users // 20
    realms = [
        Realm(range(own)),
        Realm(range(own, own + tenant), people.create_tenant(firebase, project, "acme")),
        Realm(range(own + tenant, users), people.create_tenant(firebase, project, "globex")),
    ]
    for realm in realms:
        people.seed(firebase, project, realm)
    return Seeded(people.source(firebase, project, realms), realms)


def test_an_export_killed_at_random_pages_keeps_every_record_as_it_was(
    firebase: Server, tmp_path: Path
) -> None:
    project = seeded(firebase, MANY)
    journey = Journey(tmp_path, project.source)
    rng = random.Random(SEED)
    journey.kill_export((rng.randint(1, 60), rng.randint(61, 120), rng.randint(121, 180)))
    assert journey.export() == {"users": MANY, "read": MANY, "merged": 0, "held": 0}
    _assert_as_seeded(journey, project)


def test_an_export_of_the_same_users_changes_nothing(firebase: Server, tmp_path: Path) -> None:
    project = seeded(firebase, USERS)
    journey = Journey(tmp_path, project.source)
    journey.export()
    assert journey.export() == {"users": USERS, "read": 2 * USERS, "merged": USERS, "held": 0}
    _assert_as_seeded(journey, project)


def test_a_migration_into_the_sandbox_ends_with_a_clean_diff(firebase: Server, tmp_path: Path) -> None:
    project = seeded(firebase, USERS)
    with Running("--source", "none", "--limits", "off") as sandbox:
        journey = Journey(tmp_path, project.source, sandbox.base_url)
        journey.export()
        nobody = sum(not people.has_email(number) for number in range(USERS))
        assert journey.users("import", exit_code=3)["failed"] == nobody
        journey.ignore("lint:email_missing", "telephone only")
        diff = journey.users("diff")
        assert [diff[kind] for kind in ("missing", "drifted", "changed", "deleted", "extra")] == [0] * 5
        assert diff["accepted"] == nobody
        assert {
            (user.external_id, user.email, user.email_verified, user.name) for user in journey.listed()
        } == {
            (account["localId"], account["email"], account["emailVerified"], account["displayName"])
            for account in project.accounts()
            if "email" in account
        }
        for realm in project.realms:
            _sign_in(journey, realm)


def _assert_as_seeded(journey: Journey, project: Seeded) -> None:
    seen = set()
    for _, record in journey.raw():
        number = people.number_of(record)
        account = project.realm(number).account(number)
        assert [record.get(field) for field in FIELDS] == [account.get(field) for field in FIELDS]
        assert record.get("disabled", False) == account["disabled"]
        seen.add(number)
    assert seen == set().union(*(realm.numbers for realm in project.realms))


def _sign_in(journey: Journey, realm: Realm) -> None:
    account = realm.account(realm.numbers[1])
    stored = realm.hash_of(realm.numbers[1])
    assert stored is not None
    with journey.sdk() as client:
        session = client.user_management.authenticate_with_password(
            email=account["email"], password=stored.password
        )
    assert session.user.external_id == account["localId"]
