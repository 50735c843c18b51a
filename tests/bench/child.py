"""A child process and what it used: wall time, processor time, peak memory, as the kernel counts them."""

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    """Of a process that ended well; its start and its imports are part of it."""

    wall_s: float
    cpu_s: float
    rss_mb: float


def finish(
    process: "subprocess.Popen[str]", began: float, meanwhile: Callable[[], None] | None = None
) -> Usage:
    """Wait for a child that was started at `began` (monotonic); `meanwhile` is called twice a second.

    Raises RuntimeError when it ends with another code than 0.
    """
    while (
        meanwhile is not None
        and os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    ):
        meanwhile()
        time.sleep(0.5)
    _, status, used = os.wait4(process.pid, 0)
    wall_s = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    said = process.stderr.read() if process.stderr else ""
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()
    if process.returncode != 0:
        raise RuntimeError(f"{process.args!r} ended with {process.returncode}: {said[-2000:]}")
    return Usage(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
