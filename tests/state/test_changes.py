"""What changed after it was sent: remembered as the target has it until the target has it anew."""

import json
import tempfile
from pathlib import Path

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cockpit.state import changes, errors, journal
from cockpit.state.claims import USER_UPDATES
from cockpit.state.database import open_state
from cockpit.state.errors import Failure
from cockpit.state.journal import Outcome
from cockpit.terms import UPDATES
from tests.jobs.world import person
from tests.state import people

UPDATE = UPDATES["user"]


class Updates(RuleBasedStateMachine):
    """One user who arrived and goes on changing, while updates are claimed, sent, stopped and lost."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.connection = open_state(Path(self.folder.name) / "cockpit.db", create=True)
        self.connection.execute("pragma synchronous = off")
        people.have(self.connection, person(1))
        self.claimed: list[tuple[int, str, str]] = []
        self.run = 0

    @initialize()
    def arrive(self) -> None:
        """The target has the user as first mapped."""
        self.connection.execute(
            "update operations set state = 'imported', target_id = 'user_1' where kind = 'user'"
        )
        self.at_target = self.request()

    def request(self) -> str:
        """As mapped now."""
        return str(self.connection.execute("select request from users where id = 1").fetchone()[0])

    @rule(name=st.sampled_from(["Ana", "Bo", "Cy"]))
    def change(self, name: str) -> None:
        """The source changes a field and lint maps it anew."""
        before, now = self.request(), json.dumps({"first_name": name})
        self.connection.execute("update users set request = ? where id = 1", (now,))
        changes.note(self.connection, "user", 1, before, now, 100, 4)

    @precondition(lambda self: not self.claimed)
    @rule()
    def claim(self) -> None:
        """An import takes the update."""
        self.run = journal.next_run(self.connection)
        for one in journal.claim(self.connection, USER_UPDATES, 0, 10, self.run, 5):
            self.claimed.append((one.operation, one.before, one.now))

    @precondition(lambda self: self.claimed)
    @rule(applied=st.booleans())
    def lose(self, applied: bool) -> None:
        """The process dies, with the update applied or not; the next run takes it over."""
        ((_, _, now),) = self.claimed
        if applied:
            self.at_target = now
        self.run = journal.next_run(self.connection)
        self.claimed = [
            (one.operation, one.before, one.now)
            for one in journal.adrift(self.connection, USER_UPDATES, self.run, 6)
        ]

    @precondition(lambda self: self.claimed)
    @rule()
    def arrive_anew(self) -> None:
        """It arrives."""
        ((operation, _, now),) = self.claimed
        self.at_target = now
        outcome = Outcome(operation, 1, "imported", 1, sent=now)
        assert changes.settle(self.connection, UPDATE, [outcome], self.run, 100, 7) == 1
        self.claimed = []

    @precondition(lambda self: self.claimed)
    @rule()
    def be_refused(self) -> None:
        """The target refuses it; the error stays open until the source changes again."""
        ((operation, _, _),) = self.claimed
        failure = Failure("fixable", "422:bad", "bad", "it is bad")
        changes.settle(
            self.connection, UPDATE, [Outcome(operation, 1, "failed", 1, failure=failure)], self.run, 100, 7
        )
        self.claimed = []

    @invariant()
    def nothing_is_forgotten(self) -> None:
        """While the target may have something else than what is mapped, a change says so."""
        noted = self.connection.execute("select count(*) from changes").fetchone()[0]
        if self.at_target != self.request() and not self.claimed:
            assert noted == 1
            counts = journal.counts(self.connection, UPDATE)
            assert counts["ready"] + counts["failed"] == 1
            assert len(errors.ids(self.connection)) == counts["failed"]
        assert noted <= 1

    @invariant()
    def counters_hold(self) -> None:
        """They are the rows."""
        assert journal.counts(self.connection, UPDATE) == journal.counted(self.connection, UPDATE)

    def teardown(self) -> None:
        """Close the state."""
        self.connection.close()
        self.folder.cleanup()


TestUpdates = Updates.TestCase
TestUpdates.settings = hypothesis_settings(max_examples=60, stateful_step_count=20, deadline=None)
