"""Auth0, against a tenant that does exactly what the test says, and against the sandbox."""

import asyncio
import gzip
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from aiohttp import web

from cockpit.clock import SystemClock
from cockpit.settings import SettingsError
from cockpit.sources.auth0 import PROVIDER
from cockpit.sources.base import SourceError, SourceRefused
from cockpit.terms import Page
from cockpit.transport import client
from tests.clocks import FakeClock
from tests.sandbox.running import Running
from tests.servers import serving
from tests.sources.memos import FakeMemo, ids, opened, read, settings_with

Reply = web.StreamResponse | None


def line(number: int) -> bytes:
    return json.dumps({"user_id": f"auth0|{number:04}", "name": "Zoë"}).encode() + b"\n"


class Tenant:
    """Auth0 as one test wants it; `before` may answer a request in its place."""

    def __init__(self, users: int = 25) -> None:
        self.file = gzip.compress(b"".join(map(line, range(users))))
        self.headers: dict[str, str] = {}
        self.jobs: dict[str, str] = {}
        self.posted: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.tokens = 0
        self.token_lives = 86_400
        self.before: Callable[[web.Request], Coroutine[Any, Any, Reply]] | None = None

    def count(self, start: str) -> int:
        return sum(request.startswith(start) for request in self.asked)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        if self.before is not None and (reply := await self.before(request)) is not None:
            return reply
        match request.method, request.path.split("/")[1:]:
            case "POST", ["oauth", "token"]:
                self.tokens += 1
                body = await request.json()
                if body["client_secret"] != "sandbox-secret":
                    return web.json_response({"error_description": "Unauthorized"}, status=401)
                assert body["audience"] == "https://acme.example/api/v2/"
                token = {"access_token": f"t{self.tokens}", "expires_in": self.token_lives}
                return web.json_response(token)
            case "POST", ["api", "v2", "jobs", "users-exports"]:
                self.posted.append(await request.json())
                job = f"job_{len(self.posted)}"
                self.jobs[job] = "completed"
                return web.json_response({"id": job, "status": "pending"}, status=201)
            case "GET", ["api", "v2", "jobs", job]:
                if job not in self.jobs:
                    return web.json_response({"message": "The job does not exist."}, status=404)
                location = f"http://{request.host}/file/{job}?Signature=a%2Fb"
                return web.json_response({"id": job, "status": self.jobs[job], "location": location})
            case "GET", ["file", _]:
                assert "authorization" not in request.headers
                assert "%2F" in request.raw_path
                return web.Response(body=self.file, headers=self.headers)
        return web.json_response({"message": "no such thing"}, status=404)


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTH0_TOKEN", raising=False)
    monkeypatch.setenv("AUTH0_CLIENT_ID", "sandbox")
    monkeypatch.setenv("AUTH0_CLIENT_SECRET", "sandbox-secret")


def table(base: str) -> dict[str, Any]:
    return {"base_url": base, "domain": "acme.example", "page_lines": 10}


def exported(tenant: Tenant, memo: FakeMemo, clock: FakeClock | None = None, **how: Any) -> list[Page]:
    async def main() -> list[Page]:
        async with serving(tenant) as base:
            return await read("auth0", table(base), memo, clock or FakeClock(), **how)

    return asyncio.run(main())


def everybody(users: int = 25) -> list[str]:
    return [f"auth0|{number:04}" for number in range(users)]


# the export job


def test_pages_are_lines_of_the_job_and_named_by_it() -> None:
    tenant = Tenant()
    pages = exported(tenant, FakeMemo())
    assert ids(pages) == everybody()
    assert [page.cursor for page in pages] == ["job_1:0", "job_1:10", "job_1:20"]
    assert [page.next_cursor for page in pages] == ["job_1:10", "job_1:20", None]
    assert pages[0].items[3].body == line(3).decode().rstrip("\n")
    assert sum(page.size for page in pages) == len(tenant.file)


def test_the_job_asks_for_every_field_by_name() -> None:
    tenant = Tenant()
    exported(tenant, FakeMemo())
    named = {field["name"] for field in tenant.posted[0]["fields"]}
    assert {"user_id", "identities", "app_metadata", "created_at", "blocked"} <= named
    assert "limit" not in tenant.posted[0]


@pytest.mark.parametrize("form", ["plain", "content-encoding", "without a line end"])
def test_the_files_form_makes_no_difference(form: str) -> None:
    tenant = Tenant()
    plain = gzip.decompress(tenant.file)
    if form == "plain":
        tenant.file = plain
    elif form == "content-encoding":
        tenant.headers = {"Content-Encoding": "gzip"}
    else:
        tenant.file = gzip.compress(plain[:-1])
    assert ids(exported(tenant, FakeMemo())) == everybody()


