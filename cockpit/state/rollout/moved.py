"""Where connections stand that were ever moved, for whoever has the state file only."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from cockpit.connections.board import Column
from cockpit.state.database import open_readonly
from cockpit.state.rollout import ROLLOUT, beside, routes


def read(state: Path) -> Mapping[str, Column]:
    """The column of each; none without a rollout file. Raises StateError."""
    if not beside(state).exists():
        return {}
    with closing(open_readonly(beside(state), kind=ROLLOUT)) as rollout:
        return routes.moved(rollout)
