"""What every provider owes, each against its stand-in: everybody, from any cursor, by reading alone."""

import asyncio
import json
import os
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import quote

import pytest

from cockpit.clock import SystemClock
from cockpit.records import User
from cockpit.sandbox import standins
from cockpit.settings import MappingSettings, PasswordSettings
from cockpit.sources import base
from cockpit.sources.base import MappingContext, Source
from cockpit.terms import Page
from cockpit.transport import Forbidden, client
from tests.sandbox.running import Running
from tests.sources.memos import FakeMemo, settings_with

USERS = 1300


class Side:
    """A running stand-in and how its source is opened."""

    def __init__(self, name: str, base_url: str, folder: Path) -> None:
        self.name, self.base_url, self.memo = name, base_url, FakeMemo()
        stand_in = standins.find(name)
        self._folder = folder
        self.fetch_files()
        self._environment = dict(stand_in.environment(base_url, folder))
        self._table: dict[str, Any] = {"provider": self.provider, **stand_in.table(base_url)}

    @property
    def provider(self) -> str:
        """The provider that this stand-in stands in for."""
        return standins.provider(self.name)

    def _ask(self, method: str, path: str, body: Any = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base_url + path, data, method=method)
        with urllib.request.urlopen(request) as reply:
            answer: bytes = reply.read()
        return answer

    def fetch_files(self) -> None:
        """What a client has in its folder, as it is now."""
        for file, path in standins.find(self.name).files.items():
            (self._folder / file).write_bytes(self._ask("GET", path))

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The control API."""
        return json.loads(self._ask(method, f"/_sandbox/{path}", body) or "null")

    def within(self, work: Callable[[Source], Awaitable[Any]]) -> Any:
        """Open the source, work with it, close it."""

        async def run() -> Any:
            settings = settings_with(self._table)
            source = await base.find(self.provider).open(settings, self.memo, SystemClock())
            try:
                return await work(source)
            finally:
                await source.close()

        with mock.patch.dict(os.environ, self._environment):
            return asyncio.run(run())

    def identity(self) -> str:
        """What a state would be bound to."""
        with mock.patch.dict(os.environ, self._environment):
            return base.find(self.provider).identity(settings_with(self._table))


async def read(source: Source, chain: str, cursor: str | None = None, most: int = -1) -> list[Page]:
    found: list[Page] = []
    async with aclosing(source.pages(chain, cursor)) as pages:
        async for page in pages:
            found.append(page)
            if len(found) == most:
                break
    return found


async def everybody(source: Source) -> list[Page]:
    return [page for chain in await source.chains() for page in await read(source, chain)]


def records(pages: list[Page]) -> dict[tuple[str, str], str]:
    return {(item.id, item.part): item.body for page in pages for item in page.items}


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


def test_only_reading_requests_can_be_sent(side: Side) -> None:
    allowed = base.find(side.provider).allowed

    async def work() -> None:
        http = client(f"{side.base_url}/anything", allow=allowed)
        try:
            for method in ("PUT", "PATCH", "DELETE"):
                for path in ("/users", "/v1/users", "/admin/users", "/api/v2/users/x", "/"):
                    with pytest.raises(Forbidden):
                        await http.request(method, path)
        finally:
            await http.close()

    assert not {rule.method for rule in allowed} - {"GET", "POST"}
    asyncio.run(work())


def test_the_identity_names_the_provider_and_asks_nobody(side: Side) -> None:
    before = side.control("GET", "stats")["requests"].get(side.name)
    assert side.identity().startswith(f"{side.provider}:")
    assert side.control("GET", "stats")["requests"].get(side.name) == before
