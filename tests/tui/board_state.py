"""The rollout of the seeded states: before anything moves, a wave under way, one that stands."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal

from cockpit.clock import millis
from cockpit.jobs.rollout import board, waves
from cockpit.rollout.gates import Target
from cockpit.rollout.rules import RolloutSettings
from cockpit.state import connection_decisions, connections, events
from cockpit.state.database import open_state, transaction
from cockpit.state.rollout import ROLLOUT, beside, flips, observations, proxies, routes, targets, traffic
from cockpit.state.rollout import waves as wave_rows
from cockpit.state.rollout.audit import Actor
from cockpit.state.rollout.observations import Seen
from cockpit.state.rollout.traffic import MINUTE_MS, Cell, Outcome
from cockpit.terms import Event, SignIn
from tests.tui.seeded import NOW, OPERATOR, Seeded, on_host, seed
from tests.tui.work import Work

RolloutScene = Literal["unlevelled", "before", "wave", "failing", "silent"]
"""unlevelled: nobody has looked at the board yet. before: waves are planned, nothing has moved. wave: that of
25 % is under way. failing: one of it fails, and the wave stands. silent: as wave, but the watch shows no
life."""

RULES = RolloutSettings()
WAVE = "25%"
PORTAL, HELD, EXPIRED = "con_0013", "con_0015", "con_0006"
"""One that its customer sets up anew, one that a person holds, one with a certificate that has ended."""
CODE = "profile_not_allowed_outside_organization"
HOUR = 3_600.0


def ago(seconds: float) -> int:
    """A moment so many seconds before now, in ms."""
    return millis(NOW) - millis(seconds)


def seed_rollout(folder: Path, scene: RolloutScene) -> Seeded:
    """A migration that is done but for its logins, which are as far as the scene says."""
    seeded = seed(folder, "clean")
    _paired(seeded)
    if scene != "unlevelled":
        with on_host(), board.both(seeded.path, ago(100 * HOUR)) as (state, rollout):
            _Rollout(seeded, state, rollout).play(scene)
    return seeded


def members(seeded: Seeded, wave: str) -> list[str]:
    """The connections of a wave, in their order."""
    with closing(open_state(beside(seeded.path), kind=ROLLOUT)) as rollout:
        return [member.connection for member in wave_rows.members(rollout, wave)]


def _paired(seeded: Seeded) -> None:
    """Each has its place at WorkOS; one is its customer's own matter."""
    with closing(open_state(seeded.path)) as db, transaction(db):
        for ident in connections.ids(db):
            endpoint = f"https://auth.workos.example/sso/callback/{ident:04}"
            connections.pair(db, ident, f"conn_01JD{ident:04}", None, endpoint)
        by_hand = connections.find(db, PORTAL)
        assert by_hand is not None
        why = "its IdP can't keep the callback"
        connection_decisions.override(db, by_hand, "portal", None, why, OPERATOR, ago(90 * HOUR))


