"""One record on the screen: who, what about it, and its sides beside each other or one below the other."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical

from cockpit.tui.records import Record
from cockpit.tui.widgets.json_view import JsonView
from cockpit.tui.widgets.lines import Part, content, joined
from cockpit.tui.widgets.still import Still
from cockpit.tui.widgets.views import View, Views

SIDES = 3
FINDINGS = 4
"""Findings above the sides; standing has all of them."""


class RecordView(Vertical):
    """A record with up to three sides.

    With `tabbed` a narrow screen shows one of them at a time, else they are one below the other there.
    """

    def __init__(self, *, tabbed: bool = False) -> None:
        super().__init__(id="record", classes="-tabbed" if tabbed else None)
        self._tabs = Views()
        self._place: tuple[Part, ...] = ()
        self.record: Record | None = None
        self.revealed = False
        self._unfolded = False
        self._head = Still(classes="record-head")
        self._views = [JsonView() for _ in range(SIDES)]

    def compose(self) -> ComposeResult:
        """The heading, then the sides."""
        yield self._head
        yield self._tabs
        with Container(classes="sides"):
            yield from self._views

    def show(self, record: Record, place: str = "") -> None:
        """Show another record, masked and folded; `place` says which of how many it is."""
        self.revealed = self._unfolded = False
        self.record = record
        self._place = ((f"   {place}", "dim"),) if place else ()
        self._say(record)
        for view in self._views:
            view.scroll_home(animate=False)
        self._paint()

    def refresh_record(self, record: Record) -> None:
        """The same record, read again: its standing may have changed."""
        if record != self.record:
            self.record = record
            self._say(record)
            self._paint()

    def _say(self, record: Record) -> None:
        lines = [(*record.heading, *self._place), record.notes, *record.findings[:FINDINGS]]
        if left := record.findings[FINDINGS:]:
            lines.append(((f"and {len(left)} more, in standing", "dim"),))
        self._head.show_text(joined(map(content, lines)))

    def reveal(self) -> None:
        """Show secrets until another record is opened."""
        self.revealed = True
        self._paint()

    def fold(self) -> None:
        """Unfold long values, or fold them again."""
        self._unfolded = not self._unfolded
        self._paint()

    def focus_first(self) -> None:
        """Move the focus to the first side that is shown."""
        self._views[self._tabs.index].focus()

    def show_side(self, index: int) -> None:
        """Turn to one of the sides: the focus goes there, and where it is narrow it alone is shown."""
        if self.record is not None:
            self._turn(index % len(self.record.sides))
            self.focus_first()

    @property
    def side(self) -> int:
        """The side that was turned to."""
        return self._tabs.index

    def _turn(self, index: int) -> None:
        if self.record is not None:
            self._tabs.show([View(side.title) for side in self.record.sides], index)
            for number, view in enumerate(self._views):
                view.set_class(number != index, "-away")

    @on(Views.Picked)
    def _picked(self, event: Views.Picked) -> None:
        event.stop()
        self.show_side(event.index)

    def _paint(self) -> None:
        if self.record is None:
            return
        self._turn(min(self._tabs.index, len(self.record.sides) - 1))
        for number, view in enumerate(self._views):
            there = number < len(self.record.sides)
            view.set_class(not there, "-absent")
            if there:
                side = self.record.sides[number]
                view.show(side, self.record.hot, revealed=self.revealed, unfolded=self._unfolded)
