"""The grid of batches: one cell is one batch, or as many as it takes to fit."""

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from cockpit.state.batches import BatchCell
from cockpit.tui import text

Kind = str

GLYPHS = {"waiting": "□", "partly": "◪", "flight": "▣", "failed": "!", "done": "■"}


def kind(cell: BatchCell) -> Kind:
    """What a cell shows: work in flight goes before failures, failures before done."""
    if cell.in_flight:
        return "flight"
    if cell.failed:
        return "failed"
    if cell.done >= cell.total:
        return "done"
    return "partly" if cell.done else "waiting"


def merged(cells: tuple[BatchCell, ...], most: int) -> list[BatchCell]:
    """The same grid in at most `most` cells."""
    each = max(1, -(-len(cells) // max(1, most)))
    folded = []
    for start in range(0, len(cells), each):
        part = cells[start : start + each]
        sums = (sum(values) for values in zip(*(cell[1:] for cell in part), strict=True))
        folded.append(BatchCell._make((part[0].first, *sums)))
    return folded


class BatchMap(Widget, can_focus=True):
    """Cells in rows, with a cursor that arrows move."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"map--cursor", *(f"map--{name}" for name in GLYPHS)}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1, 0)", "cell before", show=False),
        Binding("right,l", "step(1, 0)", "next cell", show=False),
        Binding("up,k", "step(0, -1)", "row above", show=False),
        Binding("down,j", "step(0, 1)", "row below", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="map")
        self._cells: tuple[BatchCell, ...] = ()
        self._folded: list[BatchCell] = []
        self._index = 0

    @property
    def cell(self) -> BatchCell | None:
        """The cell under the cursor."""
        return self._folded[self._index] if self._index < len(self._folded) else None

    def update(self, cells: tuple[BatchCell, ...]) -> None:
        """Take a new grid; painted only when it differs."""
        if cells != self._cells:
            resized = len(cells) != len(self._cells)
            self._cells = cells
            self._fold()
            if resized:
                self.refresh(layout=True)

    def on_resize(self, event: events.Resize) -> None:
        """Fold to the new size."""
        self._fold()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as it takes, up to a third of the screen."""
        most = max(3, viewport.height // 3)
        return max(1, min(most, -(-len(self._cells) * self._stride(width) // max(1, width))))

    def _stride(self, width: int) -> int:
        return 2 if len(self._cells) <= 2 * width else 1

    @property
    def _across(self) -> int:
        return max(1, self.size.width // self._stride(self.size.width))

    def _fold(self) -> None:
        self._folded = merged(self._cells, self._across * self.size.height)
        self._index = min(self._index, max(0, len(self._folded) - 1))
        self._tell()
        self.refresh()

    def _tell(self) -> None:
        cell = self.cell
        self.border_subtitle = "" if cell is None else describe(cell)
        total = sum(cell.batches for cell in self._folded)
        each = self._folded[0].batches if self._folded else 1
        per = "" if each == 1 else f", {each} a cell"
        self.border_title = f"batches {text.number(total)}{per}"

    def action_step(self, across: int, down: int) -> None:
        """Move the cursor."""
        target = self._index + across + down * self._across
        if 0 <= target < len(self._folded):
            self._index = target
            self._tell()
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the cell."""
        at = event.get_content_offset(self)
        if at is None:
            return
        index = at.x // self._stride(self.size.width) + at.y * self._across
        if index < len(self._folded):
            self._index = index
            self._tell()
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row of cells, neighbours of one kind in one segment."""
        across = self._across
        gap = " " * (self._stride(self.size.width) - 1)
        start = y * across
        segments: list[Segment] = []
        run, look = "", ""
        for index in range(start, min(start + across, len(self._folded))):
            name = kind(self._folded[index])
            style = f"{name}/cursor" if index == self._index and self.has_focus else name
            if style != look and run:
                segments.append(self._segment(run, look))
                run = ""
            run, look = run + GLYPHS[name], style
            if gap and style != name:
                segments.append(self._segment(run, look))
                run, look = "", name
            run += gap
        if run:
            segments.append(self._segment(run, look))
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _segment(self, run: str, look: str) -> Segment:
        name, _, cursor = look.partition("/")
        style = self.get_component_rich_style(f"map--{name}")
        if cursor:
            style += self.get_component_rich_style("map--cursor")
        return Segment(run, style)


def describe(cell: BatchCell) -> str:
    """A cell in words."""
    name = f"batch {text.number(cell.first + 1)}"
    if cell.batches > 1:
        name = f"batches {text.number(cell.first + 1)}-{text.number(cell.first + cell.batches)}"
    counts = [f"{text.number(cell.done)} of {text.number(cell.total)} done"]
    if cell.failed:
        counts.append(f"{text.number(cell.failed)} failed")
    if cell.in_flight:
        counts.append(f"{text.number(cell.in_flight)} in flight")
    return f"{name}: {', '.join(counts)}"