class _Rollout:
    """Plays the rollout forward, as people, the watch and the proxies would."""

    def __init__(self, seeded: Seeded, state: sqlite3.Connection, rollout: sqlite3.Connection) -> None:
        self._seeded, self._state, self._rollout = seeded, state, rollout
        self._events: list[Event] = []

    def play(self, scene: RolloutScene) -> None:
        """Everything up to the scene."""
        waves.plan(self._state, self._rollout, RULES, OPERATOR, ago(80 * HOUR))
        with transaction(self._rollout):
            self._known()
            self._legacy([] if scene == "before" else self._going)
            self._report()
        if scene == "before":
            return
        with transaction(self._rollout):
            self._canary()
            self._wave()
            flips.take_back(self._rollout, [HELD], Actor("grace"), ago(5 * HOUR), "their IT is away")
            if scene == "failing":
                self._fail()
        self._follow(scene)
        with transaction(self._rollout):
            self._report()

    @property
    def _going(self) -> list[str]:
        """Those that are at WorkOS once the wave is under way."""
        first = wave_rows.members(self._rollout, "canary") + wave_rows.members(self._rollout, WAVE)[:2]
        return [member.connection for member in first]

    @property
    def _all(self) -> list[routes.BoardRow]:
        return routes.board(self._rollout)

    def _known(self) -> None:
        """WorkOS was asked about each."""
        for row in self._all:
            route = row.described.route
            told = Target("active", route.callback_endpoint, (), ago(HOUR))
            targets.put(self._rollout, route.connection, told)

    def _legacy(self, going: Sequence[str]) -> None:
        """Logins that legacy answered, a while ago of those that are `going`, and what they looked like."""
        minute = ago(0) // MINUTE_MS
        for number, row in enumerate(self._all):
            ident = row.described.route.connection
            recent = () if ident in going else (2, 9, 17, 26, 38, 51)
            counts = {
                Cell(ident, minute - back, "legacy", outcome): n
                for back in (*recent, 300, 900, 3_700)
                for outcome, n in self._shares(number, back)
            }
            traffic.add(self._rollout, counts)
            seen = {
                Seen(ident, "encrypted", "no"): 40 + number,
                Seen(ident, "signed", "assertion"): 40 + number,
                Seen(ident, "begun_by", "service"): 31,
                Seen(ident, "begun_by", "idp"): 9 + number,
            }
            observations.add(self._rollout, seen, ago(120))

    def _shares(self, number: int, back: int) -> Sequence[tuple[Outcome, int]]:
        ok: tuple[Outcome, int] = ("ok", 1 + (number * 7 + back) % 11)
        return (ok, ("refused", 1)) if (number + back) % 13 == 0 else (ok,)

    def _report(self) -> None:
        """Three proxies have the newest routes."""
        version = routes.version(self._rollout)
        proxies.report(self._rollout, "edge-1", "database", version, ago(1))
        proxies.report(self._rollout, "edge-2", "database", version, ago(1))
        proxies.report(self._rollout, "fra-1", "snapshot", version, ago(2))

    def _canary(self) -> None:
        """The first is live for two days."""
        (first,) = (member.connection for member in wave_rows.members(self._rollout, "canary"))
        self._started("canary", 60 * HOUR)
        self._flipped(first, "canary", 60 * HOUR, proven=True)
        wave_rows.act(self._rollout, "canary", "finish", Actor("watch", person=False), ago(30 * HOUR))
        for back, n in ((2, 3), (11, 5), (24, 2), (33, 7), (47, 4), (52, 1), (200, 24)):
            self._signed_in(first, back * 60, n)

    def _wave(self) -> None:
        """One is live, one waits for a sign-in, the others are armed."""
        live, waiting, *armed = (member.connection for member in wave_rows.members(self._rollout, WAVE))
        self._started(WAVE, 2 * HOUR)
        self._flipped(live, WAVE, 1.5 * HOUR, proven=True)
        for back, n in ((4, 2), (15, 3), (41, 1)):
            self._signed_in(live, back * 60, n)
        self._signed_in(live, 25 * 60, 1, "failed")
        self._flipped(waiting, WAVE, 200, proven=False)
        for ident in armed:
            number = flips.arm(self._rollout, ident, OPERATOR, ago(2 * HOUR), wave=WAVE)
            flips.wait(self._rollout, number, "the last flip was less than 5 min ago; 100 s to go")

    def _fail(self) -> None:
        """Who waited fails, and the wave stands."""
        _, waiting, *_ = (member.connection for member in wave_rows.members(self._rollout, WAVE))
        self._signed_in(waiting, 90, 4, "failed")
        why = f"several fail alike: {CODE}"
        wave_rows.act(self._rollout, WAVE, "halt", Actor("watch", person=False), ago(60), why)

    def _started(self, name: str, back: float) -> None:
        wave_rows.act(self._rollout, name, "start", Actor(OPERATOR), ago(back))

    def _flipped(self, ident: str, wave: str, back: float, *, proven: bool) -> None:
        number = flips.arm(self._rollout, ident, OPERATOR, ago(back + 60), wave=wave)
        flips.begin(self._rollout, number, ago(back))
        flips.confirm(self._rollout, number)
        if proven:
            watch = Actor("watch", person=False)
            flips.prove(self._rollout, number, watch, ago(back - 900), "3 of 3 sign-ins succeeded")

    def _signed_in(self, ident: str, back: float, n: int, outcome: SignIn = "succeeded") -> None:
        """So many sign-ins at WorkOS in that minute."""
        target = routes.one(self._rollout, ident).described.route.target_id
        error = {"error": {"code": CODE}} if outcome == "failed" else {}
        for number in range(n):
            event = f"event_{ident}_{round(back)}_{number}"
            body = {"data": {"sso": {"session_id": f"session_{event}"}, "email": "jo@acme.example", **error}}
            at, name = ago(back) + number, f"authentication.sso_{outcome}"
            self._events.append(Event(event, name, at, target, None, outcome, json.dumps(body)))

    def _follow(self, scene: RolloutScene) -> None:
        """The watch follows the events; it lives, or seems to."""
        path, clock = self._seeded.path, self._seeded.clock
        with closing(open_state(path)) as db:
            with transaction(db):
                self._events.sort(key=lambda event: event.at)
                events.commit(db, self._events, "event_last", ago(2))
            work = Work(db, path, self._seeded.held, OPERATOR, clock.monotonic(), ago)
            reason = f"2 armed, 1 verifying, 2 live, wave {WAVE} running (1 unproven, 2 to flip)"
            lag = 34.0 if scene == "silent" else 0.4
            work.at_work("rollout", reason, began=60 * HOUR, lag=lag, eta=None, done=2, total=0)
