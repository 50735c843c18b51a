"""Pane 1: the migration as a checklist, its numbers, and what happened last."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import ContentSwitcher

from cockpit.state.summary import Summary
from cockpit.tui import checklist, kinds, text
from cockpit.tui.checklist import Step
from cockpit.tui.marks import Tone
from cockpit.tui.panes.base import Host, Pane
from cockpit.tui.snapshots import Detail, Event, PaneId, Snapshot
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.cells import Column, Row
from cockpit.tui.widgets.job_panel import JobPanel
from cockpit.tui.widgets.still import Still
from cockpit.tui.widgets.table import Table

COLUMNS = (
    Column("step", 16),
    Column("", 11),
    Column("evidence", 20, grow=3),
    Column("next", 13),
)

LEVELS: dict[str, Tone] = {"error": "bad", "warn": "warn", "info": "dim"}
NAME = 11
BOX = 3
"""Lines of a box with one line in it."""


class OverviewPane(Pane):
    """Where everything stands."""

    pane_id: ClassVar[PaneId] = "overview"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._jobs = [
            JobPanel("run", "records", passing=True),
            JobPanel("sync", "records", passing=True),
            JobPanel("reset", "e-mails", passing=True),
        ]
        self._table = Table(COLUMNS, name="checklist")
        self._numbers = Still(id="numbers", classes="box")
        self._events = Still(id="events", classes="box")
        self._steps: list[Step] = []

    def compose(self) -> ComposeResult:
        """Jobs that lead others or have no pane, the checklist, numbers, events."""
        yield from self._jobs
        with ContentSwitcher(initial="steps"), Vertical(id="steps"):
            yield self._table
            yield self._numbers
            yield self._events

    def on_mount(self) -> None:
        """Titles of the boxes."""
        self.trail = ["steps"]
        self._table.border_title = "The migration, step by step"
        self._numbers.border_title = "Numbers"
        self._events.border_title = "What happened"

    def update(self, snapshot: Snapshot, detail: Detail) -> None:
        """Paint a new snapshot."""
        for panel in self._jobs:
            panel.update(snapshot)
        self._steps = checklist.steps(snapshot, detail.outlook)
        self._table.styles.height = len(self._steps) + 3
        self._table.fill({number: _row(number, step) for number, step in enumerate(self._steps, 1)})
        self._numbers.show_text(lines.joined(_numbers(snapshot.summary, self._numbers.size.width)))
        self._events.show_text(lines.joined(event_lines(detail.events, 30)))
        self._events.display = self._room >= BOX

    @property
    def _room(self) -> int:
        """Lines that checklist and numbers leave."""
        taken = len(self._steps) + BOX + self._numbers.outer_size.height
        return self.query_one("#steps").size.height - taken

    def do_open(self) -> None:
        """Go to the pane of the step."""
        if self._table.cursor is not None:
            self.host.go(self._steps[self._table.cursor - 1].pane)


def _row(number: int, step: Step) -> Row:
    return Row(
        (
            (f"{number} {step.title}", "strong"),
            (str(step.mark), step.mark.tone),
            (step.evidence, "plain"),
            (step.todo, "busy" if step.mark.word in ("to do", "partly", "look", "dead") else "dim"),
        ),
        f"{step.title}: {step.mark.word}, {step.evidence}",
    )


def _numbers(found: Summary | None, width: int) -> list[Content]:
    if found is None:
        return [
            lines.content([("No state file yet. ", "strong"), ("s starts the export.", "plain")]),
            lines.content([("Without settings, write them first: cockpit init --source NAME", "dim")]),
        ]
    passwords = found.passwords
    return [
        *lines.packed(("users".ljust(NAME), "dim"), kinds.users_by_state(found), max(40, width)),
        lines.content(
            [
                ("records".ljust(NAME), "dim"),
                (f"{text.number(found.read)} read = ", "dim"),
                (f"{text.number(found.exported)} users", "strong"),
                (f" + {text.number(found.merged)} merged + {text.number(found.held)} held back", "dim"),
            ]
        ),
        lines.content(
            [
                ("passwords".ljust(NAME), "dim"),
                (f"{text.number(passwords.carried)} carried", "ok" if passwords.carried else "dim"),
                (f"   {text.number(passwords.unsupported)} lost", "warn" if passwords.unsupported else "dim"),
                (f"   {text.number(passwords.absent)} never had one", "dim"),
            ]
        ),
    ]


def event_lines(events: Sequence[Event], most: int) -> list[Content]:
    """What happened, the newest first."""
    if not events:
        return [lines.content([("nothing yet", "dim")])]
    return [
        lines.content(
            [
                (f"{text.moment(event.at)}  ", "dim"),
                (text.line(event.text), LEVELS.get(event.level, "plain")),
            ]
        )
        for event in events[:most]
    ]
