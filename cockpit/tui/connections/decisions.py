"""The commands about connections: verdicts, the strategy, the hand-over.

As with Commands: called in a worker thread, audited, each says in a sentence what it did, or is Refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cockpit.connections.plan import Strategy
from cockpit.connections.rules import Verdict
from cockpit.state import connection_decisions, connections
from cockpit.state.connections import Handoff
from cockpit.state.database import transaction
from cockpit.tui.commands import Commands
from cockpit.words import counted

FOLDER = "handoff"
SAML, OIDC = "saml_connections.csv", "oidc_connections.csv"


@dataclass(frozen=True, slots=True)
class Override:
    """What a person decides against the check; without verdict and organization the check holds again."""

    why: str
    verdict: Verdict | None = None
    organization: str | None = None


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decisions of one operator about connections."""

    commands: Commands

    @property
    def folder(self) -> Path:
        """Where the files of a hand-over go: beside the state."""
        return self.commands.state.resolve().with_name(FOLDER)

    def override(self, chosen: Sequence[int], decided: Override) -> str:
        """Decide about connections, or go by the check again."""
        operator, why = self.commands.operator, decided.why
        with self.commands.opened() as connection, transaction(connection):
            for ident in chosen:
                if decided.verdict is None and decided.organization is None:
                    connection_decisions.withdraw(connection, ident, why, operator, self.commands.now)
                else:
                    connection_decisions.override(
                        connection,
                        ident,
                        decided.verdict,
                        decided.organization,
                        why,
                        operator,
                        self.commands.now,
                    )
            rows = connections.rows(connection, chosen)
        if len(rows) == 1:
            row = rows[0]
            home = f", for {row.organization}" if decided.organization else ""
            return f"{row.name or row.source_id}: {row.verdict or 'unchecked'}{home}"
        return f"{counted(len(rows), 'connection')}: {decided.verdict or 'as the check says'}"

    def choose(self, strategy: Strategy, why: str) -> str:
        """The lead's choice between portal and proxy."""
        proxy_from, operator = self.commands.given.proxy_from, self.commands.operator
        with self.commands.opened() as connection, transaction(connection):
            connection_decisions.choose(connection, strategy, proxy_from, why, operator, self.commands.now)
        return f"the strategy is {strategy}: {why}"

    def mark(self, chosen: Sequence[int], reached: Handoff, why: str | None) -> str:
        """Note by hand how far the hand-over is."""
        with self.commands.opened() as connection, transaction(connection):
            for ident in chosen:
                connection_decisions.mark(
                    connection, ident, reached, why, self.commands.operator, self.commands.now
                )
        return f"{counted(len(chosen), 'connection')}: {reached}"

    def write_csv(self) -> str:
        """Write the hand-over's files."""
        from cockpit.jobs.connections import outgoing
        from cockpit.state.rollout import moved

        folder = self.folder
        with self.commands.opened() as connection, transaction(connection):
            written = outgoing.write(
                connection,
                folder / SAML,
                folder / OIDC,
                "R3",
                self.commands.now,
                moved.read(self.commands.state),
            )
        return f"{len(written)} files written, without secrets, in {folder}"
