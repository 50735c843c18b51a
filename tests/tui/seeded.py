"""State files as a migration leaves them, built by the state's own functions under a fixed clock."""

import sqlite3
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args
from unittest.mock import patch

from cockpit.clock import millis
from cockpit.state import connections, diffs, meta, resources
from cockpit.state.database import open_state, transaction
from cockpit.state.jobs import JobKind
from cockpit.tui.app import CockpitApp
from cockpit.tui.given import Given
from cockpit.tui.poller import Poller
from tests.clocks import FakeClock
from tests.tui import differences
from tests.tui.backlog import DRAIN, DRAINED, EVENTS, NOT_YET, TO_SEND, Backlog
from tests.tui.customers import Customers
from tests.tui.people import PEOPLE, People, raw
from tests.tui.tenants import Tenants
from tests.tui.work import Work

Scene = Literal[
    "empty", "running", "throttled", "stale", "clean", "stopped", "leading", "resetting", "quieting",
    "draining",
]  # fmt: skip
SCENES: tuple[Scene, ...] = get_args(Scene)
"""running, throttled, stale: an import is at work. stopped: one broke, and nothing is. leading: it is one of
a run's. resetting: reset e-mails go out.
quieting: nothing is sent yet, a proof has ended, and the tank fills. draining: all are there, what was held
goes to its consumer, and WorkOS's events are followed."""

NOW = 1_795_443_667.0
"""2026-11-23 14:21:07 UTC."""
BATCH = 10
OPERATOR = "ada"
HOST = "migrator"
CONNECTIONS = 18


@dataclass
class Seeded:
    """A seeded state; `close` gives the locks of its jobs back."""

    path: Path
    clock: FakeClock
    held: ExitStack

    def app(self, *, read_only: bool = False, interval: float | None = None) -> CockpitApp:
        """The cockpit over it; nothing moves unless told."""
        given = Given(source="auth0", batch_size=BATCH, mailer="workos")
        poller = Poller(self.path, self.clock, given=given, interval=interval)
        return CockpitApp(
            self.path,
            operator=OPERATOR,
            given=given,
            host=HOST,
            clock=self.clock,
            read_only=read_only,
            poller=poller,
        )

    def close(self) -> None:
        """As if the jobs ended."""
        self.held.close()


def seed(folder: Path, scene: Scene) -> Seeded:
    """A migration in one of its states."""
    seeded = Seeded(folder / "cockpit.db", FakeClock(NOW), ExitStack())
    if scene != "empty":
        with on_host():
            _Migration(seeded).play(scene)
    return seeded


def on_host() -> AbstractContextManager[object]:
    """What is done meanwhile is audited as done on the host of the seeded states."""
    return patch("socket.gethostname", return_value=HOST)


class _Migration:
    """Plays a migration forward, with the moments of its day."""

    def __init__(self, seeded: Seeded) -> None:
        self._db = open_state(seeded.path, create=True)
        self._people = People(self._db, BATCH, _ago)
        self._tenants = Tenants(self._db, BATCH, _ago)
        self._customers = Customers(self._db, _ago)
        self._work = Work(self._db, seeded.path, seeded.held, OPERATOR, seeded.clock.monotonic(), _ago)
        self._backlog = Backlog(self._db, seeded.path, seeded.held, OPERATOR, _ago)

    def play(self, scene: Scene) -> None:
        """Export and lint are done in every scene; the import stands where the scene says."""
        with transaction(self._db):
            meta.put(self._db, "bound.source", "auth0:acme.us.auth0.com")
            meta.put(self._db, "bound.target", "https://api.workos.com#4f1d09ab")
        self._read(well=scene in ("clean", "draining"))
        if scene == "quieting":
            self._backlog.quieted(ended=True)
            self._backlog.fill(drained=False)
            self._work.ended("webhooks", 260, 258, 1, NOT_YET[0], NOT_YET[1])
        elif scene in ("clean", "draining"):
            self._backlog.quieted(ended=False)
            self._arrive()
        else:
            self._backlog.quieted(ended=False)
            self._arrive_in_part(scene)
        if scene == "draining":
            self._drain()
        self._db.close()

    def _read(self, *, well: bool) -> None:
        self._people.export()
        self._tenants.export(raw, PEOPLE)
        self._ended("export", 4_000, 3_700, "1,200 users in 20 pages")
        self._people.lint(blocked=not well)
        self._ended("lint", 3_690, 3_680, f"{0 if well else 2} users blocked by a rule")
        self._tenants.lint(well=well)
        self._tenants.import_organizations()
        self._customers.read(CONNECTIONS)
        self._customers.check(well=well)
        self._ended("check", 3_520, 3_500, _checked(self._db), CONNECTIONS)

    def _arrive(self) -> None:
        self._people.import_(PEOPLE, refuse=False)
        self._tenants.import_the_rest()
        self._customers.arrive()
        self._ended("import", 1_900, 600, "1,200 users are at the target")
        self._compare(clean=True)

    def _arrive_in_part(self, scene: Scene) -> None:
        self._people.import_(760, refuse=True)
        self._tenants.import_the_rest(200)
        self._people.decide(OPERATOR)
        self._customers.hand_over(OPERATOR)
        self._compare(clean=False)
        if scene == "leading":
            self._work.at_work("run", "import: within limit", began=4_100, eta=4_980.0)
        if scene == "resetting":
            self._work.at_work("reset", "within limit", began=60, eta=14.0, done=6, total=20)
        elif scene == "stopped":
            self._work.broke("import", 1_000, 400)
        else:
            self._work.importing(lag=34.0 if scene == "stale" else 0.4, throttled=scene == "throttled")

    def _drain(self) -> None:
        self._backlog.decided()
        self._backlog.fill(drained=True)
        self._backlog.follow()
        self._work.at_work("events", "level with the target", began=550, eta=None, done=EVENTS, total=EVENTS)
        job = self._work.at_work(
            "drain", "limit 50/s", began=90, rate=42.4, eta=21.0, done=DRAINED, total=TO_SEND,
            args=DRAIN,
        )  # fmt: skip
        self._work.paced(job)
        self._backlog.standing(job)

    def _compare(self, *, clean: bool) -> None:
        began = 500 if clean else 5_000
        with transaction(self._db):
            diff = diffs.begin(self._db, _ago(began))
            if not clean:
                drifted = resources.find(self._db, ["organization"], "org_0004")
                diffs.add(self._db, diff, differences.found(drifted))
            diffs.finish(self._db, diff, PEOPLE, PEOPLE + (0 if clean else 2), _ago(began - 60))
        self._ended("diff", began, began - 60, "clean" if clean else "10 differences")

    def _ended(self, kind: JobKind, began: float, after: float, says: str, many: int = PEOPLE) -> None:
        self._work.ended(kind, began, after, many, says)


def _checked(db: sqlite3.Connection) -> str:
    told = ", ".join(f"{n} {verdict}" for verdict, n in connections.verdicts(db).items())
    return f"{CONNECTIONS} connections: {told}"


def _ago(seconds: float) -> int:
    return millis(NOW) - millis(seconds)
