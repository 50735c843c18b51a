"""Where connections stand that were ever moved, for whoever has the state file only."""

from collections.abc import Mapping
from pathlib import Path

from cockpit.connections.board import Column
from cockpit.state.rollout import ask, beside, routes


def read(state: Path) -> Mapping[str, Column]:
    """The column of each; none without a rollout file. Raises StateError."""
    if not beside(state).exists():
        return {}
    return ask(state, routes.moved)
