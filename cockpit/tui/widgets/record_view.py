"""One record on the screen: who, what about it, and its sides beside each other or one below the other."""

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import Static

from cockpit.tui.records import Record
from cockpit.tui.widgets.json_view import JsonView
from cockpit.tui.widgets.lines import Part, content, joined

SIDES = 3
FINDINGS = 4
"""Findings above the sides; standing has all of them."""


class RecordView(Vertical):
    """A record with up to three sides."""

    def __init__(self) -> None:
        super().__init__(id="record")
        self.record: Record | None = None
        self.revealed = False
        self._unfolded = False
        self._head = Static(classes="record-head")
        self._views = [JsonView() for _ in range(SIDES)]

    def compose(self) -> ComposeResult:
        """The heading, then the sides."""
        yield self._head
        with Container(classes="sides"):
            yield from self._views

    def show(self, record: Record, place: str = "") -> None:
        """Show another record, masked and folded; `place` says which of how many it is."""
        self.revealed = self._unfolded = False
        self.record = record
        where: tuple[Part, ...] = ((f"   {place}", "dim"),) if place else ()
        self._say(record, where)
        for view in self._views:
            view.scroll_home(animate=False)
        self._paint()

    def refresh_record(self, record: Record) -> None:
        """The same record, read again: its standing may have changed."""
        self.record = record
        self._say(record)
        self._paint()

    def _say(self, record: Record, where: tuple[Part, ...] = ()) -> None:
        lines = [(*record.heading, *where), record.notes, *record.findings[:FINDINGS]]
        if left := record.findings[FINDINGS:]:
            lines.append(((f"and {len(left)} more findings, in standing", "dim"),))
        self._head.update(joined(map(content, lines)))

    def reveal(self) -> None:
        """Show secrets until another record is opened."""
        self.revealed = True
        self._paint()

    def fold(self) -> None:
        """Unfold long values, or fold them again."""
        self._unfolded = not self._unfolded
        self._paint()

    def focus_first(self) -> None:
        """Move the focus to the first side."""
        self._views[0].focus()

    def _paint(self) -> None:
        if self.record is None:
            return
        for number, view in enumerate(self._views):
            view.display = number < len(self.record.sides)
            if view.display:
                side = self.record.sides[number]
                view.show(side, self.record.hot, revealed=self.revealed, unfolded=self._unfolded)
