"""The journal under whatever may happen to it, in any order: the sums hold at every moment."""

import sqlite3
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
)

from cockpit.jobs.block import block
from cockpit.rules.lint import Finding
from cockpit.state import check, errors, exports, journal, resolve
from cockpit.state.claims import USERS, UserClaim
from cockpit.state.database import open_state, transaction
from cockpit.state.journal import USER
from cockpit.state.start_over import start_over
from cockpit.terms import OP_STATES, OpState
from tests.jobs.world import person
from tests.state import people
from tests.state.people import BATCH

TOO_LONG = Finding("metadata_value_too_long", "error", "note", "metadata")
ENDS = st.sampled_from(["ready", "imported", "adopted", "failed", "skipped"])


class Journal(RuleBasedStateMachine):
    """Export, claims, outcomes, crashes and people's decisions against one state."""

    claims = Bundle("claims")
    """(run, claimed users) handed to senders; a crash leaves some of them behind, to answer too late."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.connection: sqlite3.Connection = open_state(Path(self.folder.name) / "cockpit.db", create=True)
        self.connection.execute("pragma synchronous = off")
        self.subjects = self.now = 0
        self.run = journal.next_run(self.connection)
        self.export_more(new=12)

    def teardown(self) -> None:
        self.connection.close()
        self.folder.cleanup()

    def tick(self) -> int:
        self.now += 1
        return self.now

    def told(self, state: OpState) -> int:
        return journal.counts(self.connection, USER)[state]

    def map_everybody(self) -> None:
        people.save(self.connection, [person(n) for n in range(self.subjects)])

    def open_errors(self) -> list[int]:
        return errors.ids(self.connection)

    @rule(new=st.integers(1, 25))
    def export_more(self, new: int) -> None:
        with transaction(self.connection):
            number = exports.begin(self.connection, self.tick()).id
            numbers = range(self.subjects, self.subjects + new)
            records = [people.raw(person(n).source_id) for n in numbers]
            exports.commit_page(self.connection, number, people.page(*records), BATCH, self.tick())
            self.subjects += new
            self.map_everybody()

    @precondition(lambda self: self.told("ready"))
    @rule(target=claims, most=st.integers(1, 12))
    def claim(self, most: int) -> tuple[int, list[UserClaim]]:
        with transaction(self.connection):
            return self.run, journal.claim(self.connection, USERS, 0, most, self.run, self.tick())

    @rule(claimed=consumes(claims), end=ENDS)
    def answer(self, claimed: tuple[int, list[UserClaim]], end: str) -> None:
        run, found = claimed
        before = journal.counts(self.connection, USER)
        with transaction(self.connection):
            took = people.settle(self.connection, found, end, run)
            again = people.settle(self.connection, found, "imported", run)
        assert again == 0, "an outcome is final"
        if run != self.run:
            assert took == 0
            assert journal.counts(self.connection, USER) == before, "an old run changes nothing"

    @precondition(lambda self: self.told("sending"))
    @rule(target=claims)
    def crash(self) -> tuple[int, list[UserClaim]]:
        """The process dies; the next run takes over what has an intent and no outcome."""
        self.run = journal.next_run(self.connection)
        with transaction(self.connection):
            adrift = journal.adrift(self.connection, USERS, self.run, self.tick())
        assert len(adrift) == self.told("sending")
        assert all(user.unsure for user in adrift)
        return self.run, adrift

    @precondition(lambda self: self.open_errors())
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        wanted = data.draw(st.lists(st.sampled_from(self.open_errors()), unique=True))
        with transaction(self.connection):
            moved = resolve.retry(
                self.connection, wanted, operator="tester", batch_size=BATCH, now=self.tick()
            )
        assert moved == len(wanted)

    @precondition(lambda self: self.open_errors())
    @rule(data=st.data())
    def ignore(self, data: st.DataObject) -> None:
        error = data.draw(st.sampled_from(self.open_errors()))
        with transaction(self.connection):
            resolve.ignore(
                self.connection, [error], operator="tester", reason="left", batch_size=BATCH, now=self.tick()
            )

    @rule(data=st.data())
    def lint_blocks(self, data: st.DataObject) -> None:
        subject = data.draw(st.integers(1, self.subjects))
        (operation,) = self.connection.execute(
            "select id from operations where subject = ?", (subject,)
        ).fetchone()
        with transaction(self.connection):
            block(self.connection, USER, operation, subject, TOO_LONG, BATCH, self.tick())

    @rule()
    def lint_again(self) -> None:
        """What was blocked and retried is mapped again, and well."""
        with transaction(self.connection):
            self.map_everybody()

    @precondition(lambda self: self.told("imported"))
    @rule()
    def another_target(self) -> None:
        with transaction(self.connection):
            assert start_over(self.connection) == self.subjects
        self.run = journal.next_run(self.connection)  # jobs are refused meanwhile
        assert self.told("ready") == self.subjects

    @invariant()
    def everything_adds_up(self) -> None:
        told = journal.counts(self.connection, USER)
        assert told == journal.counted(self.connection, USER)
        assert sum(told.values()) == self.subjects
        assert min(told.values()) >= 0
        assert set(told) == set(OP_STATES)
        assert check.check(self.connection) == []


TestJournal = Journal.TestCase
TestJournal.settings = settings(
    max_examples=50, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
