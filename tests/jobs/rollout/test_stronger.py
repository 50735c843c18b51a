"""A person's rollback is stronger than anything: no rule, sync, wave, event or restart undoes it."""

import sqlite3
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cockpit.jobs.rollout import flip as flipping
from cockpit.jobs.rollout import waves as planning
from cockpit.jobs.rollout.watch import RULE, carry_out
from cockpit.rollout.flip import FlipRefused
from cockpit.rollout.health import Judged
from cockpit.rollout.route import AT_WORKOS
from cockpit.rollout.rules import HOURS_OF_BAKING, RolloutSettings
from cockpit.rollout.steps import Group, Known, Standing, decide
from cockpit.rollout.waves import AT_WORK, WaveRefused
from cockpit.state.database import open_state, transaction
from cockpit.state.rollout import ROLLOUT, audit, described, flips, routes, waves
from cockpit.state.rollout.audit import Actor
from cockpit.state.rollout.routes import Described, MoveRefused
from tests.rollout.test_route import route

LEAD = Actor("lead")
IDENTS = ("con_0", "con_1", "con_2")
CONNECTIONS, WAVES = st.sampled_from(IDENTS), st.sampled_from(("canary", "5%", "25%", "100%"))
VERDICTS = st.sampled_from(("pass", "fail", "inconclusive", "no data"))
DIVIDED = {"canary": ["con_0"], "5%": ["con_1"], "25%": [], "100%": ["con_2"]}
RULES = RolloutSettings(verify_min=0, spacing_min=0)


class Rollout(RuleBasedStateMachine):
    """`taken_back`: what a person took back and has not sent forward since."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "rollout.db"
        self.db = self.opened()
        self.now = 1
        self.taken_back: set[str] = set()
        self.sent: set[str] = set()
        routes.describe(self.db, [Described(route(ident, "legacy")) for ident in IDENTS])
        waves.plan(self.db, DIVIDED, HOURS_OF_BAKING, LEAD, 1)

    def opened(self) -> sqlite3.Connection:
        """The file, without waiting for the disk at each of thousands of commits."""
        db = open_state(self.path, create=True, kind=ROLLOUT)
        db.execute("pragma synchronous = off")
        return db

    def teardown(self) -> None:
        assert audit.broken(self.db) is None
        self.db.close()
        self.folder.cleanup()

    def later(self) -> int:
        self.now += 1_000
        return self.now

    def forward(self, ident: str) -> None:
        self.taken_back.discard(ident)
        self.sent.add(ident)

    @rule(ident=CONNECTIONS, at_once=st.booleans())
    def a_person_flips(self, ident: str, at_once: bool) -> None:
        try:
            with transaction(self.db):
                number = flips.arm(self.db, ident, "lead", self.later())
                if at_once:
                    flips.begin(self.db, number, self.now)
        except FlipRefused:
            return
        self.forward(ident)

    @rule(name=WAVES)
    def a_person_starts_a_wave(self, name: str) -> None:
        free = [
            member.connection
            for member in waves.members(self.db, name)
            if member.column == "legacy" and member.stage not in ("armed", "flipping", "verifying")
        ]
        try:
            with transaction(self.db):
                waves.act(self.db, name, "start", LEAD, self.later())
                for ident in free:
                    flips.arm(self.db, ident, "lead", self.now, wave=name)
        except WaveRefused:
            return
        for ident in free:
            self.forward(ident)

    @rule(name=WAVES, doing=st.sampled_from(("hold", "resume")))
    def a_person_holds_or_resumes(self, name: str, doing: str) -> None:
        try:
            with transaction(self.db):
                waves.act(self.db, name, doing, LEAD, self.later())  # type: ignore[arg-type]
        except WaveRefused:
            pass

    @rule(name=WAVES)
    def a_person_aborts_a_wave(self, name: str) -> None:
        with suppress(WaveRefused):
            self.taken_back |= {*planning.abort(self.db, name, "lead", self.later(), None)}

    @rule(ident=CONNECTIONS, hard=st.booleans())
    def a_person_kills(self, ident: str, hard: bool) -> None:
        with transaction(self.db):
            flips.take_back(self.db, [ident], LEAD, self.later(), "kill", hard=hard)
        self.taken_back.add(ident)

    @rule(ident=CONNECTIONS)
    def a_person_cancels_or_releases(self, ident: str) -> None:
        try:
            flipping.cancel(self.db, ident, "lead", self.later())
        except FlipRefused:
            pass
        else:
            self.taken_back.add(ident)
        with suppress(FlipRefused):
            flipping.release(self.db, [ident], "lead", self.later(), "again")

    @rule(verdicts=st.tuples(VERDICTS, VERDICTS, VERDICTS))
    def the_watch_acts(self, verdicts: tuple[str, ...]) -> None:
        newest = flips.newest_of_all(self.db)
        standings = [
            Standing(
                ident,
                routes.one(self.db, ident).described.route.column,
                found.id,
                found.stage,
                found.flipped_at,
                Judged(verdict, ""),  # type: ignore[arg-type]
                wave=found.wave,
            )
            for ident, verdict in zip(IDENTS, verdicts, strict=True)
            if (found := newest.get(ident)) is not None
        ]
        groups = [
            Group(wave.name, wave.state, wave.started_at or 0, None)
            for wave in waves.listed(self.db)
            if wave.state in AT_WORK
        ]
        for step in decide(Known(standings, groups, at=self.later()), RULES):
            try:
                with transaction(self.db):
                    if step.flip is None:
                        waves.act(self.db, str(step.wave), step.doing, RULE, self.now)  # type: ignore[arg-type]
                    elif step.doing == "flip":
                        flips.begin(self.db, step.flip.flip, self.now)
                    else:
                        carry_out(self.db, step, self.now)
            except (FlipRefused, WaveRefused, MoveRefused):
                pass

    @precondition(lambda self: self.taken_back)
    @rule(verdict=VERDICTS, data=st.data())
    def the_watch_acts_on_what_it_read_before(self, verdict: str, data: st.DataObject) -> None:
        """Between its look and its step a person was quicker."""
        ident = data.draw(st.sampled_from(sorted(self.taken_back)))
        found = flips.newest(self.db, ident)
        if found is None:
            return
        for stage in ("armed", "flipping", "verifying", "live"):
            stale = Standing(ident, "canary", found.id, stage, 0, Judged(verdict, ""))  # type: ignore[arg-type]
            for step in decide(Known([stale], at=self.later()), RULES):
                try:
                    with transaction(self.db):
                        if step.doing == "flip":
                            flips.begin(self.db, found.id, self.now)
                        else:
                            carry_out(self.db, step, self.now)
                except (FlipRefused, MoveRefused):
                    pass

    @rule(ident=CONNECTIONS, known_as=st.sampled_from((None, "conn_1", "conn_2")), users=st.integers(0, 9))
    def a_sync_comes(self, ident: str, known_as: str | None, users: int) -> None:
        told = route(ident, "legacy", target_id=known_as)
        with transaction(self.db):
            described.take_over(self.db, [Described(told, users=users)], self.later())

    @rule()
    def it_is_started_anew(self) -> None:
        self.db.close()
        self.db = self.opened()

    @invariant()
    def what_a_person_took_back_is_at_legacy(self) -> None:
        table = routes.table(self.db)
        for ident in self.taken_back:
            found = table.get(ident)
            assert found is not None and found.side() == "legacy" and found.column not in AT_WORKOS

    @invariant()
    def nothing_is_at_workos_that_no_person_sent(self) -> None:
        assert {*routes.at_workos(self.db)} <= self.sent


Rollout.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
TestItHolds = Rollout.TestCase
