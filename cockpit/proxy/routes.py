"""The routes in use: the newest there are, else the last good ones, else none (legacy)."""

import os
from collections.abc import Callable
from pathlib import Path

from cockpit.clock import Clock
from cockpit.proxy.config import Config
from cockpit.proxy.flags import BuiltIn, OpenFeature
from cockpit.proxy.sources import Source
from cockpit.proxy.table import Table
from cockpit.rollout import snapshot
from cockpit.rollout.route import RouteTable
from cockpit.rollout.snapshot import SnapshotRefused

POLL_S = 0.025
"""A flip is seen by the first request this long after it, at most."""


class Routes:
    """`table` is what requests route by."""

    def __init__(
        self, config: Config, source: Source, clock: Clock, changed: Callable[[RouteTable], None]
    ) -> None:
        self._config = config
        self._source = source
        self._clock = clock
        self._changed = changed
        self._next = 0.0
        self.flags: BuiltIn | OpenFeature = BuiltIn()
        self.table = self._made(RouteTable())
        self.from_copy = False

    @property
    def fault(self) -> str | None:
        """Why no news can be had, None while it can."""
        return self._source.fault

    def begin(self) -> int:
        """Take the last good routes from their copy; returns their version, -1 without one."""
        if self._config.copy is None:
            return -1
        try:
            kept = snapshot.read(self._config.copy.read_bytes(), self._config.copy_keys)
        except (OSError, SnapshotRefused):
            return -1
        self._apply(kept.table)
        self.from_copy = True
        return kept.table.version

    def refresh(self) -> None:
        """Look for news, at most every 25 ms."""
        now = self._clock.monotonic()
        if now >= self._next:
            self._next = now + POLL_S
            self.look()

    def look(self) -> None:
        """Look for news now."""
        table = self._source.poll()
        if table is not None:
            self._apply(table)
            self.from_copy = False
            self._changed(table)

    def again(self) -> None:
        """Make the table anew: another flag system changed its mind."""
        self.table = self._made(self.table.routes)

    def _apply(self, routes: RouteTable) -> None:
        if isinstance(self.flags, OpenFeature):
            self.flags.watch([*routes.routes.values()])
        self.table = self._made(routes)

    def _made(self, routes: RouteTable) -> Table:
        return Table(routes, self._config.workos_hosts, self.flags)


def keep(path: Path, document: bytes) -> None:
    """Put a copy of the routes in its place, whole or not at all. Raises OSError."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.write_bytes(document)
    new.chmod(0o600)
    new.replace(path)
