"""`cockpit status` is run in loops and by scripts: it imports neither the screen nor the network."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import seeded

HEAVY = ("textual", "httpx", "aiohttp", "pydantic_settings", "sqlite_utils", "cryptography")


@pytest.mark.parametrize(
    "command", ["status", "status --json", "errors list", "users list", "audit", "jobs", "--help", "help"]
)
def test_looking_imports_nothing_heavy(tmp_path: Path, command: str) -> None:
    shell = seeded(tmp_path)
    code = (
        "import sys; from cockpit.cli.app import run; code = run(sys.argv[1:]);"
        "print(code, *sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command.split()],
        cwd=shell.folder,
        env=os.environ,
        capture_output=True,
        text=True,
    )
    exit_code, *modules = done.stderr.split()
    assert exit_code == "0"
    assert not {module.partition(".")[0] for module in modules} & set(HEAVY)
    assert not {module for module in modules if module.startswith(("cockpit.sources", "cockpit.tui"))}
