"""Pane Rollout: logins to WorkOS, and back at once."""

from cockpit.tui.actions.action import Action
from cockpit.tui.rollout import allowed
from cockpit.tui.snapshots import PaneId

_HERE: tuple[PaneId, ...] = ("rollout",)
BOARD = ("board",)

ACTIONS: tuple[Action, ...] = (
    Action(
        "flip",
        ("f",),
        "flip…",
        "Send the logins of this connection, or of the marked ones, to WorkOS; says first what happens to "
        "whom, and which gates are closed",
        _HERE,
        "ask",
        allowed.flip,
        2,
    ),
    Action(
        "kill",
        ("exclamation_mark",),
        "kill",
        "Logins of this connection back to legacy, from the next request on; no question is asked",
        _HERE,
        "change",
        allowed.back,
        1,
    ),
    Action(
        "kill_all",
        ("ctrl+k",),
        "! kill all",
        "Then ! at once: the logins of every connection back to legacy, flips disarmed, waves halted",
        _HERE,
        "change",
        allowed.some,
        1,
    ),
    Action(
        "hard_kill",
        ("H",),
        "hard kill",
        "As kill, and logins that are under way at WorkOS end in legacy too",
        _HERE,
        "change",
        allowed.back,
        8,
    ),
    Action(
        "waves",
        ("w",),
        "wave…",
        "Plan the waves, start the next one, hold, resume or abort the one under way",
        _HERE,
        "ask",
        allowed.some,
        3,
        BOARD,
    ),
    Action(
        "hold",
        ("h",),
        "hold",
        "Let no more of the wave go; what is at WorkOS stays there",
        _HERE,
        "change",
        allowed.hold,
        4,
        BOARD,
    ),
    Action(
        "cancel_flip",
        ("c",),
        "cancel",
        "Take back the open flip of this connection: disarmed, or its logins back to legacy",
        _HERE,
        "change",
        allowed.cancel,
        6,
    ),
    Action(
        "tick",
        ("t",),
        "tick…",
        "Note that you saw its session in the dashboard of WorkOS",
        _HERE,
        "ask",
        allowed.tick,
        3,
        ("evidence",),
    ),
    Action(
        "release",
        ("R",),
        "release…",
        "Let held connections take part in waves again, with a reason; their logins stay at legacy",
        _HERE,
        "ask",
        allowed.release,
        9,
    ),
    Action(
        "watch",
        ("s",),
        "watch",
        "Start the job that follows WorkOS's events, flips what is armed and takes back what fails",
        _HERE,
        "change",
        allowed.watch,
        5,
    ),
    Action(
        "reload_board",
        ("r",),
        "reload",
        "Take over what pane 6 knows by now and sort anew; of an open connection ask for the checklist again",
        _HERE,
        footer=13,
    ),
    Action(
        "lanes", ("v",), "table", "The board as lanes of cards, or as a table", _HERE, footer=12, levels=BOARD
    ),
)
