"""Supabase's admin API, against a server that does exactly what the test says."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from aiohttp import web

from cockpit.settings import SettingsError
from cockpit.sources import _supabase_sql, supabase
from cockpit.sources._offset import another_size
from cockpit.sources._supabase_api import WARNING
from cockpit.sources._supabase_mapping import READ_AT
from cockpit.sources.base import Source, SourceError, SourceRefused
from cockpit.terms import Page
from tests.clocks import FakeClock
from tests.servers import serving
from tests.sources.memos import FakeMemo, ids, opened, read, settings_with

Reply = web.StreamResponse | None
KEY = "a-service-key"
SINCE = 1_800_000_000_123


def user(number: int) -> str:
    return f'{{"id":"u{number:04}" , "note":"Zo\\u00eb","odd":1.50}}'


class Project:
    """GoTrue as one test wants it; `before` may answer a request in its place."""

    def __init__(self, users: int = 2500, *, most: int = 10_000, counts: bool = True) -> None:
        self.users = [user(number) for number in range(users)]
        self.most, self.counts = most, counts
        self.cursors = False
        self.asked: list[dict[str, str]] = []
        self.before: Callable[[web.Request], Coroutine[Any, Any, Reply]] | None = None

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(dict(request.query))
        if self.before is not None and (reply := await self.before(request)) is not None:
            return reply
        assert request.path == "/auth/v1/admin/users"
        assert request.headers["apikey"] == KEY
        assert request.headers["authorization"] == f"Bearer {KEY}"
        if self.cursors and "limit" in request.query:
            at, limit = int(request.query.get("cursor", 0)), int(request.query["limit"])
            more = at + limit < len(self.users)
            following = f',"next_cursor":"{at + limit}"' if more else ""
            told = f',"pagination":{{"has_more":{str(more).lower()}{following}}}'
            return self.answer(self.users[at : at + limit], told)
        size = min(int(request.query.get("per_page", 50)), self.most)
        at = (int(request.query.get("page", 1)) - 1) * size
        return self.answer(self.users[at : at + size])

    def answer(self, users: list[str], told: str = "") -> web.Response:
        body = f'{{"users":[\n{" , ".join(users)}\n]{told},"aud":"authenticated"}}'
        headers = {"X-Total-Count": str(len(self.users))} if self.counts else {}
        return web.Response(text=body, content_type="application/json", headers=headers)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DB_URL", "URL", "BASE_URL", "SERVICE_ROLE_KEY", "SECRET_KEY", "PROJECT"):
        monkeypatch.delenv(f"SUPABASE_{name}", raising=False)
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", KEY)


def exported(project: Project, memo: FakeMemo | None = None, **how: Any) -> list[Page]:
    async def main() -> list[Page]:
        async with serving(project) as base:
            return await read("supabase", {"url": base}, memo or FakeMemo(), FakeClock(), **how)

    return asyncio.run(main())


def asking(project: Project, ask: Callable[[Source], Coroutine[Any, Any, Any]], memo: FakeMemo) -> Any:
    async def main() -> Any:
        async with serving(project) as base:
            source = await opened("supabase", {"url": base}, memo, FakeClock())
            try:
                return await ask(source)
            finally:
                await source.close()

    return asyncio.run(main())


# pages


@pytest.mark.parametrize("most", [400, 10_000])
@pytest.mark.parametrize("users", [0, 1, 1000, 2500])
def test_it_ends_at_an_empty_page_and_not_at_a_short_one(users: int, most: int) -> None:
    pages = exported(Project(users, most=most))
    assert ids(pages) == [f"u{number:04}" for number in range(users)]
    assert pages[-1].items == [] and pages[-1].next_cursor is None
    assert [page.next_cursor for page in pages[:-1]] == [page.cursor for page in pages[1:]]


def test_records_are_the_providers_own_characters() -> None:
    (first, *_) = exported(Project(2))
    assert [item.body for item in first.items] == [user(0), user(1)]
    assert first.total == 2


def test_a_resume_goes_on_at_the_page() -> None:
    project = Project()
    (first,) = exported(project, most=1)
    project.asked.clear()
    assert ids(exported(project, cursor=first.next_cursor)) == [f"u{n:04}" for n in range(1000, 2500)]
    assert project.asked[0]["page"] == "2"


@pytest.mark.parametrize("stopped", [False, True])
@pytest.mark.parametrize("gone", [1, 1200])
def test_deletions_meanwhile_hide_nobody_behind_the_border_of_a_page(gone: int, stopped: bool) -> None:
    """Who stood after the deleted moved onto pages that were read already."""
    project = Project(4000)

    async def delete(request: web.Request) -> Reply:
        if request.query["page"] == "3" and len(project.users) == 4000:
            del project.users[:gone]
        return None

    project.before = delete
    if stopped:
        before = exported(project, most=2)
        pages = [*before, *exported(project, cursor=before[-1].next_cursor)]
    else:
        pages = exported(project)
    assert set(ids(pages)) == {f"u{number:04}" for number in range(4000)}


# the count and the second look


def test_the_count_is_the_servers() -> None:
    assert asking(Project(7), lambda source: source.count(), FakeMemo()) == 7
    assert asking(Project(7, counts=False), lambda source: source.count(), FakeMemo()) is None


@pytest.mark.parametrize("missing", [0, -3])
def test_where_nobody_is_missing_nothing_is_read_again(missing: int) -> None:
    memo = FakeMemo()
    assert asking(Project(), lambda source: source.sweep(SINCE, missing), memo) == []
    assert WARNING not in memo.facts


@pytest.mark.parametrize("missing", [3, None])
def test_a_second_look_is_by_pages_of_another_size(missing: int | None) -> None:
    project, memo = Project(), FakeMemo()
    (chain,) = asking(project, lambda source: source.sweep(SINCE, missing), memo)
    assert "SUPABASE_DB_URL" in memo.facts[WARNING]
    project.asked.clear()
    assert len(ids(exported(project, chain=chain))) == 2500
    assert {asked["per_page"] for asked in project.asked} == {"623"}


def test_the_sizes_differ_from_look_to_look_and_from_the_first() -> None:
    sizes = {another_size(1000, SINCE + number) for number in range(500)}
    assert sizes == set(range(500, 1000))


def test_a_second_look_is_by_cursor_where_the_server_has_one() -> None:
    project = Project()
    project.cursors = True
    (chain,) = asking(project, lambda source: source.sweep(SINCE, 3), FakeMemo())
    pages = exported(project, chain=chain)
    assert ids(pages) == [f"u{number:04}" for number in range(2500)]
    assert ids(exported(project, chain=chain, cursor=pages[0].next_cursor)) == ids(pages)[1000:]


def test_a_new_run_forgets_the_last_ones_warning_and_remembers_its_own_time() -> None:
    memo = FakeMemo()
    memo.facts[WARNING] = "of another run"
    assert asking(Project(), lambda source: source.chains(), memo) == [""]
    assert memo.facts == {READ_AT: "2027-01-15T08:00:00.000Z"}


# refusals


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_named_and_not_shown(status: int) -> None:
    project = Project()

    async def refuse(request: web.Request) -> Reply:
        return web.json_response({"msg": "invalid JWT\x1b"}, status=status)

    project.before = refuse
    with pytest.raises(SourceRefused, match="SUPABASE_SERVICE_ROLE_KEY must be a service key") as caught:
        exported(project)
    assert KEY not in str(caught.value) and "\x1b" not in str(caught.value)


def test_the_gateways_429_is_waited_out() -> None:
    project, refusals = Project(3), iter(range(2))

    async def refuse(request: web.Request) -> Reply:
        if next(refusals, None) is None:
            return None
        return web.json_response({"message": "API rate limit exceeded"}, status=429)

    project.before = refuse
    assert len(ids(exported(project))) == 3


@pytest.mark.parametrize("text", ["<html>", '{"users":7}', '{"users":[{"id":"u1"}'])
def test_what_is_no_page_is_refused_in_one_line(text: str) -> None:
    project = Project()

    async def garble(request: web.Request) -> Reply:
        return web.Response(text=text, content_type="application/json")

    project.before = garble
    with pytest.raises(SourceError, match=r"^supabase: ") as caught:
        exported(project)
    assert "\n" not in str(caught.value)


# settings


POOLED = "postgresql://{}.abcdefgh:pw@aws-0-eu-central-1.pooler.supabase.com:5432/postgres"


@pytest.mark.parametrize(
    ("variable", "value", "name"),
    [
        ("URL", "https://abcdefgh.supabase.co", "abcdefgh"),
        ("DB_URL", POOLED.format("postgres"), "abcdefgh"),
        ("DB_URL", POOLED.format("cockpit.reader"), "abcdefgh"),
        ("DB_URL", "postgresql://postgres:pw@db.abcdefgh.supabase.co:5432/postgres", "abcdefgh"),
        ("DB_URL", "postgres://me:pw@10.0.0.7:5433/app", "10.0.0.7:5433/app"),
        ("DB_URL", "postgresql:///app?host=/run/postgresql", "local/app"),
        ("URL", "https://auth.example.com/", "auth.example.com"),
        ("URL", "http://127.0.0.1:54321", "127.0.0.1:54321"),
        ("PROJECT", "abcdefgh", "abcdefgh"),
    ],
)
def test_a_state_is_bound_to_the_project_through_either_door(
    variable: str, value: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPABASE_URL", "https://auth.example.com")
    monkeypatch.setenv(f"SUPABASE_{variable}", value)
    assert supabase.PROVIDER.identity(settings_with({})) == f"supabase:{name}"


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for url, key in (("", KEY), ("https://abcdefgh.supabase.co", "")):
        monkeypatch.setenv("SUPABASE_URL", url)
        monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", key)
        with pytest.raises(SettingsError, match=r"SUPABASE_DB_URL.*SUPABASE_SERVICE_ROLE_KEY"):
            supabase.PROVIDER.identity(settings_with({}))


@pytest.mark.parametrize("url", ["auth.example.com", "ftp://auth.example.com"])
def test_an_address_that_can_be_none_is_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        asyncio.run(opened("supabase", {"url": url}, FakeMemo(), FakeClock()))


def test_a_role_that_sees_too_little_is_told_what_an_export_would_lack() -> None:
    everything = [("users", column, False) for column in ("id", "encrypted_password")]
    everything += [("identities", "provider", False), ("mfa_factors", "secret", False)]
    assert [finding.level for finding in _supabase_sql.findings(everything)] == ["ok"]
    without = [("users", "id", False), ("identities", "provider", False)]
    found = _supabase_sql.findings(without)
    assert [(finding.check, finding.level) for finding in found] == [("hashes", "fail"), ("tables", "warn")]
    assert "mfa_factors" in found[1].what
