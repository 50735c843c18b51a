"""Pane Export: lint, and what becomes of passwords."""

from cockpit.tui import reasons
from cockpit.tui.actions.action import Action

ACTIONS: tuple[Action, ...] = (
    Action(
        "lint",
        ("l",),
        "lint",
        "Check every record against the target's rules",
        ("export",),
        "change",
        reasons.lint,
        3,
    ),
    Action(
        "choose",
        ("c",),
        "choose…",
        "Decide what becomes of users who lose their password for this reason",
        ("export",),
        "ask",
        reasons.choose,
        2,
        ("passwords",),
    ),
    Action(
        "send_resets",
        ("e",),
        "send…",
        "Send reset e-mails to the groups for which that was chosen",
        ("export",),
        "ask",
        reasons.send_resets,
        2,
        ("passwords",),
    ),
)
