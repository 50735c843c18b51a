"""A faulty run taken to zero: three kinds of failure, each settled by keys alone, until the diff is clean."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.jobs import launch
from cockpit.state import errors, summary
from cockpit.tui.app import CockpitApp
from cockpit.tui.given import Given
from cockpit.tui.poller import Poller
from tests.jobs.remote import CREDENTIALS, Remote
from tests.jobs.world import UNLIMITED, World
from tests.sandbox.running import Running
from tests.tui.driving import Cockpit, asked, press, settled

USERS = 40
LONG = "x" * 700
MAPPING = '[mapping]\nbanned = "import"\nmetadata = ["bio"]\n'


@pytest.fixture
def auth0() -> Iterator[Remote]:
    with Running("--source", "auth0", "--users", str(USERS), "--limits", "off") as running:
        yield Remote(running.base_url)


@pytest.fixture
def world(auth0: Remote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Exported, linted and imported while requests fail: three kinds of failure are left."""
    world = World(tmp_path, auth0.base_url, UNLIMITED + auth0.source_settings() + MAPPING)
    world.environment |= CREDENTIALS
    for name in ("WORKOS_BASE_URL", "WORKOS_API_KEY", *CREDENTIALS):
        monkeypatch.setenv(name, world.environment[name])
    world.run_here("export", source="auth0", kinds=["user"])
    bad, taken, *wordy = world.ask("select source_id from raw order by id limit 4")
    auth0.correct(bad, email="ada@@")
    for ident in wordy:
        auth0.correct(ident, app_metadata={"bio": LONG})
    world.run_here("export", source="auth0", kinds=["user"])
    world.run_here("lint")
    email = str(world.ask("select email from users where external_id = ?", taken)[0])
    auth0.create(email=email, external_id="crm-7")
    auth0.configure(faults="some")
    assert (world.run_here("import", kinds=["user"]).result or {})["exit"] == 3
    auth0.configure(faults="none")
    return world


def test_three_kinds_of_failure_are_settled_by_keys_until_the_diff_is_clean(world: World) -> None:
    async def done(pilot: Cockpit) -> None:
        """What was launched has ended, and is on the screen."""
        for process in launch._launched:
            await asyncio.to_thread(process.wait, 60)
        await settled(pilot)

    def left() -> set[str]:
        connection = world.read()
        found = {group.fingerprint for group in errors.groups(connection)}
        connection.close()
        return found

    async def find(pilot: Cockpit, words: str) -> None:
        await press(pilot, "slash", "ctrl+u", *words, "enter")

    async def scenario() -> None:
        clock = SystemClock()
        given = Given(source="auth0", batch_size=100)
        app = CockpitApp(
            world.state,
            operator="ada",
            clock=clock,
            config=world.config,
            given=given,
            poller=Poller(world.state, clock, given=given, interval=None),
        )
        async with app.run_test(size=(120, 40)) as pilot:
            await settled(pilot)
            assert len(left()) == 3
            await press(pilot, "4")
            await find(pilot, "e-mail address")
            await press(pilot, "enter", "f", "end", "ctrl+u", *"ada@corrected.example", "enter")
            await done(pilot)
            assert len(left()) == 2
            await press(pilot, "escape", "escape")
            await find(pilot, "class:fixable")
            await press(pilot, "a", "ctrl+s")
            await done(pilot)
            assert len(left()) == 1
            await press(pilot, "escape", "m", "l")
            assert left() == set()
            await press(pilot, "s")
            assert "unverified" in asked(app)
            await press(pilot, "y")
            await done(pilot)
            assert left() == set()
            await press(pilot, "5", "s")
            await done(pilot)

    asyncio.run(scenario())
    connection = world.read()
    diff = summary.read(connection).diff
    connection.close()
    assert diff is not None and diff.clean
    assert world.counts() == {"imported": USERS - 1, "adopted": 1}
    assert set(world.ask("select operator from decisions")) == {"ada"}
