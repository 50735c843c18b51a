"""A real Better Auth server on SQLite: 20,000 users through both doors, and passwords that were set there."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers import better_auth, servers
from tests.peers.better_auth import ADMIN, PEOPLE, Application, Person
from tests.peers.journey import Journey, Source
from tests.sandbox.running import Running

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(servers.missing() is not None, reason=servers.missing() or ""),
]

USERS = 20_000
SEED = 20261125
LIMIT = (10, 1)
"""Requests of a path in so many seconds; what Better Auth has by itself is 100 in 10, and 3 to sign in."""


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    with better_auth.application(tmp_path_factory.mktemp("better_auth"), USERS) as made:
        yield made


def test_a_file_read_by_an_export_that_is_killed_gives_everybody_once(
    application: Application, tmp_path: Path
) -> None:
    journey = _export_killed_and_resumed(tmp_path, application, application.database())
    found = {}
    for ident, record in journey.raw():
        (account,) = record["accounts"]
        found[ident] = (record["email"], record["emailVerified"], account["providerId"], account["password"])
        assert better_auth.TOKEN not in str(record)
    assert found == application.users()


def test_the_api_read_by_an_export_that_is_killed_gives_everybody_once(
    application: Application, tmp_path: Path
) -> None:
    assert not application.refuses(after=LIMIT[0])
    _assert_read_through_the_api(application, tmp_path)


def test_the_limiter_of_the_api_makes_it_wait_and_loses_nobody(
    application: Application, tmp_path: Path
) -> None:
    with servers.better_auth(application.file, LIMIT) as server:
        limited = Application(server, application.file)
        assert limited.refuses(after=LIMIT[0])
        _assert_read_through_the_api(limited, tmp_path)


def test_a_password_that_was_set_at_the_server_signs_in_at_the_target(tmp_path: Path) -> None:
    with (
        better_auth.application(tmp_path, 100) as application,
        Running("--source", "none", "--limits", "off") as sandbox,
    ):
        journey = Journey(tmp_path, application.database(), sandbox.base_url)
        journey.export()
        journey.users("import")
        diff = journey.users("diff")
        assert [diff[kind] for kind in ("missing", "drifted", "changed", "deleted", "extra")] == [0] * 5
        idents = {user[0]: ident for ident, user in application.users().items()}
        with journey.sdk() as client:
            for person in (ADMIN, *PEOPLE):
                session = client.user_management.authenticate_with_password(
                    email=person.email, password=person.password
                )
                assert (session.user.external_id, session.user.name) == (idents[person.email], person.name)


def _assert_read_through_the_api(application: Application, folder: Path) -> None:
    journey = _export_killed_and_resumed(folder, application, application.api())
    found = {ident: (record["email"], record["emailVerified"]) for ident, record in journey.raw()}
    assert found == {ident: user[:2] for ident, user in application.users().items()}


def _export_killed_and_resumed(folder: Path, application: Application, source: Source) -> Journey:
    """People sign up while it lies killed: their ids may come before what was read already."""
    journey = Journey(folder, source)
    rng = random.Random(SEED)
    journey.kill_export((rng.randint(1, 6), rng.randint(7, 12)))
    application.sign_up([Person("Late", f"{folder.name}-{n}@example.com", "late " * 3) for n in range(3)])
    export = journey.export()
    assert (export["users"], export["held"]) == (len(application.users()), 0)
    assert journey.ask("select outcome from exports") == ["complete"]
    return journey
