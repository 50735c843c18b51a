"""What can happen to rollout.db and to the proxy while people log in."""

import random
import shutil
import signal
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.proxy.running import Rollout, RunningProxy

_FILES = ("", "-wal", "-shm")


class Faults:
    """Each is begun, and ended a while later."""

    def __init__(self, rollout: Rollout, proxy: RunningProxy, seed: int) -> None:
        self._rollout = rollout
        self._proxy = proxy
        self._random = random.Random(seed)
        self._end: Callable[[], None] | None = None
        self.kinds: Mapping[str, Callable[[], Callable[[], None]]] = {
            "locked": self._lock,
            "moved away": self._move_away,
            "corrupt": self._corrupt,
            "restart": self._restart,
            "kill": self._kill,
            "restart while it is away": self._restart_away,
        }

    def begin(self, kind: str) -> None:
        """Let it happen; `end` repairs it."""
        self._end = self.kinds[kind]()

    def end(self) -> None:
        """Repair what was begun."""
        if self._end is not None:
            self._end()
            self._end = None

    def _lock(self) -> Callable[[], None]:
        """No proxy can write."""
        holder = self._rollout.open()
        holder.execute("begin exclusive")

        def end() -> None:
            holder.execute("rollback")
            holder.close()

        return end

    def _move_away(self) -> Callable[[], None]:
        path = self._rollout.path
        away = path.with_name("away.db")
        for ending in _FILES:
            _rename(Path(f"{path}{ending}"), Path(f"{away}{ending}"))

        def end() -> None:
            for ending in reversed(_FILES):
                _rename(Path(f"{away}{ending}"), Path(f"{path}{ending}"))

        return end

    def _corrupt(self) -> Callable[[], None]:
        """Garbage in the middle of the file; the repair puts a copy in its place."""
        path = self._rollout.path
        good = path.with_name("good.db")
        source, copy = self._rollout.open(), sqlite3.connect(good)
        source.backup(copy)
        copy.close()
        source.execute("pragma wal_checkpoint(truncate)")
        source.close()
        with path.open("r+b") as file:
            file.seek(self._random.choice((0, 4096, 8192)))
            file.write(self._random.randbytes(16_384))

        def end() -> None:
            for ending in ("-wal", "-shm"):
                Path(f"{path}{ending}").unlink(missing_ok=True)
            shutil.copymode(path, good)
            good.replace(path)

        return end

    def _restart(self) -> Callable[[], None]:
        assert self._proxy.stop() == 0
        self._proxy.start()
        return lambda: None

    def _kill(self) -> Callable[[], None]:
        self._proxy.stop(signal.SIGKILL)
        self._proxy.start()
        return lambda: None

    def _restart_away(self) -> Callable[[], None]:
        end = self._move_away()
        self._restart()
        return end


def _rename(old: Path, new: Path) -> None:
    if old.exists():
        old.rename(new)
