"""A migration whose connections are at WorkOS, and whose users were compared: all gates are open."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self
from unittest import mock

from cockpit.clock import SystemClock, millis
from cockpit.connections.board import Column
from cockpit.jobs.rollout import ask, board, flip
from cockpit.rollout.rules import RolloutSettings
from cockpit.settings import load as load_settings
from cockpit.state import diffs, webhook_steps
from cockpit.state.database import open_state, transaction
from cockpit.state.jobs import Job
from cockpit.state.rollout import ROLLOUT, beside, flips, routes
from cockpit.state.rollout.flips import Flip
from cockpit.webhooks.sequence import Step
from tests.jobs.connections.files import OFF, load, oidc, saml
from tests.jobs.connections.living import certificate
from tests.jobs.remote import Remote
from tests.jobs.world import UNLIMITED, World, person, seed

AT_ONCE = "[rollout]\nspacing_min = 0\nverify_min = 0\n"
CLOCK = SystemClock()


class Ready:
    """The folder, what it points at, and the rollout as its commands would do it."""

    def __init__(self, world: World, target: Remote, rules: RolloutSettings) -> None:
        self.world, self.target, self.rules = world, target, rules

    @classmethod
    def prepared(
        cls, folder: Path, target: Remote, settings: str = AT_ONCE, rows: Sequence[dict[str, str]] = ()
    ) -> Self:
        """Four connections (or those of `rows`), created, asked about, compared."""
        rows = rows or [*(saml(number, certificate()) for number in range(1, 4)), oidc(4)]
        world = World(folder, target.base_url, UNLIMITED + OFF + settings)
        seed(world.state, [person(1)])
        load(world, *rows)
        world.run_here("check", offline=True)
        created = world.run_here("create")
        assert created.result is not None and created.result["imported"] == len(rows), created.result
        made = cls(world, target, load_settings(world.config, world.state).rollout)
        made.rest()
        made.compare()
        with made.board():
            pass
        made.ask()
        return made

    @contextmanager
    def board(self) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
        """Both files, level."""
        with board.both(self.world.state, millis(CLOCK.now())) as (state, rollout):
            yield state, rollout

    def rest(self) -> None:
        """Both kinds of webhooks are proven off, and the source is proven quiet, unchanged for two days."""
        now = millis(CLOCK.now())
        steps: tuple[Step, ...] = ("baseline", "legacy_off", "workos_off", "quiet")
        with closing(open_state(self.world.state)) as state, transaction(state):
            for step in steps:
                detail = {"last_write": now - 48 * 3_600_000}
                webhook_steps.record(state, step, "proven", "lead", now, "seen by a test", detail=detail)

    def compare(self, age_ms: int = 0, missing: int = 0) -> None:
        """A finished diff, so old, with so many missing members of unknown connections."""
        with closing(open_state(self.world.state)) as state, transaction(state):
            ended = millis(CLOCK.now()) - age_ms
            diff = diffs.begin(state, ended - 1)
            found = diffs.Finding("missing", None, "x", "x@customer1.example", None, {})
            diffs.add(state, diff, [found] * missing)
            diffs.finish(state, diff, 1, 1, ended)

    def ask(self, *idents: str) -> None:
        """Ask WorkOS about connections (all), as a flip does."""
        with mock.patch.dict(os.environ, self.world.environment, clear=True):
            settings = load_settings(self.world.config, self.world.state)
            ask.keep(self.world.state, settings, idents or [*self.columns()], CLOCK)

    def flip(self, ident: str, operator: str = "lead", **options: Any) -> Flip:
        """A person flips a connection."""
        with self.board() as (state, rollout):
            return flip.flip(state, rollout, ident, operator, self.rules, millis(CLOCK.now()), **options)

    def watch(self) -> Job:
        """What the watch does until there is nothing more to do."""
        return self.world.run_here("rollout", once=True)

    def sign_in(self, ident: str, *outcomes: str, count: int = 1, **more: Any) -> None:
        """Sign-ins at WorkOS with these steps."""
        body = {"connection_id": self.target_id(ident), "outcomes": outcomes, "count": count, **more}
        self.target.call("POST", "/_sandbox/sso", body)

    def target_id(self, ident: str) -> str:
        """Its id at WorkOS."""
        with self.rollout() as rollout:
            return str(routes.one(rollout, ident).described.route.target_id)

    @contextmanager
    def rollout(self) -> Iterator[sqlite3.Connection]:
        """The rollout file alone."""
        with closing(open_state(beside(self.world.state), kind=ROLLOUT)) as rollout:
            yield rollout

    def columns(self) -> dict[str, Column]:
        """Where each connection stands."""
        with self.rollout() as rollout:
            return {
                row.described.route.connection: row.described.route.column for row in routes.board(rollout)
            }

    def newest(self, ident: str) -> Flip:
        """Its newest flip."""
        with self.rollout() as rollout:
            found = flips.newest(rollout, ident)
        assert found is not None
        return found
