"""Starting a job as a process of its own, which outlives the terminal that asked for it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cockpit.clock import Clock, millis
from cockpit.jobs import lock
from cockpit.state import audit, files, jobs
from cockpit.state.database import open_state, transaction
from cockpit.state.jobs import JobKind

NICENESS = 5
"""A job yields the processor to the cockpit that shows it."""

_launched: "list[subprocess.Popen[bytes]]" = []
"""Jobs of this process, kept so that those which ended are reaped when the next one starts."""


class JobRefused(Exception):
    """The job can't be started now; one line says why and what to do."""


def start(
    state: Path,
    kind: JobKind,
    args: Mapping[str, Any],
    *,
    operator: str,
    clock: Clock,
    config: Path | None = None,
) -> int:
    """Launch a job detached, in a session of its own; returns its id.

    It inherits the environment, so credentials come from the shell that starts it. Raises JobRefused when
    a job of this kind is at work, StateError when the state can't be opened.
    """
    if lock.is_held(state, kind):
        raise JobRefused(f"another {kind} is at work on {state} already; watch it with: cockpit jobs")
    connection = open_state(state, create=True)
    try:
        now = millis(clock.now())
        with transaction(connection):
            job = jobs.create(connection, kind, args, operator, now)
            audit.record(connection, operator, f"{kind}.start", f"job {job}", now)
    finally:
        connection.close()
    command = [sys.executable, "-m", "cockpit.jobs.run", str(job), "--state", str(state.resolve())]
    if config is not None:
        command += ["--config", str(config.resolve())]
    log = os.open(files.printed(state), os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        _launched[:] = [process for process in _launched if process.poll() is None]
        process = subprocess.Popen(
            ["nice", "-n", str(NICENESS), *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        _launched.append(process)
    finally:
        os.close(log)
    return job
