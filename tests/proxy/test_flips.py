"""Logins across random flips, with everything failing that can: none lost, none on another side than begun.

A tenth of the full size, unless COCKPIT_ENDURANCE is set (make endurance).
"""

import asyncio
import os
import random
from pathlib import Path

import aiohttp
import pytest

from cockpit.connections.board import Column
from tests.proxy.browsers import Browsers, Way
from tests.proxy.faults import Faults
from tests.proxy.running import CONNECTIONS, Rollout, RunningProxy, route
from tests.proxy.sides import Sides

FULL = bool(os.environ.get("COCKPIT_ENDURANCE"))
LOGINS, FLIPS, BROWSERS = (10_000, 200, 48) if FULL else (1_000, 20, 24)
SEEDS = (1, 2, 3) if FULL else (1, 2)
WAYS: tuple[Way, ...] = ("start", "start", "start", "application", "idp")
COLUMNS: tuple[Column, ...] = ("legacy", "canary", "workos", "held")


class Run:
    """One run: browsers, a hand that flips, and faults, in step with the logins done."""

    def __init__(self, browsers: Browsers, rollout: Rollout, faults: Faults, seed: int) -> None:
        self._browsers = browsers
        self._rollout = rollout
        self._faults = faults
        self._random = random.Random(seed)
        self._left = LOGINS
        self.flips = 0

    async def all(self) -> None:
        """Until every login has ended."""
        tabs = [asyncio.create_task(self._browse(random.Random(number))) for number in range(BROWSERS)]
        await asyncio.gather(self._disturb(), *tabs)

    async def _browse(self, chance: random.Random) -> None:
        """One tab after the other; some browsers have kept the cookies of the tab before."""
        jar: dict[str, str] = {}
        while self._left > 0:
            self._left -= 1
            connection, way = chance.choice(CONNECTIONS), chance.choice(WAYS)
            if connection.startswith("oidc") and way == "idp":
                way = "start"
            if chance.random() < 0.7:
                jar = {}
            await self._browsers.log_in(connection, way, jar)

    async def _disturb(self) -> None:
        """A flip after so many logins each; every third time something fails first, and is repaired later."""
        kinds = list(self._faults.kinds)
        for number in range(1, FLIPS + 1):
            await self._until(LOGINS * number // (FLIPS + 2))
            if number % 3 == 0:
                await asyncio.to_thread(self._faults.begin, kinds[number // 3 % len(kinds)])
                await self._until(LOGINS * number // (FLIPS + 2) + LOGINS // FLIPS // 3)
                await asyncio.to_thread(self._faults.end)
            move = (self._random.choice(CONNECTIONS), self._random.choice(COLUMNS))
            await asyncio.to_thread(self._rollout.move, *move)
            self.flips += 1

    async def _until(self, done: int) -> None:
        while LOGINS - self._left < done:
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_login_is_lost_or_changes_sides(tmp_path: Path, seed: int) -> None:
    async def main(sides: Sides, proxy: RunningProxy, rollout: Rollout) -> tuple[Browsers, Run]:
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout) as session:
            browsers = Browsers(proxy, sides, session, seed)
            run = Run(browsers, rollout, Faults(rollout, proxy, seed), seed)
            await run.all()
            return browsers, run

    with Sides() as sides:
        rollout = Rollout(tmp_path, [route(ident, sides.workos.port) for ident in CONNECTIONS])
        with RunningProxy(tmp_path, sides) as proxy:
            browsers, run = asyncio.run(main(sides, proxy, rollout))
    assert (browsers.failures, sides.twice) == ([], set())
    assert sum(browsers.ended.values()) == LOGINS
    assert run.flips == FLIPS
    assert min(len(sides.legacy.taken), len(sides.workos.taken)) > LOGINS / 10, "both sides had their share"
