"""An export by sixteen chains in a process of its own: killed, stopped or refused, it goes on."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.remote import Remote
from tests.jobs.world import World
from tests.sandbox.running import Running
from tests.sources.sides import Side

USERS = 4000
CHAINS = 16


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    with Running("--source", "cognito", "--users", str(USERS), "--limits", "off") as running:
        yield Side("cognito", running.base_url, tmp_path_factory.mktemp("cognito"))


@pytest.fixture
def migration(pool: Side, tmp_path: Path) -> World:
    """A folder whose source is the pool, as at the start and some way off."""
    remote = Remote(pool.base_url)
    remote.reset()
    remote.configure(latency_ms=200)
    world = pool.world(tmp_path)
    world.environment["COGNITO_SWEEP"] = "false"
    return world


def requests(pool: Side) -> int:
    return int(pool.control("GET", "stats")["requests"].get("cognito", 0))


def half_way(world: World) -> None:
    """Every chain has come some way, and none is at its end."""
    first = "select count(distinct chain) from pages"
    world.wait_for("all chains are under way", "export", lambda job: world.ask(first) == [CHAINS])


def ends_complete(world: World) -> None:
    """The same command goes on: everybody once, each page once, and the figures agree."""
    before = len(world.ask("select 1 from pages"))
    job = world.run("export", source="cognito", kinds=["user"])
    assert job.result is not None and job.result["exit"] == 0, job.result
    assert (job.result["users"], job.result["read"], job.result["merged"]) == (USERS, USERS, 0)
    assert job.done == USERS
    assert 0 < before < len(world.ask("select 1 from pages"))
    assert world.ask("select count(distinct source_id) from raw") == [USERS]
    assert world.ask("select 1 from pages group by chain, cursor having count(*) > 1") == []
    assert len(world.ask("select distinct chain from pages where next_cursor is null")) == CHAINS
    misplaced = (
        "select 1 from pages p where p.cursor <> '' and not exists "
        "(select 1 from pages q where q.chain = p.chain and q.next_cursor = p.cursor and q.id < p.id)"
    )
    assert world.ask(misplaced) == []  # no page before the one that named it


def test_killed_it_reads_again_no_more_than_what_each_chain_had_in_hand(pool: Side, migration: World) -> None:
    process = migration.start("export", source="cognito", kinds=["user"])
    half_way(migration)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    ends_complete(migration)
    pages = len(migration.ask("select 1 from pages"))
    assert requests(pool) - pages <= CHAINS  # of each chain the page being asked for or written


def test_stopped_it_keeps_what_was_read(pool: Side, migration: World) -> None:
    process = migration.start("export", source="cognito", kinds=["user"])
    half_way(migration)
    process.send_signal(signal.SIGTERM)
    job = migration.end(process, "export")
    assert job.result is not None and job.result["exit"] == 130 and job.state == "stopped"
    assert job.done == len(migration.ask("select 1 from raw"))
    ends_complete(migration)


def test_refused_in_one_chain_all_end_and_what_was_read_stays(pool: Side, migration: World) -> None:
    pool.control("POST", "config", {"refuse": 401, "refuse_after": 40})
    job = migration.run("export", source="cognito", kinds=["user"])
    assert job.result is not None and job.result["exit"] == 1
    assert "ExpiredToken" in job.result["message"] and "the same command resumes" in job.result["message"]
    pool.control("POST", "config", {"refuse": 0})
    ends_complete(migration)


def test_a_diff_lists_every_chain(pool: Side, migration: World) -> None:
    pool.control("POST", "config", {"latency_ms": 0})
    assert migration.run_here("export", source="cognito", kinds=["user"]).state == "done"
    pool.control("POST", "source/sign-up")
    job = migration.run_here("diff")
    assert job.result is not None and job.result["exit"] == 4
    assert migration.ask("select source_listed from diffs") == [USERS + 1]
    assert job.result["deleted"] == 0
    new = "select count(*) from diff_findings where kind = 'missing' and subject is null"
    assert migration.ask(new) == [1]
