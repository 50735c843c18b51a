"""The one registry of what a person can do: bindings, footer, help, palette and the read-only gate.

A module each for the actions of a pane, or of a subject that several panes share.
"""

from cockpit.tui.actions import connections, errors, export, frame, jobs, lists, rollout, webhooks
from cockpit.tui.actions.action import Action
from cockpit.tui.actions.frame import ALWAYS_LAST
from cockpit.tui.actions.keys import MOVES, key_name
from cockpit.tui.snapshots import PaneId

__all__ = ["ACTIONS", "ALWAYS_LAST", "MOVES", "Action", "get", "key_name", "of_pane"]

ACTIONS: tuple[Action, ...] = (
    *frame.PANES_BY_NUMBER,
    *rollout.ACTIONS,
    *jobs.ACTIONS,
    *export.ACTIONS,
    *errors.ACTIONS,
    *connections.ACTIONS,
    *webhooks.ACTIONS,
    *lists.ACTIONS,
    *frame.ACTIONS,
)
"""In the order of footer, help and palette."""


def get(id_: str) -> Action:
    """An action by its id."""
    return next(action for action in ACTIONS if action.id == id_)


def of_pane(pane: PaneId) -> list[Action]:
    """The actions whose keys mean something in a pane."""
    return [action for action in ACTIONS if pane in action.panes]
