"""The files of a migration: what lies beside the state."""

from pathlib import Path

from cockpit.state import rollout, tank
from cockpit.state.database import FileKind


def beside(state: Path) -> list[tuple[Path, FileKind]]:
    """What lies beside a state file: the rollout's and the tank's, those that exist."""
    files = [(rollout.beside(state), rollout.ROLLOUT), (tank.beside(state), tank.TANK)]
    return [(path, kind) for path, kind in files if path.exists()]


def printed(state: Path) -> Path:
    """Where the processes of a state's jobs print to, all of them, appending."""
    return state.with_name(f"{state.name}.log")
