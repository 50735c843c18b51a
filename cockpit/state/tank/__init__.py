"""webhooks.db: events that are held and what became of them.

The tank faces the internet and can't read users, and a sender never waits behind an import's writes.
"""

from pathlib import Path

from cockpit.state.database import FileKind

TANK = FileKind(
    "holding tank",
    0x636B7774,  # "ckwt"
    1,
    "cockpit.state.tank.schema",
    "start with: cockpit webhooks hold --source NAME",
)


def beside(state: Path) -> Path:
    """The tank's file of a state file."""
    return state.with_name("webhooks.db")
