"""A program on a pseudo-terminal of 120x40: keys go in, whole frames come out, with their time.

A frame ends with the end of a synchronized update (mode 2026); the terminal says that it knows that mode.
"""

import os
import pty
import re
import select
import subprocess
import termios
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

ROWS, COLUMNS = 40, 120
ASKED, KNOWN = b"\x1b[?2026$p", b"\x1b[?2026;1$y"
FRAME_END = b"\x1b[?2026l"
LONGEST_S = 20.0
_CONTROL = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[^\[\]])")


class Terminal:
    """The program, started on entering and ended by its own pid on leaving."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command = list(command)
        self._environment = {**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self._pending = b""
        self._frames: deque[tuple[str, float]] = deque()

    def __enter__(self) -> Self:
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (ROWS, COLUMNS))
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            self._command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=self._environment,
            start_new_session=True,
        )
        os.close(slave)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._drain_until_ended()
        finally:
            os.close(self._master)

    def press(self, key: str, shown: Callable[[str], bool] = lambda _: True) -> float:
        """Press a key; seconds until the end of the first frame that satisfies `shown`."""
        while self._read(0):
            pass
        self._frames.clear()
        began = time.perf_counter()
        os.write(self._master, key.encode())
        return self.wait(shown) - began

    def wait(self, shown: Callable[[str], bool]) -> float:
        """When (perf_counter) the first frame ended whose text satisfies `shown`."""
        deadline = time.perf_counter() + LONGEST_S
        while True:
            while self._frames:
                text, at = self._frames.popleft()
                if shown(text):
                    return at
            left = deadline - time.perf_counter()
            if left <= 0 or not self._read(left):
                raise TimeoutError("the frame that was waited for did not come")

    def rest(self, seconds: float) -> None:
        """Let time pass while the output is read, as a terminal would."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self._read(left)

    def _read(self, timeout: float) -> bool:
        """Take in what has come; False when nothing did in time, or the program is gone."""
        ready, _, _ = select.select([self._master], [], [], timeout)
        if not ready:
            return False
        try:
            got = os.read(self._master, 1 << 16)
        except OSError:  # how Linux says that the other side was closed
            return False
        now = time.perf_counter()
        if ASKED in got:
            os.write(self._master, KNOWN)
        *frames, self._pending = (self._pending + got).split(FRAME_END)
        self._frames.extend((_CONTROL.sub(b"", frame).decode(errors="replace"), now) for frame in frames)
        return True

    def _drain_until_ended(self) -> None:
        deadline = time.monotonic() + LONGEST_S
        while self._process.poll() is None:
            if time.monotonic() > deadline:
                self._process.kill()
                self._process.wait()
                return
            self._read(0.05)
