"""The one registry of what a person can do: bindings, footer, help, palette and the read-only gate."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cockpit.tui import reasons
from cockpit.tui.situation import Situation
from cockpit.tui.snapshots import PANES, PaneId

Danger = Literal["look", "change", "ask"]
"""look: changes nothing. change: done at once, the safe direction. ask: says first what will happen."""

Reason = Callable[[Situation], str]
"""Why an action can't be done now; empty when it can."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do. `panes` are those where the key means this; `footer` its place there
    (0: not shown, else what is dropped first when it gets narrow is the highest), at some `levels` only."""

    id: str
    keys: tuple[str, ...]
    label: str
    description: str
    panes: tuple[PaneId, ...] = PANES
    danger: Danger = "look"
    refused: Reason = lambda situation: ""
    footer: int = 0
    levels: tuple[str, ...] = ()

    def why_not(self, situation: Situation) -> str:
        """The reason why it can't be done now, the read-only gate first; empty when it can."""
        if self.danger != "look" and situation.read_only:
            return "this cockpit was opened read-only"
        return self.refused(situation)


_LISTS: tuple[PaneId, ...] = ("export", "import", "errors", "diff")
_WORK: tuple[PaneId, ...] = ("overview", "export", "import", "diff")
_TITLES = {"overview": "Overview", "export": "Export", "import": "Import", "errors": "Errors", "diff": "Diff"}

