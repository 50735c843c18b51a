"""A running stand-in as a source is opened for it, and everything that is read from it."""

import asyncio
import json
import os
import urllib.request
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any
from unittest import mock

from cockpit.clock import SystemClock
from cockpit.sandbox import standins
from cockpit.sandbox.better_auth import api as better_auth
from cockpit.sources import base
from cockpit.sources.base import Source
from cockpit.terms import KINDS, Kind, Page, Readable
from tests.jobs.world import World
from tests.sources.memos import FakeMemo, settings_with

UNPACED = {"auth0": {"AUTH0_REQUESTS_PER_60S": "0"}}
"""What makes a source go as fast as a stand-in without limits lets it."""


class Side:
    """A running stand-in and how its source is opened."""

    def __init__(self, name: str, base_url: str, folder: Path) -> None:
        self.name, self.base_url, self.memo = name, base_url, FakeMemo()
        stand_in = standins.find(name)
        self._folder = folder
        self.fetch_files()
        self.environment = {**stand_in.environment(base_url, folder), **UNPACED.get(name, {})}
        self.table: dict[str, Any] = {"provider": self.provider, **stand_in.table(base_url)}

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

    def world(self, folder: Path) -> World:
        """A folder whose jobs read this source through its API."""
        world = World(folder, self.base_url)
        world.environment |= {**self.environment, **by_api(self.name, self.base_url)}
        return world

    @property
    def kinds(self) -> list[Kind]:
        """What is read by itself."""
        openers = base.find(self.provider).openers
        return [kind for kind in KINDS if kind in openers]

    def within(self, work: Callable[[Source], Awaitable[Any]], kind: Readable = "user") -> Any:
        """Open the source of a kind, work with it, close it."""

        async def run() -> Any:
            settings = settings_with(self.table)
            source = await base.find(self.provider).readable[kind](settings, self.memo, SystemClock())
            try:
                return await work(source)
            finally:
                await source.close()

        with mock.patch.dict(os.environ, self.environment):
            return asyncio.run(run())

    def identity(self) -> str:
        """What a state would be bound to."""
        with mock.patch.dict(os.environ, self.environment):
            return base.find(self.provider).identity(settings_with(self.table))


async def read(source: Source, chain: str, cursor: str | None = None, most: int = -1) -> list[Page]:
    """Pages of a chain, `most` of them at most."""
    found: list[Page] = []
    async with aclosing(source.pages(chain, cursor)) as pages:
        async for page in pages:
            found.append(page)
            if len(found) == most:
                break
    return found


async def everybody(source: Source) -> list[Page]:
    """All pages of all chains."""
    return [page for chain in await source.chains() for page in await read(source, chain)]


def records(pages: list[Page]) -> dict[tuple[str, str], str]:
    """What the pages hold: by whose record it is and which of theirs."""
    return {(item.id, item.part): item.body for page in pages for item in page.items}


def by_api(name: str, url: str) -> dict[str, str]:
    """What opens the door of the API where a stand-in's own environment opens that of its database."""
    if name != "better_auth":
        return {}
    return {
        "DATABASE_URL": "",
        "BETTER_AUTH_URL": url + better_auth.BASE,
        "BETTER_AUTH_EMAIL": better_auth.EMAIL,
        "BETTER_AUTH_PASSWORD": better_auth.PASSWORD,
    }
