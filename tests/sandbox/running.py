"""A sandbox in a process of its own, for tests that need a real server."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Self


class Running:
    """`python -m cockpit.sandbox` on a free port; ended by its own pid."""

    module = "cockpit.sandbox"

    def __init__(self, *options: str, environment: Mapping[str, str] | None = None) -> None:
        self._options = options
        self._environment = {**os.environ, **(environment or {})}
        self.base_url = ""
        self.pid = 0

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", self.module, "--port", "0", *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self._environment)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the sandbox did not start: exit {self._process.wait()}")
        ready = json.loads(line)
        self.base_url, self.pid = ready["base_url"], ready["pid"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it as a service manager would; its exit code."""
        self._process.send_signal(how)
        code = self._process.wait(timeout=10)
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code
