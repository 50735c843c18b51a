"""The one registry of what a person can do: bindings, footer, help, palette and the read-only gate."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cockpit.state.jobs import JobKind
from cockpit.tui.snapshots import JOB_OF, PANES, PaneId, Snapshot

Danger = Literal["look", "change", "ask"]
"""look: changes nothing. change: done at once, the safe direction. ask: says first what will happen."""

STEPS: tuple[JobKind, ...] = ("export", "lint", "import", "diff")
"""The jobs of a migration, in order."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a person is and what is there, as far as it decides what can be done."""

    pane: PaneId
    snapshot: Snapshot
    read_only: bool = False
    source: str | None = None
    level: str = ""
    listing: bool = False
    row: bool = False
    record: bool = False

    @property
    def kind(self) -> JobKind | None:
        """The job that `s` starts here; on the overview the first step that is not done."""
        return JOB_OF[self.pane] if self.pane in JOB_OF else next_step(self.snapshot)


Reason = Callable[[Situation], str]
"""Why an action can't be done now; empty when it can."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do. `panes` are those where the key means this; `footer` its place there
    (0: not shown, else what is dropped first when it gets narrow is the highest)."""

    id: str
    keys: tuple[str, ...]
    label: str
    description: str
    panes: tuple[PaneId, ...] = PANES
    danger: Danger = "look"
    refused: Reason = lambda situation: ""
    footer: int = 0

    def why_not(self, situation: Situation) -> str:
        """The reason why it can't be done now, the read-only gate first; empty when it can."""
        if self.danger != "look" and situation.read_only:
            return "this cockpit was opened read-only"
        return self.refused(situation)


def next_step(snapshot: Snapshot) -> JobKind | None:
    """The first step of the migration that is not done; None when the last diff is clean."""
    found = snapshot.summary
    if found is None or found.export is None or found.export.complete_at is None:
        return "export"
    if found.mapped < found.exported:
        return "lint"
    if found.users["ready"] or found.users["sending"]:
        return "import"
    return None if found.diff and found.diff.clean else "diff"


def _start(situation: Situation) -> str:
    kind = situation.kind
    if kind is None:
        return "every step is done and the diff is clean"
    view = situation.snapshot.job(kind)
    if view is not None and view.stale:
        return f"process {view.job.pid} still holds the lock of {kind}; end it, then s takes over"
    if view is not None and view.active and not pausing(situation.snapshot, kind):
        return f"{kind} is {view.job.state} already"
    found = situation.snapshot.summary
    if kind == "export":
        return "" if situation.source else "no source is known yet; run: cockpit init --source NAME"
    if found is None or not found.exported:
        return "nothing is exported yet; start with the export (2, then s)"
    if situation.pane == "errors" and not (found.users["ready"] or found.users["sending"] or view):
        return "nothing is ready to be sent; r or R makes failed records ready"
    return ""


def pausing(snapshot: Snapshot, kind: JobKind) -> bool:
    """Whether a job is paused or has been asked to."""
    view = snapshot.job(kind)
    return view is not None and view.active and "pause" in (view.control.command, view.control.seen)


def _steer(situation: Situation) -> str:
    kind = situation.kind
    view = situation.snapshot.job(kind)
    return "" if view is not None and view.active else f"no {kind} is at work"


def _pause(situation: Situation) -> str:
    kind = situation.kind
    if kind is not None and pausing(situation.snapshot, kind):
        return f"{kind} is paused; s resumes it"
    return _steer(situation)


def _lint(situation: Situation) -> str:
    found = situation.snapshot.summary
    view = situation.snapshot.job("lint")
    if view is not None and view.active:
        return "lint is running already"
    return "" if found is not None and found.exported else "nothing is exported yet; s starts the export"


def _listing(situation: Situation) -> str:
    return "" if situation.listing else "this is not a list"


def _search(situation: Situation) -> str:
    return "" if situation.level in ("groups", "lint") else _listing(situation)


def _row(situation: Situation) -> str:
    return "" if situation.row else "nothing is under the cursor"


def _record(situation: Situation) -> str:
    return "" if situation.record else "open a record first (Enter)"


def _copy(situation: Situation) -> str:
    return "" if situation.record else _row(situation)


