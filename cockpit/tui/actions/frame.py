"""What is the same everywhere: the panes by number, the display, help, leaving."""

from cockpit.tui.actions.action import Action
from cockpit.tui.snapshots import PANES

PANES_BY_NUMBER: tuple[Action, ...] = tuple(
    Action(f"go_{pane}", (str(number),), pane.capitalize(), f"Go to pane {number}, {pane.capitalize()}")
    for number, pane in enumerate(PANES, 1)
)

ACTIONS: tuple[Action, ...] = (
    Action("freeze", ("F",), "freeze", "Hold the display still; work goes on"),
    Action("help", ("question_mark",), "help", "All keys of this pane and what they do", footer=1),
    Action("palette", ("ctrl+p",), "palette", "Find an action by name", footer=9),
    Action("theme", (), "theme", "Choose other colours"),
    Action("suspend", ("ctrl+z",), "shell", "Back to the shell for a moment (fg returns); work goes on"),
    Action("leave", ("q",), "leave", "Close the cockpit; work goes on", footer=1),
)

ALWAYS_LAST = ("help", "palette", "leave")
"""Shown at the right end of the footer."""
