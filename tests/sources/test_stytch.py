"""Stytch's projects of both kinds: cursors, organizations by the hundred, people made of members."""

from itertools import chain
from pathlib import Path

import pytest
from aiohttp import web

from cockpit.sources._stytch_api import MEMBERS, ORGS, USERS
from cockpit.sources.base import Source, SourceError
from tests.clocks import FakeClock
from tests.sources.memos import ids
from tests.sources.scripted import KEY, Reply, Stytch


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in Stytch.environment.items():
        monkeypatch.setenv(name, value)


async def chains(source: Source) -> list[str]:
    return list(await source.chains())


async def count(source: Source) -> int | None:
    return await source.count()


# both kinds


@pytest.mark.parametrize(("organizations", "found"), [(0, [""]), (1, ["organizations 0"])])
def test_the_kind_of_a_project_is_asked_for(organizations: int, found: list[str]) -> None:
    project = Stytch(3, organizations)
    assert project.asking(chains) == found
    assert project.paths[0] == ORGS


def test_where_the_kind_is_set_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYTCH_PROJECT_TYPE", "consumer")
    project = Stytch(3)
    assert project.asking(chains) == [""]
    assert project.paths == []


@pytest.mark.parametrize(("organizations", "counted"), [(0, 1500), (130, 1500)])
def test_totals_are_counted_unless_they_are_off(organizations: int, counted: int) -> None:
    project = Stytch(1500, organizations)
    assert project.asking(count) == counted
    project.totals = False
    assert project.asking(count) is None


def test_a_bare_429_is_waited_out_longer_each_time() -> None:
    project, clock, refusals = Stytch(3), FakeClock(), iter(range(5))

    async def refuse(request: web.Request) -> Reply:
        if next(refusals, None) is None:
            return None
        return web.json_response({"error_type": "too_many_requests"}, status=429)

    project.before = refuse
    assert len(ids(project.pages(clock))) == 3
    assert len(clock.slept) == 5 and clock.slept[-1] > 4 * clock.slept[0]


@pytest.mark.parametrize("organizations", [0, 3])
def test_a_cursor_that_ended_since_the_last_run_begins_its_chain_again(organizations: int) -> None:
    project = Stytch(2500, organizations)
    named = "organizations 0" if organizations else ""
    (first,) = project.pages(chain=named, most=1)
    project.generation += 1
    project.asked.clear()
    again = project.pages(chain=named, cursor=first.next_cursor)
    assert len(ids(again)) == 2500
    assert [bool(asked.get("cursor")) for asked in project.asked if asked["limit"] == 1000] == [
        *([False] if organizations else []), True, False, True, True,
    ]  # fmt: skip


def test_a_cursor_that_is_refused_in_the_run_that_got_it_ends_the_run() -> None:
    project = Stytch(2500)

    async def end_them(request: web.Request) -> Reply:
        project.generation += len(project.asked) == 2
        return None

    project.before = end_them
    with pytest.raises(SourceError, match="answered 400: it has ended; nothing was lost"):
        project.pages()


def test_a_refused_secret_is_named_and_not_shown() -> None:
    project = Stytch(1)

    async def refuse(request: web.Request) -> Reply:
        return web.json_response({"error_message": "no\x1b"}, status=401)

    project.before = refuse
    with pytest.raises(SourceError, match=r"STYTCH_SECRET, the same command resumes") as refused:
        project.pages()
    assert KEY not in str(refused.value) and str(refused.value).isprintable()


# consumer


def test_users_come_by_cursor_until_there_is_none() -> None:
    project = Stytch(2500)
    pages = project.pages()
    assert ids(pages) == [row["user_id"] for row in project.rows]
    assert [len(page.items) for page in pages] == [1000, 1000, 500]
    assert {page.total for page in pages} == {2500}
    assert set(project.paths) == {USERS}
    assert all(asked.keys() <= {"limit", "cursor"} for asked in project.asked)


# B2B


def test_members_are_read_of_a_hundred_organizations_at_a_time() -> None:
    project = Stytch(500, organizations=250)
    found = project.asking(chains)
    assert found == ["organizations 0", "organizations 100", "organizations 200"]
    project.asked.clear()
    everyone = {ident for some in found for ident in ids(project.pages(chain=some))}
    assert everyone == {row["email_address"] for row in project.rows}
    named = [asked["organization_ids"] for asked in project.asked if "organization_ids" in asked]
    assert [len(some) for some in named] == [100, 100, 50]
    assert sorted(chain.from_iterable(named)) == project.organizations
    assert set(project.paths) == {ORGS, MEMBERS}


def test_members_with_one_email_are_one_user_and_each_of_them_counts(tmp_path: Path) -> None:
    project = Stytch(500, organizations=7)
    job, world = project.exported(tmp_path)
    assert job.result is not None and job.result["users"] == 250
    assert world.ask("select seen, outcome, missing from exports") == [(500, "complete", 0)]
    members = world.ask("select key from raw, json_each(raw.body) where raw.id = 1 order by key")
    assert members == ["member-00000", "member-00001"]


def test_members_of_an_organization_that_is_new_are_missed_and_found(tmp_path: Path) -> None:
    project = Stytch(20, organizations=3)

    async def found_one(request: web.Request) -> Reply:
        if len(project.asked) == 4:
            project.organizations.insert(0, "organization-0-new")
            project.rows.append(project.row(20) | {"organization_id": "organization-0-new"})
        return None

    project.before = found_one
    _, world = project.exported(tmp_path)
    assert world.ask("select seen, outcome, missing from exports") == [(21, "complete", 0)]
    assert world.ask("select count(*) from raw") == [11]
