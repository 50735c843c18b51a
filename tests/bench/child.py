"""A child process and what it used: wall time, processor time, peak memory, as the kernel counts them."""

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

POLL_S = 0.1


@dataclass(frozen=True)
class Usage:
    """Of a process that ended well; its start and its imports are part of it.

    The peak is the kernel's VmHWM as seen at most POLL_S before the end: ru_maxrss would count what the
    parent held when it started the child.
    """

    wall_s: float
    cpu_s: float
    rss_mb: float


def finish(
    process: "subprocess.Popen[str]", began: float, meanwhile: Callable[[], None] | None = None
) -> Usage:
    """Wait for a child that was started at `began` (monotonic); `meanwhile` is called at every look.

    Raises RuntimeError when it ends with another code than 0.
    """
    peak_mb = 0.0
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        peak_mb = max(peak_mb, memory_mb(process.pid, "VmHWM"))
        if meanwhile is not None:
            meanwhile()
        time.sleep(POLL_S)
    _, status, used = os.wait4(process.pid, 0)
    wall_s = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    said = process.stderr.read() if process.stderr else ""
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()
    if process.returncode != 0:
        raise RuntimeError(f"{process.args!r} ended with {process.returncode}: {said[-2000:]}")
    return Usage(wall_s, used.ru_utime + used.ru_stime, peak_mb)


def memory_mb(pid: int, field: str) -> float:
    """VmRSS (now) or VmHWM (the most) of a process; 0 when it has ended."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    return 0.0
