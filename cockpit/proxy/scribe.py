"""The thread that writes: counts, observations, flows that were missed, reports, the copy of the routes.

Requests never wait for it, and it loses nothing while the database is away: counts go on adding up.
"""

import sqlite3
import threading
from collections import Counter
from pathlib import Path

from cockpit.clock import Clock, millis
from cockpit.proxy.config import Config
from cockpit.proxy.counts import Counts
from cockpit.proxy.ledger import Ledger
from cockpit.proxy.observe import Observer
from cockpit.proxy.routes import keep
from cockpit.proxy.store import Store
from cockpit.rollout import snapshot
from cockpit.rollout.route import RouteTable, Side
from cockpit.state import checkpoint
from cockpit.state.database import transaction
from cockpit.state.rollout import flows, observations, proxies, traffic
from cockpit.state.rollout.observations import Seen
from cockpit.state.rollout.proxies import Mode
from cockpit.state.rollout.traffic import MINUTE_MS, Cell, Outcome

EVERY_S = 1.0
SOON_S = 0.05
FORGET_MS = 10_000
BUSY_MS = 2000
LEFT = "rollout.flows.json"


class Scribe:
    """Writes about once a second, and at once when the routes changed or a flow was missed."""

    def __init__(
        self,
        config: Config,
        store: Store,
        mode: Mode,
        counts: Counts,
        ledger: Ledger,
        observer: Observer,
        clock: Clock,
    ) -> None:
        self._config = config
        self._store = store
        self._mode = mode
        self._counts = counts
        self._ledger = ledger
        self._observer = observer
        self._clock = clock
        self._written: Counter[tuple[str, Side, Outcome]] = Counter()
        self._seen: Counter[Seen] = Counter()
        self._applied = -1
        self._copied = -1
        self._opened = 1
        self._forget_at = 0
        self._table: RouteTable | None = None
        self._left = config.copy and config.copy.with_name(LEFT)
        self._taken: Path | None = None
        """The file of an earlier run, until what it held is written down."""
        self._wake = ledger.missed
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scribe", daemon=True)

    def start(self) -> None:
        """Take what an earlier run left, and begin to write."""
        self._take_flows()
        self._thread.start()

    def applied(self, table: RouteTable) -> None:
        """These routes are in use now."""
        self._applied = table.version
        self._table = table
        self._wake.set()

    def close(self) -> None:
        """Write what is left, say that this proxy ends, and end."""
        self._ended.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wake.clear()
            self._write()
            if self._ledger.pending:  # it can't be written just now
                self._ended.wait(SOON_S)
            else:
                self._wake.wait(EVERY_S)
        self._write()
        self._store.write(lambda db: proxies.leave(db, self._config.name))
        self._leave_flows()
        self._store.close()

    def _leave_flows(self) -> None:
        """While the database is away, what is known of logins waits in a file for the next start."""
        if self._left is None or not (self._store.fault or self._ledger.pending):
            return
        try:
            keep(self._left, self._ledger.dump(millis(self._clock.now())).encode())
        except OSError:
            self._counts.faults["flows"] += 1

    def _take_flows(self) -> None:
        if self._left is None:
            return
        try:
            self._ledger.load(self._left.read_text())
            self._taken = self._left
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError):
            self._counts.faults["flows"] += 1

    def _write(self) -> None:
        self._store.look()
        now = millis(self._clock.now())
        if self._applied >= 0:
            self._store.write(
                lambda db: proxies.report(db, self._config.name, self._mode, self._applied, now)
            )
        self._copy(now)
        self._add_counts(now)
        self._add_flows(now)
        if now >= self._forget_at:
            self._forget_at = now + FORGET_MS
            self._store.write(lambda db: flows.forget(db, now))
        self._store.write(lambda db: checkpoint.if_due(db, self._store.path))

    def _add_counts(self, now: int) -> None:
        self._seen += self._observer.collect()
        total = Counter(self._counts.logins)
        fresh = total - self._written
        if not fresh and not self._seen:
            return
        minute = now // MINUTE_MS
        cells = {Cell(ident, minute, side, outcome): n for (ident, side, outcome), n in fresh.items()}

        def add(db: sqlite3.Connection) -> bool:
            """True once it is written."""
            with transaction(db):
                traffic.add(db, cells)
                observations.add(db, self._seen, now)
            return True

        if self._store.write(add):
            self._written = total
            self._seen = Counter()

    def _add_flows(self, now: int) -> None:
        if self._store.opened != self._opened:
            self._opened = self._store.opened
            self._ledger.write_again()
        missed = dict(self._ledger.pending)

        def add(db: sqlite3.Connection) -> bool:
            with transaction(db):
                for one in missed.items():
                    flows.claim(db, [one], now)
            return True

        written = self._store.write(add) if missed else None
        if written:
            for one in missed:
                self._ledger.pending.pop(one, None)
        if self._taken is not None and not self._ledger.pending:  # not before: a kill would lose them
            self._taken.unlink(missing_ok=True)
            self._taken = None

    def _copy(self, now: int) -> None:
        table, path = self._table, self._config.copy
        if table is None or path is None or table.version == self._copied:
            return
        try:
            keep(path, snapshot.write(table, now, self._config.copy_keys[0]))
        except OSError:
            self._counts.faults["copy"] += 1
        self._copied = table.version
