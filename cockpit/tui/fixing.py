"""The commands of triage beside retry and ignore: edits, rules, merges, resets, claims, undo.

As with Commands: called in a worker thread, audited, each says in a sentence what it did, or is Refused.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cockpit.jobs import launch
from cockpit.jobs.launch import JobRefused
from cockpit.state import decisions, reviewers
from cockpit.state.database import transaction
from cockpit.state.decisions import Decision
from cockpit.state.reviewers import Review, Scope
from cockpit.tui import text
from cockpit.tui.commands import Commands, Refused, chunks
from cockpit.words import counted

if TYPE_CHECKING:
    from cockpit.jobs.rule import Applied
    from cockpit.rules.fixes import Rule
    from cockpit.state.fix import Edit, Merge


@dataclass(frozen=True, slots=True)
class Fixes:
    """Decisions of one operator about failures. What needs the record models loads them when it is used."""

    commands: Commands

    def edit(self, error: int, edit: "Edit") -> str:
        """Lay fields over the record of an error, and have it linted."""
        from cockpit.state import fix

        operator = self.commands.operator
        with self._refusing(), self.commands.opened() as connection, transaction(connection):
            found = fix.edit(connection, error, edit, operator=operator, now=self.commands.now)
        names = ", ".join([*edit.values, *edit.reverted])
        left = ", ".join(finding.rule for finding in found.blocking)
        return f"{names} saved; {f'still breaks {left}; ' if left else ''}{self._lint()}"

    def merge(self, errors: Sequence[int], choice: "Merge") -> str:
        """Decide for users whose e-mail or id somebody else holds."""
        from cockpit.state import fix

        moved = 0
        with self._refusing(), self.commands.opened() as connection:
            for part in chunks(errors):
                with transaction(connection):
                    moved += fix.merge(
                        connection,
                        part,
                        choice,
                        operator=self.commands.operator,
                        batch_size=self.commands.given.batch_size,
                        now=self.commands.now,
                    )
        return f"{counted(moved, 'record')}: {choice}; " + (
            "left out" if choice == "skip" else "ready, s carries it out as they are sent"
        )

    def mark_for_reset(self, errors: Sequence[int]) -> str:
        """Put users on the list of those who are sent a reset e-mail once they have arrived."""
        from cockpit.state import fix

        moved = 0
        with self._refusing(), self.commands.opened() as connection:
            for part in chunks(errors):
                with transaction(connection):
                    moved += fix.mark_for_reset(
                        connection, part, operator=self.commands.operator, now=self.commands.now
                    )
        return f"{counted(moved, 'user')} marked for a reset e-mail; it is sent from pane 2, Passwords"

    def undo(self, decision: Decision) -> str:
        """Take a decision back for whatever was not sent since."""
        with self._refusing(), self.commands.opened() as connection, transaction(connection):
            undone = decisions.undo(
                connection,
                decision.id,
                operator=self.commands.operator,
                batch_size=self.commands.given.batch_size,
                now=self.commands.now,
            )
        late = f"; {text.number(undone.too_late)} were sent since and stay" if undone.too_late else ""
        return f"undone: {counted(undone.restored, 'record')} as before{late}; {self._lint()}"

    def claim(self, scope: Scope, key: str) -> str:
        """Say that one is on a cause or a record."""
        with self.commands.opened() as connection, transaction(connection):
            other = reviewers.take(connection, scope, key, self.commands.operator, self.commands.now)
        if other is not None:
            raise Refused(f"{other.operator} on {other.host} is on it since {text.moment(other.at)}")
        return "you are on it; colleagues see it"

    def release(self, scope: Scope, key: str) -> str:
        """One is not on it any more."""
        with self.commands.opened() as connection, transaction(connection):
            reviewers.release(connection, scope, key, self.commands.operator)
        return "you are not on it any more"

    def renew(self, mine: Sequence[Review]) -> None:
        """A sign of life for what one is on."""
        with self.commands.opened() as connection, transaction(connection):
            for review in mine:
                reviewers.take(
                    connection, review.scope, review.key, self.commands.operator, self.commands.now
                )

    def apply_rule(self, rule: "Rule", told: Callable[["Applied"], bool]) -> str:
        """Put a rule in force and go through its cause, then have what it changed linted."""
        from cockpit.jobs import rule as carried

        with self._refusing():
            done = carried.apply_rule(
                self.commands.state,
                rule,
                operator=self.commands.operator,
                batch_size=self.commands.given.batch_size,
                clock=self.commands.clock,
                told=told,
            )
        looked, fixed = text.number(done.looked), text.number(done.fixed)
        return f"rule {done.rule} stands, {fixed} of {looked} fixed; {self._lint()}"

    def remove_rule(self, number: int) -> str:
        """Take a rule back with what it did to records that were not sent."""
        from cockpit.state import fix

        with self._refusing(), self.commands.opened() as connection, transaction(connection):
            restored = fix.remove_rule(
                connection,
                number,
                operator=self.commands.operator,
                batch_size=self.commands.given.batch_size,
                now=self.commands.now,
            )
        return f"rule {number} removed, {counted(restored, 'record')} as before; {self._lint()}"

    def _lint(self) -> str:
        """Have edited records mapped and held against the rules again."""
        commands = self.commands
        try:
            job = launch.start(
                commands.state,
                "lint",
                {},
                operator=commands.operator,
                clock=commands.clock,
                config=commands.config,
            )
        except JobRefused:
            return "the lint that is at work, or the next import, checks it"
        return f"lint, job {job}, checks it"

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        from cockpit.state.fix import NotFixable

        with self.commands.refusing():
            try:
                yield
            except (NotFixable, decisions.NotUndone, ValueError) as error:
                raise Refused(str(error)) from error
