"""Auth0, against the sandbox, a process of its own."""

import asyncio
import json
from typing import Any

import pytest

from cockpit.clock import SystemClock
from cockpit.terms import Page
from cockpit.transport import client
from tests.clocks import FakeClock
from tests.sandbox.running import Running
from tests.sources.memos import FakeMemo, ids, opened, read

pytestmark = pytest.mark.usefixtures("auth0_credentials")


def sandbox(base_url: str) -> dict[str, Any]:
    return {"base_url": f"{base_url}/auth0", "domain": "sandbox.example"}


async def switch(base_url: str, **switches: Any) -> None:
    control = client(base_url)
    await control.request("POST", "/_sandbox/config", json=switches)
    await control.close()


def test_the_sandbox_is_read_to_its_end_with_faults() -> None:
    async def main(base_url: str) -> list[Page]:
        await switch(base_url, job_seconds=0.0)
        return await read("auth0", sandbox(base_url), FakeMemo(), FakeClock())

    with Running("--users", "2500", "--faults", "many", "--limits", "off") as running:
        pages = asyncio.run(main(running.base_url))
    assert len(set(ids(pages))) == len(ids(pages)) == 2500
    assert len(pages) == 3


def test_without_the_job_scope_windows_show_all_beyond_the_cap() -> None:
    async def main(base_url: str) -> tuple[list[Page], list[Page]]:
        await switch(base_url, job_scope=False)
        whole = await read("auth0", sandbox(base_url), FakeMemo(), FakeClock())
        cursor = whole[0].next_cursor
        return whole, await read("auth0", sandbox(base_url), FakeMemo(), FakeClock(), cursor=cursor)

    with Running("--users", "2500", "--limits", "off") as running:
        whole, rest = asyncio.run(main(running.base_url))
    assert len(set(ids(whole))) == len(ids(whole)) == 2500
    assert ids(whole[1:]) == ids(rest)
    assert len(whole) > 2
    assert all(page.cursor.startswith("created_at:") for page in whole)
    assert whole[-1].next_cursor is None
    body = whole[0].items[0].body
    assert json.loads(body)["user_id"] == whole[0].items[0].id


def test_a_job_that_the_sandbox_forgot() -> None:
    async def main(base_url: str) -> tuple[list[Page], list[Page]]:
        memo = FakeMemo()
        await switch(base_url, job_seconds=0.0)
        first = await read("auth0", sandbox(base_url), memo, FakeClock(), most=1)
        await switch(base_url, vanish_jobs=True)
        cursor = first[-1].next_cursor
        return first, await read("auth0", sandbox(base_url), memo, FakeClock(), cursor=cursor)

    with Running("--users", "1500", "--limits", "off") as running:
        first, again = asyncio.run(main(running.base_url))
    assert set(ids(first)) < set(ids(again))
    assert len(ids(again)) == 1500


def test_the_published_limits_are_waited_out() -> None:
    async def main(base_url: str) -> list[Page]:
        await switch(base_url, job_seconds=0.0)
        table = sandbox(base_url) | {"page_lines": 100}
        source = await opened("auth0", table, FakeMemo(), SystemClock())
        pages: list[Page] = []
        cursor: str | None = None
        try:
            for _ in range(12):  # each a request of the job, where ten are a burst
                async for page in source.pages("", cursor):
                    pages.append(page)
                    cursor = page.next_cursor
                    break
        finally:
            await source.close()
        return pages

    with Running("--users", "1200") as running:
        assert len(set(ids(asyncio.run(main(running.base_url))))) == 1200
