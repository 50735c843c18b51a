"""A demo without a person: every refused record is brought clean the way a person would do it."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from cockpit.clock import Clock, millis
from cockpit.demo.folder import Demo
from cockpit.demo.sandbox import Bad
from cockpit.sandbox import standins
from cockpit.settings import Settings
from cockpit.state import errors, resolve
from cockpit.state.database import open_state, transaction
from cockpit.state.errors import ErrorRow
from cockpit.state.jobs import JobKind

ROUNDS = 8
TRIES = 3
"""How often a job that stopped for a reason outside itself is started again."""

WHY_IGNORED = {
    "no_email_account": "signs in by phone and has no e-mail; gets an account at the next login",
    "already_at_target": "was at WorkOS before the migration; linked by hand",
}

WHY_CONFLICT = "another record of the same e-mail was moved; the two are one person"

RunJob = Callable[[JobKind, Mapping[str, Any]], int]
"""Start a job, follow it, return its exit code."""


class NotClean(Exception):
    """The demo did not come clean; one line says what is left."""


@dataclass
class Headless:
    """One demo brought to a clean diff."""

    demo: Demo
    settings: Settings
    clock: Clock
    operator: str
    run_job: RunJob
    say: Callable[[str], None]
    cured: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """Export, lint, import, cure, again, until the diff is clean. Raises NotClean and what jobs raise."""
        for _ in range(ROUNDS):
            self.export()
            self._job("lint", {})
            self._job("import", {"limit": None, "only": None})
            if self._cure():
                continue
            if self._job("diff", {"source": None}) == 0:
                return
        raise NotClean(f"not clean after {ROUNDS} rounds; look with: cockpit --state {self.demo.state}")

    def export(self) -> None:
        """Read the source, and join the hashes that its vendor gives apart."""
        self.demo.fetch_files()
        self._job("export", {"source": standins.provider(self.demo.choice.source)})
        self._load_passwords()

    def _load_passwords(self) -> None:
        """Join the vendor's file; hashes that it has broken are asked for again."""
        from cockpit.jobs import passwords

        file = self.demo.password_file
        if file is None:
            return
        for again in (False, True):
            self.demo.fetch_passwords(file)
            report = passwords.load(
                self.demo.state, self.settings, file, operator=self.operator, clock=self.clock
            )
            refused = sum(report.refused.values())
            self.say(f"passwords: {report.matched} hashes joined, {refused} refused")
            if not refused or again:
                return
            for bad in self.demo.sandbox.bad():
                if bad.reason == "hash_broken":
                    self._correct(bad)

    def _job(self, kind: JobKind, args: Mapping[str, Any]) -> int:
        for _ in range(TRIES):
            code = self.run_job(kind, args)
            if code in (0, 3, 4):
                return code
            if code != 1:
                break
        raise NotClean(f"the {kind} ended with exit {code}")

    def _cure(self) -> int:
        """Decide about every open error; returns how many there were."""
        known = {bad.id: bad for bad in self.demo.sandbox.bad()}
        with closing(open_state(self.demo.state)) as connection:
            found = errors.ids(connection)
            rows = [
                row
                for at in range(0, len(found), 500)
                for row in errors.rows(connection, found[at : at + 500])
            ]
            by_cure: dict[str, list[ErrorRow]] = {}
            for row in rows:
                by_cure.setdefault(_cure_of(row, known), []).append(row)
            for row in by_cure.pop("correct", []):
                self._correct(known[row.external_id])
                by_cure.setdefault("retry", []).append(row)
            for row in by_cure.pop("ignore", []):
                bad = known.get(row.external_id)
                reason = WHY_IGNORED[bad.reason] if bad else WHY_CONFLICT
                self.cured["ignored with a reason"] += self._decide(connection, [row.id], reason)
            for left in by_cure.values():
                self.cured["retried"] += self._decide(connection, [row.id for row in left], None)
        if rows:
            self.say(
                f"{len(rows)} errors decided: " + ", ".join(f"{n} {how}" for how, n in self.cured.items())
            )
        return len(rows)

    def _correct(self, bad: Bad) -> None:
        self.demo.sandbox.correct(bad)
        self.cured["corrected at the source"] += 1

    def _decide(self, connection: sqlite3.Connection, wanted: Sequence[int], reason: str | None) -> int:
        batch_size, now = self.settings.imports.batch_size, millis(self.clock.now())
        with transaction(connection):
            if reason is None:
                return resolve.retry(
                    connection, wanted, operator=self.operator, batch_size=batch_size, now=now
                )
            return resolve.ignore(
                connection, wanted, operator=self.operator, reason=reason, batch_size=batch_size, now=now
            )


def _cure_of(row: ErrorRow, known: Mapping[str, Bad]) -> str:
    if (bad := known.get(row.external_id)) is not None:
        return bad.cure
    return "ignore" if row.klass == "conflict" else "retry"