ACTIONS: tuple[Action, ...] = (
    *(
        Action(f"go_{pane}", (str(number),), _TITLES[pane], f"Go to pane {number}, {_TITLES[pane]}")
        for number, pane in enumerate(PANES, 1)
    ),
    Action(
        "start",
        ("s",),
        "start",
        "Start the work of this pane, resume it after a pause, take it over from a process that died",
        danger="change",
        refused=reasons.start,
        footer=1,
    ),
    Action(
        "pause",
        ("p",),
        "pause",
        "Take no new work, finish what is in flight; s resumes",
        _WORK,
        "change",
        reasons.pause,
        2,
    ),
    Action(
        "slower",
        ("left_square_bracket",),
        "slower",
        "Lower the ceiling of writes a second one step",
        _WORK,
        "change",
        reasons.throttle,
        4,
    ),
    Action(
        "faster",
        ("right_square_bracket",),
        "faster",
        "Raise the ceiling one step, at the end to the limiter's own",
        _WORK,
        "change",
        reasons.throttle,
        4,
    ),
    Action(
        "stop",
        ("X",),
        "stop…",
        "End the job after what is in flight; the same start goes on later",
        _WORK,
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
    Action(
        "fix",
        ("f",),
        "fix…",
        "Edit the fields of this record, checked as you type; the raw record stays as it is",
        ("errors",),
        "ask",
        reasons.fix,
        2,
        ("records", "record"),
    ),
    Action(
        "fix_group",
        ("a",),
        "fix all…",
        "Choose a fix for the whole cause; what it would do is shown first",
        ("errors",),
        "ask",
        reasons.group,
        2,
        ("groups", "records"),
    ),
    Action(
        "retry",
        ("r",),
        "retry",
        "Make this record (or the marked ones) ready to be sent again",
        ("errors",),
        "change",
        reasons.error,
        3,
        ("records", "record"),
    ),
    Action(
        "retry_group",
        ("R",),
        "retry group",
        "Make every open record of this cause, as filtered, ready again",
        ("errors",),
        "change",
        reasons.group,
        4,
    ),
    Action(
        "ignore",
        ("i",),
        "ignore…",
        "Leave these records out for good, with a reason that the report shows",
        ("errors",),
        "ask",
        reasons.group,
        4,
    ),
    Action(
        "merge",
        ("m",),
        "merge…",
        "Somebody else holds the e-mail: adopt that user, link memberships to it, or skip ours",
        ("errors",),
        "ask",
        reasons.group,
        7,
    ),
    Action(
        "mark_reset",
        ("e",),
        "reset mark",
        "Send these users a reset e-mail once they have arrived (sent from pane 2, Passwords)",
        ("errors",),
        "change",
        reasons.group,
        13,
    ),
    Action(
        "retry_transient",
        (),
        "retry all that may go by itself",
        "Make every transient failure ready again, whatever its cause",
        ("errors",),
        "change",
        reasons.transient,
    ),
    Action(
        "undo",
        ("z",),
        "undo…",
        "Take your last decision back, for whatever was not sent since",
        ("errors",),
        "ask",
        footer=6,
    ),
    Action(
        "claim",
        ("c",),
        "claim",
        "Say that you are on this cause or record, or that you are not any more; colleagues see it",
        ("errors",),
        "change",
        reasons.group,
        10,
    ),
    Action("rules", ("A",), "rules", "The fix rules in force", ("errors",), footer=9, levels=("groups",)),
    Action(
        "remove_rule",
        ("d",),
        "remove…",
        "Take a fix rule back, with what it did to records that were not sent",
        ("errors",),
        "ask",
        reasons.rule,
        2,
        ("rules",),
    ),
    Action(
        "next",
        ("n",),
        "next",
        "The next record",
        ("errors",),
        refused=reasons.record,
        footer=3,
        levels=("record",),
    ),
    Action(
        "previous",
        ("p",),
        "previous",
        "The record before",
        ("errors",),
        refused=reasons.record,
        footer=4,
        levels=("record",),
    ),
    Action(
        "next_side",
        ("v",),
        "side",
        "The next side of the record: source, request, response",
        ("errors",),
        refused=reasons.record,
        footer=4,
        levels=("record",),
    ),
    Action("next_view", ("v", "right"), "view", "The next list of this pane", ("export", "diff"), footer=6),
    Action("previous_view", ("V", "left"), "view back", "The list before", ("export", "diff")),
    # In the grid of batches the arrows move from cell to cell.
    Action("next_kind", ("v",), "view", "The next kind: its records", ("import",), footer=7),
    Action("previous_kind", ("V",), "view back", "The kind before", ("import",)),
    Action("open", ("enter",), "open", "Go deeper: what is under the cursor", refused=reasons.row, footer=7),
    Action("back", ("escape",), "back", "One level up; in a list with a filter, clear the filter first"),
    Action(
        "filter",
        ("slash",),
        "filter",
        "Narrow the list: words, code:422, state:failed, rule:email_syntax; ! before one means not",
        panes=_LISTS,
        refused=reasons.search,
        footer=8,
    ),
    Action("sort", ("o",), "sort", "The next order of the list", _LISTS, refused=reasons.sortable, footer=11),
    Action(
        "mark",
        ("space",),
        "mark",
        "Mark this row; retry and ignore then mean the marked ones",
        ("errors",),
        refused=reasons.row,
        footer=10,
    ),
    Action(
        "reload",
        ("r",),
        "reload",
        "Read the list again, with what came since",
        ("export", "import", "diff"),
        refused=reasons.listing,
    ),
    Action(
        "reload_errors",
        ("ctrl+r",),
        "reload",
        "Read the list again, with what came since",
        ("errors",),
        refused=reasons.listing,
    ),
    Action(
        "reveal",
        ("u",),
        "reveal",
        "Show the secrets of this record; the audit trail keeps who did",
        ("export", "errors", "import", "diff"),
        "change",
        reasons.record,
        9,
    ),
    Action(
        "fold",
        ("L",),
        "unfold",
        "Show long values whole, or folded again",
        ("export", "errors", "import", "diff"),
        refused=reasons.record,
    ),
    Action("copy", ("y",), "copy", "Copy what names this row: its e-mail or id", refused=reasons.copy),
    Action(
        "copy_record", ("Y",), "copy record", "Copy the whole record as JSON, masked", refused=reasons.copy
    ),
    Action(
        "export_rows",
        ("x",),
        "export rows",
        "Write the rows of this list, as filtered, to a JSON Lines file, masked",
        panes=_LISTS,
        refused=reasons.listing,
        footer=12,
    ),
    Action("freeze", ("F",), "freeze", "Hold the display still; work goes on"),
    Action("help", ("question_mark",), "help", "All keys of this pane and what they do", footer=1),
    Action("palette", ("ctrl+p",), "palette", "Find an action by name", footer=9),
    Action("theme", (), "theme", "Choose other colours"),
    Action("suspend", ("ctrl+z",), "shell", "Back to the shell for a moment (fg returns); work goes on"),
    Action("leave", ("q",), "leave", "Close the cockpit; work goes on", footer=1),
)

ALWAYS_LAST = ("help", "palette", "leave")
"""Shown at the right end of the footer."""

KEY_NAMES = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "slash": "/",
    "question_mark": "?",
    "escape": "Esc",
    "enter": "⏎",
    "space": "Space",
    "right": "→",
    "left": "←",
}

MOVES: tuple[tuple[str, str, str], ...] = (
    ("down,j", "down", "One row down"),
    ("up,k", "up", "One row up"),
    ("pagedown,ctrl+d", "page_down", "One page down"),
    ("pageup,ctrl+u", "page_up", "One page up"),
    ("home,g", "home", "To the first row"),
    ("end,G", "end", "To the last row"),
)
"""Moving in a list or a text: keys, what the widget does, what the help says."""


def key_name(key: str) -> str:
    """A key as it stands on the keyboard: ^p for ctrl+p."""
    return KEY_NAMES.get(key, key.replace("ctrl+", "^").replace("pagedown", "PgDn").replace("pageup", "PgUp"))


def get(id_: str) -> Action:
    """An action by its id."""
    return next(action for action in ACTIONS if action.id == id_)


def of_pane(pane: PaneId) -> list[Action]:
    """The actions whose keys mean something in a pane."""
    return [action for action in ACTIONS if pane in action.panes]
