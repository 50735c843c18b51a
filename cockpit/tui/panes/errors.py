"""Pane 4: failures by cause, the records of a cause, and one record with all its sides."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import ContentSwitcher

from cockpit.rules.lint import RULES
from cockpit.state.errors import Group
from cockpit.tui import feeds, marks, text
from cockpit.tui.commands import counted
from cockpit.tui.panes.base import Host, Pane
from cockpit.tui.screens.reason import Reason
from cockpit.tui.snapshots import Cause, Detail, PaneId, Snapshot
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.browser import Browser
from cockpit.tui.widgets.cells import Column, Row
from cockpit.tui.widgets.record_view import RecordView
from cockpit.tui.widgets.still import Still
from cockpit.tui.widgets.table import Table

GROUPS = (
    Column("open", 7, right=True),
    Column("class", 11),
    Column("cause", 24, grow=3),
    Column("answer", 22, grow=1, least=90),
    Column("in all", 8, right=True, least=100),
    Column("last", 8),
)

HINTS = {
    "transient": "the target was busy or away: R makes them ready, s sends them",
    "fixable": "correct the record at the source and export again, or i leaves it out with a reason",
    "permanent": "the target will not take it: correct it at the source, or i with a reason",
    "conflict": "someone else holds this e-mail or id: look at both, then r or i",
}


class ErrorsPane(Pane):
    """Failures, taken to zero."""

    pane_id: ClassVar[PaneId] = "errors"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._head = Still(classes="pane-head")
        self._groups = Table(GROUPS, name="causes", empty="no open errors")
        self._example = Still(classes="box", id="example")
        self._records = Browser(host.poller, name="records", reload_key="^r")
        self._numbers: dict[str, int] = {}
        self._known: Sequence[Cause] = ()
        self._fingerprint: str | None = None

    def compose(self) -> ComposeResult:
        """The three levels."""
        yield self._head
        with ContentSwitcher(initial="groups"):
            with Vertical(id="groups"):
                yield self._groups
                yield self._example
            yield self._records
            yield RecordView()

    def on_mount(self) -> None:
        """Start with the causes."""
        self.trail = ["groups"]
        self._groups.border_title = "Causes"
        self._example.border_title = "This cause"

    def update(self, snapshot: Snapshot, detail: Detail) -> None:
        """Paint a new snapshot."""
        self._known = detail.groups
        self._groups.fill(
            {self._number(cause.group.fingerprint): _row(cause.group) for cause in detail.groups}
        )
        self._head.show_text(lines.content(self._ready(snapshot)))
        self._explain()
        if self.browser is not None:
            self.browser.tick()

    def _number(self, fingerprint: str) -> int:
        return self._numbers.setdefault(fingerprint, len(self._numbers) + 1)

    def _ready(self, snapshot: Snapshot) -> list[lines.Part]:
        found = snapshot.summary
        ready = found.to_send if found is not None else 0
        done = sum(states["skipped"] for states in found.kinds.values()) if found is not None else 0
        return [
            (f"{text.number(found.open_errors if found else 0)} open", "strong"),
            (f"   {text.number(ready)} ready to be sent", "plain" if ready else "dim"),
            (f"   {text.number(done)} left out on purpose", "dim"),
        ]

    def _explain(self) -> None:
        cause = self.cause
        self._example.display = cause is not None
        if cause is not None:
            group = cause.group
            self._example.show_text(
                lines.joined(
                    [
                        lines.content([("e.g. ", "dim"), (text.line(cause.who, 80), "strong")]),
                        lines.content([("says ", "dim"), (text.line(cause.message), "warn")]),
                        lines.content([("do   ", "dim"), (_todo(group), "plain")]),
                    ]
                )
            )

    @on(Table.Moved)
    def _moved(self) -> None:
        self._explain()

    @property
    def group(self) -> Group | None:
        """The group under the cursor, or the one whose records are shown."""
        return self.cause.group if self.cause is not None else None

    @property
    def cause(self) -> Cause | None:
        """The same with its example."""
        wanted = self._fingerprint
        if self.level == "groups":
            wanted = next(
                (name for name, number in self._numbers.items() if number == self._groups.cursor), None
            )
        return next((cause for cause in self._known if cause.group.fingerprint == wanted), None)

    def do_open(self) -> None:
        """A cause opens its records, a record its sides."""
        if self.level == "groups" and (group := self.group) is not None:
            self._show_records(group.fingerprint, group.title, "")
        elif self.level == "records":
            self.open_record()

    def _show_records(self, fingerprint: str | None, title: str, words: str) -> None:
        self._fingerprint = fingerprint
        self._records.filter = words
        self._records.show_feed(feeds.errors_of(fingerprint, title), keep=True)
        self.enter("records")

    def do_filter(self) -> None:
        """Narrow the records; from the causes, look through the records of all of them."""
        self.host.ask_filter(self._records.filter if self.level == "records" else "")

    def apply_filter(self, words: str) -> None:
        """Show what matches."""
        if self.level == "groups":
            if words:
                self._show_records(None, "All causes", words)
        else:
            super().apply_filter(words)

    def do_next(self) -> None:
        """The next record."""
        self._records.step(1)
        self.open_record()

    def do_previous(self) -> None:
        """The record before."""
        self._records.step(-1)
        self.open_record()

    def do_reload_errors(self) -> None:
        """Read the list again."""
        self.do_reload()

    @property
    def chosen(self) -> list[int]:
        """The marked records, else the one under the cursor: ids, whatever is on the screen by now."""
        if self.level == "groups":
            return []
        cursor = self._records.cursor
        return sorted(self._records.marked) or ([cursor] if cursor is not None else [])

    def do_retry(self) -> None:
        """Make the chosen records ready again."""
        chosen = self.chosen
        self._records.unmark()
        self.host.perform(lambda: self.host.commands.retry(chosen))

    def do_retry_group(self) -> None:
        """Make every open record of the cause ready again."""
        group = self.group
        if group is None:
            self.host.say("these are records of many causes; mark some, or open one cause", bad=True)
            return
        self.host.perform(lambda: self.host.commands.retry_group(group.fingerprint))

    def do_ignore(self) -> None:
        """Ask for a reason, then leave the chosen records or the whole cause out."""
        self.run_worker(self._ignore(), group="ask", exclusive=True, exit_on_error=False)

    async def _ignore(self) -> None:
        chosen, group = self.chosen, self.group
        if self.level == "groups":
            if group is None:
                return
            who = f"all {counted(group.open, 'open record')} of: {group.title}"
        elif len(chosen) == 1:
            row = self._records.row(chosen[0])
            who = row.name if row is not None else "this record"
        else:
            who = f"the {counted(len(chosen), 'marked record')}"
        reason = await self.app.push_screen_wait(Reason(text.line(who)))
        if not reason:
            return
        self._records.unmark()
        if self.level == "groups" and group is not None:
            self.host.perform(lambda: self.host.commands.ignore_group(group.fingerprint, reason))
        else:
            self.host.perform(lambda: self.host.commands.ignore(chosen, reason))


def _todo(group: Group) -> str:
    rule = group.fingerprint.removeprefix("lint:")
    if rule != group.fingerprint and rule in RULES:
        return RULES[rule].todo
    return HINTS[group.klass]


def _row(group: Group) -> Row:
    klass = marks.of(marks.CLASSES, group.klass)
    answer = " ".join(str(part) for part in (group.status, group.code) if part is not None)
    return Row(
        (
            (text.number(group.open), "strong"),
            (str(klass), klass.tone),
            (text.line(group.title), "plain"),
            (text.line(answer or "not sent"), "dim"),
            (text.number(group.total), "dim"),
            (text.moment(group.last_at), "dim"),
        ),
        group.title,
    )
