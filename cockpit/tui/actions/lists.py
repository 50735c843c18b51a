"""Lists and records: look, filter, sort, copy, write rows to a file."""

from cockpit.tui import reasons
from cockpit.tui.actions.action import Action
from cockpit.tui.snapshots import PaneId

SECRETS: tuple[PaneId, ...] = ("export", "import", "errors", "diff", "connections", "webhooks")
"""The panes with records that may hold secrets."""
RECORDS: tuple[PaneId, ...] = (*SECRETS, "log")
"""The panes with records that are opened."""
LISTS: tuple[PaneId, ...] = (*RECORDS, "rollout")
"""The panes with a list that can be filtered and sorted."""
VIEWS: tuple[PaneId, ...] = ("export", "diff", "webhooks", "log")
"""The panes with several lists, one of which is shown."""

ACTIONS: tuple[Action, ...] = (
    Action(
        "next",
        ("n",),
        "next",
        "The next record",
        ("errors", "connections", "rollout", "webhooks", "log"),
        refused=reasons.record,
        footer=3,
        levels=("record", "evidence"),
    ),
    Action(
        "previous",
        ("p",),
        "previous",
        "The record before",
        ("errors", "connections", "rollout", "log"),
        refused=reasons.record,
        footer=4,
        levels=("record", "evidence"),
    ),
    Action(
        "previous_event",
        ("N",),
        "previous",
        "The event before",
        ("webhooks",),
        refused=reasons.record,
        footer=5,
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
    Action("next_view", ("v", "right"), "view", "The next list of this pane", VIEWS, footer=6),
    Action("previous_view", ("V", "left"), "view back", "The list before", VIEWS),
    # In the grid of batches the arrows move from cell to cell.
    Action("next_kind", ("v",), "view", "The next kind: its records", ("import",), footer=7),
    Action("previous_kind", ("V",), "view back", "The kind before", ("import",)),
    Action(
        "open",
        ("enter",),
        "open",
        "Go deeper: what is under the cursor; in the sequence of webhooks, prove the step",
        refused=reasons.row,
        footer=7,
    ),
    Action("back", ("escape",), "back", "One level up; in a list with a filter, clear the filter first"),
    Action(
        "filter",
        ("slash",),
        "filter",
        "Narrow the list: words, code:422, state:failed, rule:email_syntax; ! before one means not",
        panes=LISTS,
        refused=reasons.search,
        footer=8,
    ),
    Action("sort", ("o",), "sort", "The next order of the list", LISTS, refused=reasons.sortable, footer=11),
    Action(
        "mark",
        ("space",),
        "mark",
        "Mark this row; what is decided then concerns the marked ones",
        ("errors", "connections", "rollout", "webhooks"),
        refused=reasons.row,
        footer=10,
    ),
    Action(
        "reload",
        ("r",),
        "reload",
        "Read the list again, with what came since",
        ("export", "import", "diff", "connections", "webhooks", "log"),
        refused=reasons.reload,
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
        SECRETS,
        "change",
        reasons.record,
        9,
    ),
    Action(
        "fold",
        ("L",),
        "unfold",
        "Show long values whole, or folded again",
        RECORDS,
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
        "Write the rows of this list, or the records of a cause, as filtered, to a JSON Lines file, masked",
        panes=LISTS,
        refused=reasons.exportable,
        footer=12,
    ),
)
