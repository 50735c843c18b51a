"""What every provider owes, each against its stand-in: everybody, from any cursor, by reading alone.

Files have no stand-in: test_csv and test_package ask the same of them.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from cockpit.records import User
from cockpit.sandbox import standins
from cockpit.settings import MappingSettings, PasswordSettings
from cockpit.sources import base
from cockpit.sources.base import Look, MappingContext, Source
from cockpit.terms import Page
from cockpit.transport import Forbidden, client
from tests.clocks import LeapingClock
from tests.jobs.world import World
from tests.sandbox.running import Running
from tests.sources.providers import FILES
from tests.sources.sides import Side, everybody, read, records

USERS = 1300
ANSWERED = {
    "auth0": (36, 4, 4), "cognito": (20, 9, 9), "firebase": (11, 9, 9), "stytch_b2b": (6, 5, 5),
    "supabase": (2, 2, 2),
}  # fmt: skip
"""How many requests of each run are answered, so that the first one ends between two pages; 3 for others.

Where chains are read side by side, those that are under way when one is refused may be lost with it, so the
first number is more than these and what comes before the first page.
"""
REFUSALS = (
    (401, "answered 401|[(]401|ExpiredToken"),
    (503, "its side is not well"),
    (429, "too many requests"),
)
"""What a token that ended, an outage of an hour and a quota are answered with, and what is said of them."""
LOOKS = {"auth0": (False, True), "clerk": (True, True), "cognito": (False, False)}
"""Whether a look tells how many users there are, and the last change; that of others the first only.

Auth0 tells the number below 1,000."""
READING_POSTS = re.compile("oauth/token|users-exports|sign-in/email|search|:query|^/[?]$")
"""Every POST that may be sent: logins, Auth0's export job, searches; Cognito's operations have one path."""
WRITES = {
    "auth0": [
        *("/api/v2/users", "/api/v2/jobs/users-imports", "/api/v2/jobs/verification-email"),
        *("/api/v2/organizations", "/api/v2/organizations/o/members", "/api/v2/roles"),
    ],
    "better_auth": [
        f"/api/auth/{what}"
        for what in ("sign-up/email", "admin/create-user", "admin/ban-user", "organization/create")
    ],
    "clerk": ["/users", "/users/user_1/ban", "/organizations", "/organization_roles", "/webhooks/svix"],
    "cognito": ["/users", "/groups"],
    "descope": [
        f"/v1/mgmt/{what}"
        for what in (
            "user/create",
            "user/update",
            "user/delete",
            "user/create/batch",
            "tenant/create",
            "tenant/all",
            "role/create",
            "role/all",
            "permission/delete",
        )
    ],
    "firebase": [
        *(f"/v1/projects/p/accounts{what}" for what in ("", ":batchCreate", ":update", ":delete")),
        *(f"/v2/projects/p/{what}" for what in ("tenants", "tenants/t", "oauthIdpConfigs")),
    ],
    "stytch": ["/v1/users", "/v1/users/migrate", "/v1/b2b/organizations", "/v1/b2b/organizations/o/members"],
    "supabase": ["/admin/users", "/admin/generate_link", "/invite"],
}
"""What each provider's API writes with. Firebase's tokens come from another client."""
SWITCHES = {"auth0": {"job_scope": False}}
"""Auth0 reads page by page where it may start no export job."""
BEGINS = {"auth0": 1_800_000_000.0}
"""Auth0's windows are halved from now on, so that the date decides how many requests there are."""


def test_every_provider_that_is_asked_over_a_wire_is_here() -> None:
    assert {standins.provider(name) for name in standins.names()} == set(base.names()) - FILES
    assert all(not base.find(name).allowed for name in FILES)


