"""Jobs: start, pause, throttle, stop."""

from cockpit.tui import reasons
from cockpit.tui.actions.action import Action
from cockpit.tui.snapshots import PaneId

WORK: tuple[PaneId, ...] = ("overview", "export", "import", "diff")
"""The panes whose jobs are paused and throttled."""

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
        WORK,
        "change",
        reasons.pause,
        2,
    ),
    Action(
        "slower",
        ("left_square_bracket",),
        "slower",
        "Lower the ceiling of writes a second one step",
        WORK,
        "change",
        reasons.throttle,
        4,
    ),
    Action(
        "faster",
        ("right_square_bracket",),
        "faster",
        "Raise the ceiling one step, at the end to the limiter's own",
        WORK,
        "change",
        reasons.throttle,
        4,
    ),
    Action(
        "stop",
        ("X",),
        "stop…",
        "End the job after what is in flight; the same start goes on later",
        (*WORK, "connections", "rollout"),
        "ask",
        reasons.steer,
        3,
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
