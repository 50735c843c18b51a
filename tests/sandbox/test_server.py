"""The process: how it says that it listens, where it listens and how it ends."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.sandbox.running import Running


def test_it_says_in_one_line_where_it_listens_and_writes_it_to_a_file(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    with Running("--source", "none", "--ready-file", str(ready)) as sandbox:
        assert sandbox.base_url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{sandbox.base_url}/_sandbox/stats") as answer:
            assert json.load(answer)["users"] == 0
        written = json.loads(ready.read_text())
        assert written == {"event": "listening", "base_url": sandbox.base_url, "pid": sandbox.pid}
        assert sorted(tmp_path.iterdir()) == [ready]
        assert sandbox.stop() == 0


def test_an_interrupt_ends_it_cleanly() -> None:
    with Running("--source", "none") as sandbox:
        assert sandbox.stop(signal.SIGINT) == 0


def test_it_ends_by_itself_when_nobody_asks() -> None:
    command = [sys.executable, "-m", "cockpit.sandbox", "--source", "none", "--exit-when-idle", "0.2"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 0
    assert ended.stderr == ""


def test_it_imports_nothing_else_of_cockpit() -> None:
    listing = (
        "import sys, cockpit.sandbox.__main__, cockpit.sandbox.workos.verify; "
        "print([m for m in sys.modules if m.startswith('cockpit.') and not m.startswith('cockpit.sandbox')])"
    )
    found = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
