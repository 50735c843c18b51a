"""The cockpit reaches no network code, not even through others, not even when it is drawn."""

import subprocess
import sys

PROBE = """
import sys
import cockpit.tui.app
bad = ("httpx", "aiohttp", "cockpit.transport", "cockpit.sources", "cockpit.workos", "cockpit.settings",
       "cockpit.cli", "sqlite_utils")
print(*sorted(name for name in sys.modules if name.startswith(bad)))
"""


def test_importing_the_cockpit_loads_no_network_code() -> None:
    probe = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    assert probe.stdout.strip() == ""
