"""Clerk and Descope page by offset: whatever comes or goes meanwhile, nobody is lost in silence."""

from pathlib import Path

import pytest
from aiohttp import web

from cockpit.sources._offset import another_size
from tests.clocks import FakeClock
from tests.sources.memos import ids
from tests.sources.scripted import KEY, Clerk, Descope, Reply, Scripted

SINCE = 1_800_000_000_123
SIZES = {"clerk": 500, "descope": 100}
OVERLAPS = {"clerk": 20, "descope": 10}


@pytest.fixture(params=[Clerk, Descope], ids=lambda kind: kind.name)
def provider(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """Four pages and a half of users."""
    for name, value in request.param.environment.items():
        monkeypatch.setenv(name, value)
    made: Scripted = request.param(SIZES[request.param.name] * 9 // 2)
    return made


def everyone(provider: Scripted) -> list[str]:
    key = "id" if provider.name == "clerk" else "userId"
    return [str(row[key]) for row in provider.rows]


def is_page(asked: dict[str, object]) -> bool:
    return asked.get("limit") not in (None, 1)


def test_everybody_comes_once_but_for_the_overlap(provider: Scripted) -> None:
    pages = provider.pages()
    assert list(dict.fromkeys(ids(pages))) == everyone(provider)
    overlap = OVERLAPS[provider.name]
    assert len(ids(pages)) == len(provider.rows) + overlap * (len(pages) - 1)
    assert [page.next_cursor for page in pages[:-1]] == [page.cursor for page in pages[1:]]
    assert pages[-1].next_cursor is None


@pytest.mark.parametrize("rows", [0, 1])
def test_none_and_one(provider: Scripted, rows: int) -> None:
    del provider.rows[rows:]
    assert list(dict.fromkeys(ids(provider.pages()))) == everyone(provider)


def test_a_server_that_gives_shorter_pages_than_were_asked_for_is_read_to_its_end(provider: Scripted) -> None:
    whole = everyone(provider)
    answer = provider.answer

    def shorter(path: str, asked: dict[str, object]) -> object:
        return answer(path, asked | ({"limit": 60} if is_page(asked) else {}))

    provider.answer = shorter  # type: ignore[method-assign]
    assert list(dict.fromkeys(ids(provider.pages()))) == whole


@pytest.mark.parametrize("stopped", [False, True])
def test_so_many_as_overlap_may_be_deleted_between_two_pages(provider: Scripted, stopped: bool) -> None:
    before, gone = everyone(provider), OVERLAPS[provider.name]

    async def delete(request: web.Request) -> Reply:
        if len(provider.asked) == 3 and len(provider.rows) == len(before):
            del provider.rows[:gone]
        return None

    provider.before = delete
    pages = provider.pages(most=2 if stopped else None)
    if stopped:
        pages += provider.pages(cursor=pages[-1].next_cursor)
    assert set(ids(pages)) == set(before)


def test_where_more_were_deleted_the_count_says_so_and_the_next_export_settles_it(
    provider: Scripted, tmp_path: Path
) -> None:
    gone = 3 * OVERLAPS[provider.name]
    paged: list[bool] = []

    async def delete(request: web.Request) -> Reply:
        paged.extend([True] * is_page(provider.asked[-1]))
        if len(paged) == 3:
            paged.append(False)
            del provider.rows[:gone]
        return None

    provider.before = delete
    job, world = provider.exported(tmp_path)
    assert job.result is not None and job.result["exit"] == 0
    assert world.ask("select outcome, missing from exports") == [("open", -gone)]
    assert set(world.ask("select source_id from raw")) >= set(everyone(provider))
    provider.exported(tmp_path)
    assert world.ask("select outcome, missing from exports where id = 2") == [("complete", 0)]


def test_a_count_that_never_rests_leaves_the_export_open(provider: Scripted, tmp_path: Path) -> None:
    async def sign_up(request: web.Request) -> Reply:
        if not is_page(provider.asked[-1]):
            provider.rows.append(provider.row(len(provider.rows)))
        return None

    provider.before = sign_up
    job, world = provider.exported(tmp_path)
    assert job.result is not None and job.result["exit"] == 0
    ((outcome, missing),) = world.ask("select outcome, missing from exports")
    assert (outcome, missing) == ("open", 1)


def test_who_signs_up_meanwhile_is_read_and_the_export_is_complete(
    provider: Scripted, tmp_path: Path
) -> None:
    late = provider.row(2_000_000_000_000)

    async def sign_up(request: web.Request) -> Reply:
        if len(provider.asked) == 4:
            provider.rows.append(late)
        return None

    provider.before = sign_up
    _, world = provider.exported(tmp_path)
    assert set(world.ask("select source_id from raw")) == set(everyone(provider))
    assert world.ask("select outcome, missing from exports") == [("complete", 0)]


def test_a_second_look_is_at_who_came_and_where_some_are_missing_at_everybody(provider: Scripted) -> None:
    assert provider.asking(lambda source: source.sweep(SINCE, 0)) == [f"since {SINCE}"]
    recent, again = provider.asking(lambda source: source.sweep(SINCE, -2))
    assert recent == f"since {SINCE}"
    assert list(dict.fromkeys(ids(provider.pages(chain=again)))) == everyone(provider)
    sizes = {int(asked["limit"]) for asked in provider.asked if is_page(asked)}
    assert sizes == {another_size(SIZES[provider.name], SINCE)}


def test_a_429_is_waited_out_as_long_as_it_says(provider: Scripted) -> None:
    clock, refusals = FakeClock(), iter(range(1))

    async def refuse(request: web.Request) -> Reply:
        if next(refusals, None) is None:
            return None
        return web.json_response({"errors": []}, status=429, headers={"Retry-After": "7"})

    provider.before = refuse
    assert set(ids(provider.pages(clock))) == set(everyone(provider))
    assert 7.0 <= max(clock.slept) < 8.0


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_named_and_not_shown(provider: Scripted, status: int, tmp_path: Path) -> None:
    async def refuse(request: web.Request) -> Reply:
        return web.json_response({"errors": [{"message": "no \x1b"}]}, status=status)

    provider.before = refuse
    job, _ = provider.exported(tmp_path)
    assert job.result is not None and job.result["exit"] == 1
    told = job.result["message"]
    assert f"{provider.name.upper()}_" in told and "the same command resumes" in told
    assert KEY not in told and told.isprintable()
