"""What every command shares: the global options, and the state and settings they lead to."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cockpit.settings import Settings
    from cockpit.state.meta import Binding


@dataclass
class Cli:
    """The global options of one invocation."""

    config: Path | None = None
    state: Path = Path("cockpit.db")
    operator_name: str | None = None
    read_only: bool = False
    verbose: bool = False

    @property
    def operator(self) -> str:
        """Who acts: --operator, else the login name."""
        if self.operator_name:
            return self.operator_name
        import getpass

        try:
            return getpass.getuser()
        except (KeyError, OSError):
            return "unknown"

    def settings(self) -> "Settings":
        """cockpit.toml and the environment. Raises SettingsError."""
        from cockpit import settings

        return settings.load(self.config, self.state)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that can't write. Raises StateError, for SQLite's own errors too."""
        from cockpit.state.database import open_readonly

        with self._closing(open_readonly(self.state)) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading and writing. Raises StateError, for SQLite's own errors too."""
        from cockpit.state.database import open_state

        with self._closing(open_state(self.state)) as connection:
            yield connection

    @contextmanager
    def board(self) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
        """The state for reading, and the rollout file level with it. Raises StateError like `reading`."""
        from cockpit.clock import SystemClock, millis
        from cockpit.jobs.rollout.board import both
        from cockpit.state.database import explain
        from cockpit.state.rollout import beside

        try:
            now = millis(SystemClock().now())
            with both(self.state, now, read_only=self.read_only) as (state, rollout):
                yield state, rollout
        except sqlite3.DatabaseError as error:
            raise explain(error, beside(self.state)) from error

    @contextmanager
    def _closing(self, connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
        from cockpit.state.database import explain

        try:
            yield connection
        except sqlite3.DatabaseError as error:
            raise explain(error, self.state) from error
        finally:
            connection.close()

    def binding(self) -> "Binding":
        """What the state is bound to; nothing, where there is no state yet."""
        from cockpit.state import meta

        if not self.state.exists():
            return meta.Binding(None, None)
        with self.reading() as connection:
            return meta.binding(connection)

    def refuse_if_read_only(self) -> None:
        """Raise UsageError when --read-only was given."""
        if self.read_only:
            raise click.UsageError("this command writes, and --read-only was given")


pass_cli = click.make_pass_decorator(Cli, ensure=True)
