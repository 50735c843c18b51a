"""Jobs: start, pause, throttle, stop."""

from cockpit.tui import reasons
from cockpit.tui.actions.action import Action
from cockpit.tui.snapshots import PaneId

WORK: tuple[PaneId, ...] = ("overview", "export", "import", "diff")
"""The panes whose work `s` starts."""
PACED: tuple[PaneId, ...] = (*WORK, "webhooks")
"""The panes whose jobs are paused and throttled."""
NO_PACE = ("sequence", "tank", "held", "dead", "events", "gaps")
"""Levels of pane Webhooks whose footer needs the room; the keys mean the same there."""

ACTIONS: tuple[Action, ...] = (
    Action(
        "start",
        ("s",),
        "start",
        "Start the work of this pane, resume it after a pause, take it over from a process that died",
        (*WORK, "errors"),
        danger="change",
        refused=reasons.start,
        footer=1,
    ),
    Action(
        "pause",
        ("p",),
        "pause",
        "Take no new work, finish what is in flight; s resumes",
        PACED,
        "change",
        reasons.pause,
        2,
        unless=NO_PACE,
    ),
    Action(
        "slower",
        ("left_square_bracket",),
        "slower",
        "Lower the ceiling of what is sent a second one step",
        PACED,
        "change",
        reasons.throttle,
        4,
        unless=NO_PACE,
    ),
    Action(
        "faster",
        ("right_square_bracket",),
        "faster",
        "Raise the ceiling one step, at the end to the limiter's own",
        PACED,
        "change",
        reasons.throttle,
        4,
        unless=NO_PACE,
    ),
    Action(
        "stop",
        ("X",),
        "stop…",
        "End the job after what is in flight; the same start goes on later",
        (*PACED, "connections", "rollout"),
        "ask",
        reasons.steer,
        3,
        unless=tuple(level for level in NO_PACE if level != "events"),
    ),
    Action(
        "run",
        ("S",),
        "run all…",
        "The whole migration by one job: export every kind, lint, import in order, compare",
        ("overview",),
        "ask",
        reasons.run,
        2,
    ),
    Action(
        "sync",
        ("S",),
        "sync…",
        "Export again, send what is new and what changed, compare, until the diff is clean",
        ("diff",),
        "ask",
        reasons.sync,
        2,
    ),
)
