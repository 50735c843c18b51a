"""20,000 users of the vendor's own emulator: exported, killed on the way, imported, compared, signed in."""

import itertools
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.peers import people, servers
from tests.peers.journey import Journey
from tests.peers.people import Account, Realm
from tests.peers.servers import Server
from tests.sandbox.running import Running

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(servers.missing() is not None, reason=servers.missing() or ""),
]

USERS = 20_000
OWN, ACME, GLOBEX = range(18_000), range(18_000, 19_000), range(19_000, USERS)
"""Who lives in the project itself and in its two tenants."""
SEED = 20261123

_projects = (f"demo-{number}" for number in itertools.count())


class Seeded(NamedTuple):
    """A project of the emulator and who is in it."""

    project: str
    realms: list[Realm]

    def accounts(self) -> Iterator[Account]:
        """Everybody, as seeded."""
        return itertools.chain.from_iterable(realm.accounts() for realm in self.realms)


@pytest.fixture
def seeded(firebase: Server) -> Seeded:
    """A project of its own with 20,000 users; its tenants get their ids from the emulator."""
    project = next(_projects)
    realms = [
        Realm(OWN),
        Realm(ACME, people.create_tenant(firebase, project, "acme")),
        Realm(GLOBEX, people.create_tenant(firebase, project, "globex")),
    ]
    for realm in realms:
        people.seed(firebase, project, realm)
    return Seeded(project, realms)


def test_an_export_killed_at_random_pages_keeps_every_record_as_it_was(
    firebase: Server, seeded: Seeded, tmp_path: Path
) -> None:
    journey = Journey(tmp_path, firebase, *seeded, target="http://127.0.0.1:9")
    rng = random.Random(SEED)
    for page in (rng.randint(1, 6), rng.randint(7, 12), rng.randint(13, 18)):
        process = journey.start("export", source="firebase")
        _wait_for_pages(journey, page, process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert page <= _pages(journey) < 20
    export = journey.users("export")
    numbers = {key: export[key] for key in ("users", "read", "merged", "held")}
    assert numbers == {"users": USERS, "read": USERS, "merged": 0, "held": 0}
    _assert_as_seeded(journey, seeded)
    again = journey.users("export")
    assert (again["users"], again["read"], again["merged"]) == (USERS, 2 * USERS, USERS)
    _assert_as_seeded(journey, seeded)


def test_a_migration_into_the_sandbox_ends_with_a_clean_diff(
    firebase: Server, seeded: Seeded, tmp_path: Path
) -> None:
    with Running("--source", "none", "--limits", "off") as sandbox:
        journey = Journey(tmp_path, firebase, *seeded, target=sandbox.base_url)
        journey.users("export")
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
            for account in seeded.accounts()
            if "email" in account
        }
        for realm in seeded.realms:
            _sign_in(journey, realm)


def _assert_as_seeded(journey: Journey, seeded: Seeded) -> None:
    kept = {record["localId"]: record for record in journey.raw().values()}
    assert len(kept) == USERS
    for account in seeded.accounts():
        record = kept[account["localId"]]
        for field in ("email", "displayName", "passwordHash", "salt", "createdAt", "phoneNumber"):
            assert record.get(field) == account.get(field)
        assert record.get("disabled", False) == account["disabled"]


def _sign_in(journey: Journey, realm: Realm) -> None:
    account = realm.account(realm.numbers[1])
    stored = realm.hash_of(realm.numbers[1])
    assert stored is not None
    with journey.sdk() as client:
        session = client.user_management.authenticate_with_password(
            email=account["email"], password=stored.password
        )
    assert session.user.external_id == account["localId"]


def _pages(journey: Journey) -> int:
    connection = journey.read()
    count = int(connection.execute("select count(*) from pages").fetchone()[0])
    connection.close()
    return count


def _wait_for_pages(journey: Journey, wanted: int, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 60
    while _pages(journey) < wanted:
        assert time.monotonic() < deadline, "the export does not get on"
        assert process.poll() is None, "the export ended before it was killed"
        time.sleep(0.002)
