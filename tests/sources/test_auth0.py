"""Auth0's export job, against a tenant that does exactly what the test says."""

import asyncio
import gzip

import pytest
from aiohttp import web

from cockpit.sources.base import SourceError
from cockpit.terms import Page
from tests.clocks import FakeClock
from tests.servers import serving
from tests.sources.auth0_tenant import Reply, Tenant, everybody, exported, line, table
from tests.sources.memos import FakeMemo, ids, opened

pytestmark = pytest.mark.usefixtures("auth0_credentials")


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
    tenant.keep_waiting("pending", "processing", "processing", "processing", "processing")
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