@pytest.fixture(scope="module", params=standins.names())
def side(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    with Running("--source", request.param, "--users", str(USERS), "--limits", "off") as running:
        yield Side(request.param, running.base_url, tmp_path_factory.mktemp(request.param))


def test_everybody_is_read_and_the_count_agrees(side: Side) -> None:
    async def work(source: Source) -> tuple[list[Page], int | None]:
        return await everybody(source), await source.count()

    pages, counted = side.within(work)
    found = records(pages)
    assert len({ident for ident, _ in found}) == side.control("GET", "stats")["source"]["users"]
    assert counted in (None, len(found))
    assert "" not in {ident for ident, _ in found}
    assert all(isinstance(json.loads(body), dict) for body in found.values())


def test_from_any_cursor_the_rest_follows(side: Side) -> None:
    async def work(source: Source) -> None:
        for chain in await source.chains():
            pages = await read(source, chain)
            assert pages[-1].next_cursor is None
            for place in range(len(pages) - 1):
                cursor = pages[place].next_cursor
                assert cursor is not None
                rest = await read(source, chain, cursor)
                seen = records(pages[: place + 1])
                assert records(rest).keys() | seen.keys() == records(pages).keys()

    side.within(work)


def test_the_mapping_makes_a_user_of_every_record_and_drops_no_secret_into_metadata(side: Side) -> None:
    async def work(source: Source) -> list[Page]:
        return await everybody(source)

    pages = side.within(work)
    facts = MappingContext(MappingSettings(metadata=("plan",)), PasswordSettings(), side.memo.facts)
    mapper = base.find(side.provider).mapper(facts)
    users: list[User] = []
    for (_, part), body in records(pages).items():
        raw = json.loads(body)
        users.append(mapper({part: raw} if part else raw))
    assert all(user.email and user.metadata["provider"] == side.provider for user in users)
    assert {user.email_verified for user in users} == {True, False}
    assert any(user.name or user.first_name for user in users)
    for user in users:
        said = json.dumps(user.request())
        assert "$2" not in said and "secret" not in said.lower()


def test_who_signs_up_meanwhile_is_found_by_the_sweep(side: Side) -> None:
    began = side.control("GET", "config")["now_ms"]

    async def before(source: Source) -> list[Page]:
        return await everybody(source)

    known = records(side.within(before))
    added = side.control("POST", "source/sign-up")["id"]
    side.fetch_files()
    try:

        async def sweep(source: Source) -> list[Page]:
            chains = await source.sweep(began, None if await source.count() is None else 1)
            return [page for chain in chains for page in await read(source, chain)]

        swept = records(side.within(sweep))
        assert len(swept.keys() - known.keys()) == 1
    finally:
        side.control("DELETE", f"source/users/{quote(added, safe='')}")
        side.fetch_files()


def exported(side: Side, world: World) -> dict[str, Any]:
    clock = LeapingClock(BEGINS.get(side.name))
    result = world.run_here("export", clock, source=side.provider, kinds=["user"]).result
    assert result is not None
    return result


def test_whatever_stops_it_early_the_same_command_resumes(side: Side, tmp_path: Path) -> None:
    world = side.world(tmp_path)
    everyone = {ident for ident, _ in records(side.within(everybody))}
    read = [0]
    side.control("POST", "config", SWITCHES.get(side.name, {}))
    try:
        for (status, said), answered in zip(REFUSALS, ANSWERED.get(side.name, (3, 3, 3)), strict=True):
            side.control("POST", "config", {"refuse": status, "refuse_after": answered})
            result = exported(side, world)
            told = result["message"]
            assert result["exit"] == 1, told
            assert told.startswith(f"{side.provider}: ") and told.isprintable()
            assert re.search(said, told) and "the same command resumes" in told
            read += world.ask("select count(*) from raw")
        assert 0 < read[1] < len(everyone)
        assert read == sorted(read)
        side.control("POST", "config", {"refuse": 0})
        assert exported(side, world)["exit"] == 0
    finally:
        side.control("POST", "config", {"refuse": 0, "job_scope": True})
    assert set(world.ask("select source_id from raw")) == everyone
    twice = "select count(*) from pages group by export, chain, cursor having count(*) > 1"
    assert world.ask(twice) == []  # no run read what an earlier one had
    (ended,) = world.ask("select outcome, missing from exports")  # one, since each run went on with it
    assert ended in [("complete", 0), ("unverified", None)]


def test_a_source_at_rest_looks_the_same_twice_and_a_sign_up_is_seen(side: Side) -> None:
    first = side.within(base.look)
    assert side.within(base.look) == first
    told = (first.users is not None, first.changed_at is not None)
    assert told == LOOKS.get(side.name, (True, False))
    added = side.control("POST", "source/sign-up")["id"]
    side.fetch_files()
    try:
        assert (side.within(base.look) == first) == (first == Look())
    finally:
        side.control("DELETE", f"source/users/{quote(added, safe='')}")
        side.fetch_files()


def test_only_reading_requests_can_be_sent(side: Side) -> None:
    allowed = base.find(side.provider).allowed
    before = side.control("GET", "stats")["requests"]

    async def work() -> None:
        http = client(f"{side.base_url}/anything", allow=allowed)
        try:
            for method in ("PUT", "PATCH", "DELETE"):
                for path in ("/users", "/v1/users", "/admin/users", "/api/v2/users/x", "/"):
                    with pytest.raises(Forbidden):
                        await http.request(method, path)
            for path in WRITES[side.provider]:
                with pytest.raises(Forbidden):
                    await http.request("POST", path)
        finally:
            await http.close()

    asyncio.run(work())
    after = side.control("GET", "stats")["requests"]
    assert after == before | {"control": before["control"] + 1}
    assert not {rule.method for rule in allowed} - {"GET", "POST"}
    posts = [rule.path for rule in allowed if rule.method == "POST"]
    assert all(READING_POSTS.search(path) for path in posts), posts


def test_the_identity_names_the_provider_and_asks_nobody(side: Side) -> None:
    before = side.control("GET", "stats")["requests"].get(side.name)
    assert side.identity().startswith(f"{side.provider}:")
    assert side.control("GET", "stats")["requests"].get(side.name) == before