def _group(situation: Situation) -> str:
    return "" if situation.row or situation.record else "there is no open error here"


def _error(situation: Situation) -> str:
    if situation.level == "groups":
        return "open the cause first (Enter), or R for all of it"
    return _group(situation)


_LISTS: tuple[PaneId, ...] = ("export", "import", "errors", "diff")
_WORK: tuple[PaneId, ...] = ("export", "import", "diff")
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
        refused=_start,
        footer=1,
    ),
    Action(
        "pause",
        ("p",),
        "pause",
        "Take no new work, finish what is in flight; s resumes",
        _WORK,
        "change",
        _pause,
        2,
    ),
    Action(
        "slower",
        ("left_square_bracket",),
        "slower",
        "Lower the ceiling of writes a second one step",
        ("import",),
        "change",
        _steer,
        3,
    ),
    Action(
        "faster",
        ("right_square_bracket",),
        "faster",
        "Raise the ceiling one step, at the end to the limiter's own",
        ("import",),
        "change",
        _steer,
        3,
    ),
    Action(
        "stop",
        ("X",),
        "stop…",
        "End the job after what is in flight; the same start goes on later",
        _WORK,
        "ask",
        _steer,
        4,
    ),
    Action(
        "lint", ("l",), "lint", "Check every user against the target's rules", ("export",), "change", _lint, 5
    ),
    Action(
        "retry",
        ("r",),
        "retry",
        "Make this record (or the marked ones) ready to be sent again",
        ("errors",),
        "change",
        _error,
        2,
    ),
    Action(
        "retry_group",
        ("R",),
        "retry group",
        "Make every open record of this cause ready again",
        ("errors",),
        "change",
        _group,
        3,
    ),
    Action(
        "ignore",
        ("i",),
        "ignore…",
        "Leave these records out for good, with a reason that the report shows",
        ("errors",),
        "ask",
        _group,
        4,
    ),
    Action("next", ("n",), "next", "The next record", ("errors",), refused=_record, footer=5),
    Action("previous", ("p",), "previous", "The record before", ("errors",), refused=_record, footer=5),
    Action("next_view", ("v", "right"), "view", "The next list of this pane", ("export", "diff"), footer=6),
    Action("previous_view", ("V", "left"), "view back", "The list before", ("export", "diff")),
    Action("open", ("enter",), "open", "Go deeper: what is under the cursor", refused=_row, footer=7),
    Action("back", ("escape",), "back", "One level up; in a list with a filter, clear the filter first"),
    Action(
        "filter",
        ("slash",),
        "filter",
        "Narrow the list: words, code:422, state:failed, rule:email_syntax; ! before one means not",
        panes=_LISTS,
        refused=_search,
        footer=8,
    ),
    Action("sort", ("o",), "sort", "The next order of the list", _LISTS, refused=_listing, footer=11),
    Action(
        "mark",
        ("space",),
        "mark",
        "Mark this row; retry and ignore then mean the marked ones",
        ("errors",),
        refused=_row,
        footer=10,
    ),
    Action(
        "reload",
        ("r",),
        "reload",
        "Read the list again, with what came since",
        ("export", "import", "diff"),
        refused=_listing,
    ),
    Action(
        "reload_errors",
        ("ctrl+r",),
        "reload",
        "Read the list again, with what came since",
        ("errors",),
        refused=_listing,
    ),
    Action(
        "reveal",
        ("u",),
        "reveal",
        "Show the secrets of this record; the audit trail keeps who did",
        ("export", "errors", "import", "diff"),
        "change",
        _record,
        9,
    ),
    Action(
        "fold",
        ("f",),
        "unfold",
        "Show long values whole, or folded again",
        ("export", "errors", "import", "diff"),
        refused=_record,
    ),
    Action("copy", ("y",), "copy", "Copy what names this row: its e-mail or id", refused=_copy),
    Action("copy_record", ("Y",), "copy record", "Copy the whole record as JSON, masked", refused=_copy),
    Action(
        "export_rows",
        ("x",),
        "export rows",
        "Write the rows of this list, as filtered, to a JSON Lines file, masked",
        panes=_LISTS,
        refused=_listing,
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
