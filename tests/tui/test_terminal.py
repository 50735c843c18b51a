"""The cockpit in a real terminal: it comes up, and however it ends the terminal is as before."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.tui.seeded import seed

PROGRAM = """
import sys
from pathlib import Path
from cockpit.clock import SystemClock
from cockpit.tui.app import run
from cockpit.tui.given import Given
given = Given(source="auth0", batch_size=10)
sys.exit(run(Path(sys.argv[1]), operator="ada", clock=SystemClock(), given=given))
"""
UP = b"\x1b[?1049h"
DOWN = b"\x1b[?1049l"
MOUSE_OFF = b"\x1b[?1000l"


class Terminal:
    """A child on a pseudo-terminal of 80x24."""

    def __init__(self, state: Path, **environment: str) -> None:
        self.seen = b""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.environ.update(environment, TERM="xterm-256color")
            os.execv(sys.executable, [sys.executable, "-c", PROGRAM, str(state)])
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def read_until(self, wanted: bytes, within: float = 30.0) -> None:
        """Read what is painted until these bytes came."""
        until = time.monotonic() + within
        while wanted not in self.seen:
            assert time.monotonic() < until, f"{wanted!r} never came: {self.seen[-400:]!r}"
            if not self._read(0.2):
                break
        assert wanted in self.seen, self.seen[-400:]

    def _read(self, within: float) -> bool:
        if not select.select([self._fd], [], [], within)[0]:
            return True
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return False
        self.seen += data
        return bool(data)

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._fd, keys)

    def wait(self) -> int:
        """Read to the end; returns the exit status."""
        until = time.monotonic() + 30
        while self._read(0.2) and time.monotonic() < until:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                while select.select([self._fd], [], [], 0.1)[0] and self._read(0.1):
                    pass
                return os.waitstatus_to_exitcode(status)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_restore_the_terminal(tmp_path: Path, number: signal.Signals) -> None:
    seeded = seed(tmp_path, "running")
    terminal = Terminal(seeded.path)
    try:
        terminal.read_until(b"Overview")
        assert UP in terminal.seen
        os.kill(terminal.pid, number)
        assert terminal.wait() == 0
    finally:
        seeded.close()
    assert DOWN in terminal.seen
    assert MOUSE_OFF in terminal.seen
    assert b"To come back: cockpit" in terminal.seen.rpartition(DOWN)[2]


def test_q_leaves_a_summary_on_the_normal_screen(tmp_path: Path) -> None:
    seeded = seed(tmp_path, "running")
    terminal = Terminal(seeded.path)
    try:
        terminal.read_until(b"STALE")  # its heartbeat is of another clock
        terminal.type(b"q")
        assert terminal.wait() == 0
    finally:
        seeded.close()
    after = terminal.seen.rpartition(DOWN)[2].decode()
    assert "1,200 users: 427 ready" in after
    assert "32 open errors" in after
    assert "import is STALE" in after
    assert f"To come back: cockpit --state {seeded.path}" in after.replace("\r\n", "")


@pytest.mark.parametrize("theme", ["", "ansi-dark"])
def test_no_colour_stays_readable(tmp_path: Path, theme: str) -> None:
    seeded = seed(tmp_path, "clean")
    terminal = Terminal(seeded.path, NO_COLOR="1", **({"TEXTUAL_THEME": theme} if theme else {}))
    terminal.read_until(b"done")
    terminal.type(b"q")
    assert terminal.wait() == 0
    assert b"38;2;98;210;195" not in terminal.seen
    seeded.close()


def test_without_a_state_file_it_opens_and_says_how_to_start(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "none.db")
    terminal.read_until(b"No state file yet")
    terminal.type(b"q")
    assert terminal.wait() == 0
    assert b"Nothing was started" in terminal.seen
    assert not list(tmp_path.iterdir())