@pytest.mark.parametrize("users", [0, 9, 10, 11, 20])
def test_the_last_page_is_known_as_such(users: int) -> None:
    pages = exported(Tenant(users), FakeMemo())
    assert ids(pages) == everybody(users)
    assert [page.next_cursor for page in pages][-1] is None
    assert len(pages) == max(1, -(-users // 10))


def test_the_job_is_remembered_before_anything_is_downloaded() -> None:
    tenant, memo = Tenant(), FakeMemo()
    known: list[str | None] = []

    async def before(request: web.Request) -> Reply:
        if request.method == "GET":
            known.append(memo.get("auth0.job"))
        return None

    tenant.before = before
    exported(tenant, memo)
    assert known[:2] == ["job_1", "job_1"]


def test_a_resume_before_the_first_page_posts_no_second_job() -> None:
    tenant, memo = Tenant(), FakeMemo()
    exported(tenant, memo, most=1)
    assert memo.get("auth0.job") == "job_1"
    assert ids(exported(tenant, memo)) == everybody()
    assert len(tenant.posted) == 1


def test_a_resume_downloads_again_and_skips() -> None:
    tenant, memo = Tenant(), FakeMemo()
    first = exported(tenant, memo, most=2)
    rest = exported(tenant, memo, cursor=first[-1].next_cursor)
    assert ids(first) + ids(rest) == everybody()
    assert len(tenant.posted) == 1


def test_a_later_export_posts_a_job_of_its_own() -> None:
    tenant, memo = Tenant(), FakeMemo()
    exported(tenant, memo)
    assert memo.get("auth0.job") is None
    exported(tenant, memo)
    assert len(tenant.posted) == 2


@pytest.mark.parametrize("what", ["the job", "the file"])
def test_what_has_vanished_is_posted_anew_and_read_from_the_start(what: str) -> None:
    tenant, memo = Tenant(), FakeMemo()
    first = exported(tenant, memo, most=1)

    async def before(request: web.Request) -> Reply:
        gone = "/file/job_1" if what == "the file" else "/api/v2/jobs/job_1"
        return web.json_response({}, status=404) if request.path == gone else None

    tenant.before = before
    again = exported(tenant, memo, cursor=first[-1].next_cursor)
    assert ids(again) == everybody()
    assert again[0].cursor == "job_2:0"


def test_an_expired_location_is_asked_for_again() -> None:
    tenant, refusals = Tenant(), iter(range(2))

    async def before(request: web.Request) -> Reply:
        expired = request.path.startswith("/file/") and next(refusals, None) is not None
        return web.Response(status=403, text="<Error>Request has expired</Error>") if expired else None

    tenant.before = before
    assert ids(exported(tenant, FakeMemo())) == everybody()
    assert tenant.count("GET /api/v2/jobs/") == 3


def test_a_location_that_is_refused_for_ever_ends_in_a_clear_line() -> None:
    tenant = Tenant()

    async def before(request: web.Request) -> Reply:
        return web.Response(status=403) if request.path.startswith("/file/") else None

    tenant.before = before
    with pytest.raises(SourceError, match=r"5 fresh addresses .* \(403\); check this machine's clock"):
        exported(tenant, FakeMemo())


def test_a_download_that_breaks_off_goes_on_where_it_was() -> None:
    tenant, cuts = Tenant(5000), iter([30_000, 12_000])
    tenant.file = gzip.decompress(tenant.file)

    async def before(request: web.Request) -> Reply:
        if not request.path.startswith("/file/") or (most := next(cuts, None)) is None:
            return None
        reply = web.StreamResponse(headers={"Content-Length": str(len(tenant.file))})
        await reply.prepare(request)
        await reply.write(tenant.file[:most])
        assert request.transport is not None
        request.transport.close()
        return reply

    tenant.before = before
    pages = exported(tenant, FakeMemo())
    assert ids(pages) == everybody(5000)
    assert tenant.count("GET /file/") == 3
    assert len(tenant.posted) == 1


def test_an_outage_page_in_place_of_the_file_is_waited_out() -> None:
    tenant, pages = Tenant(), iter([1])

    async def before(request: web.Request) -> Reply:
        outage = request.path.startswith("/file/") and next(pages, None)
        return web.Response(text="<html>outage</html>") if outage else None

    tenant.before = before
    assert ids(exported(tenant, FakeMemo())) == everybody()


@pytest.mark.parametrize("bad", [b"{broken", b"[1]", b"\xff\xfe"])
def test_a_line_that_is_no_record_is_named_and_nothing_before_it_lost(bad: bytes) -> None:
    tenant = Tenant()
    tenant.file = b"".join([*map(line, range(14)), bad + b"\n", *map(line, range(15, 25))])

    async def main() -> list[Page]:
        found: list[Page] = []
        async with serving(tenant) as base:
            source = await opened("auth0", table(base), FakeMemo(), FakeClock())
            try:
                async for page in source.pages("", None):
                    found.append(page)
            except SourceError as error:
                assert "line 15 of export job_1 is not a JSON object" in str(error)
            finally:
                await source.close()
        return found

    assert ids(asyncio.run(main())) == everybody(10)


def test_a_record_without_an_id_is_held_back() -> None:
    tenant = Tenant()
    tenant.file = b'{"email":"a@example.com"}\n\n{"user_id":"auth0|1"}\r\n'
    (page,) = exported(tenant, FakeMemo())
    assert [item.id for item in page.items] == ["", "auth0|1"]
    assert page.items[0].body == '{"email":"a@example.com"}'


def test_a_job_is_waited_for_with_growing_pauses() -> None:
    tenant, clock = Tenant(), FakeClock()
    states = iter(["pending", "processing", "processing", "processing", "processing"])

    async def before(request: web.Request) -> Reply:
        if request.path.startswith("/api/v2/jobs/job_"):
            tenant.jobs["job_1"] = next(states, "completed")
        return None

    tenant.before = before
    exported(tenant, FakeMemo(), clock)
    assert clock.slept == [1.0, 2.0, 4.0, 8.0, 10.0]


def test_a_failed_job_is_forgotten_and_said() -> None:
    tenant, memo = Tenant(), FakeMemo()

    async def before(request: web.Request) -> Reply:
        if request.path != "/api/v2/jobs/job_1":
            return None
        return web.json_response({"status": "failed", "status_details": "no disk\x1b"})

    tenant.before = before
    with pytest.raises(SourceError, match=r"the export job failed: .*no disk") as caught:
        exported(tenant, memo)
    assert "\x1b" not in str(caught.value)
    assert memo.get("auth0.job") is None


# tokens


def test_a_token_is_renewed_before_its_end() -> None:
    tenant, clock = Tenant(), FakeClock()
    tenant.token_lives = 100
    states = iter(["pending"] * 8)

    async def before(request: web.Request) -> Reply:
        if request.path.startswith("/api/v2/jobs/job_"):
            tenant.jobs["job_1"] = next(states, "completed")
        return None

    tenant.before = before
    exported(tenant, FakeMemo(), clock)
    assert tenant.tokens == 2  # after 40 of the 55 s that the job took


def test_a_token_refused_before_its_time_is_renewed_once() -> None:
    tenant = Tenant()

    async def before(request: web.Request) -> Reply:
        old = request.headers.get("authorization") == "Bearer t1"
        return web.json_response({"message": "Expired"}, status=401) if old else None

    tenant.before = before
    assert ids(exported(tenant, FakeMemo())) == everybody()
    assert tenant.tokens == 2


def test_a_refused_secret_says_so_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH0_CLIENT_SECRET", "wr0ng-s3cret")
    with pytest.raises(SourceRefused, match="AUTH0_CLIENT_SECRET are refused") as caught:
        exported(Tenant(), FakeMemo())
    assert "wr0ng-s3cret" not in str(caught.value)


def test_a_token_given_as_it_is_ends_resumably(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH0_TOKEN", "s3cret-token")
    tenant = Tenant()

    async def before(request: web.Request) -> Reply:
        if request.path.startswith("/file"):
            return None
        assert request.headers["authorization"] == "Bearer s3cret-token"
        return web.json_response({"message": "Expired token received"}, status=401)

    tenant.before = before
    with pytest.raises(
        SourceRefused, match=r"AUTH0_TOKEN is no longer accepted.*same command resumes"
    ) as caught:
        exported(tenant, FakeMemo())
    assert "s3cret-token" not in str(caught.value)
    assert tenant.tokens == 0


# settings


@pytest.mark.parametrize(
    ("table", "identity"),
    [
        ({"domain": "acme.us.auth0.com"}, "auth0:acme.us.auth0.com"),
        ({"domain": "https://acme.us.auth0.com/"}, "auth0:acme.us.auth0.com"),
        ({"domain": "acme.example", "base_url": "http://127.0.0.1:1/auth0"}, "auth0:acme.example"),
        ({"base_url": "http://127.0.0.1:1/auth0"}, "auth0:127.0.0.1:1/auth0"),
    ],
)
def test_identity(table: dict[str, Any], identity: str) -> None:
    assert PROVIDER.identity(settings_with(table)) == identity


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="AUTH0_DOMAIN"):
        PROVIDER.identity(settings_with({}))
    monkeypatch.delenv("AUTH0_CLIENT_SECRET")
    with pytest.raises(SettingsError, match="no credentials"):
        asyncio.run(opened("auth0", {"domain": "acme.example"}, FakeMemo(), FakeClock()))


def test_a_secret_in_the_file_is_refused() -> None:
    with pytest.raises(SettingsError, match="client_secret") as caught:
        PROVIDER.identity(settings_with({"domain": "acme.example", "client_secret": "s3cret"}))
    assert "s3cret" not in str(caught.value)


# the sandbox, a process of its own


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
