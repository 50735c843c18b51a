"""A table over any number of rows: ids are frozen, cells come by id for what can be seen."""

from array import array
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cockpit.tui.actions import MOVES
from cockpit.tui.widgets.cells import GAP, Column, Row, fit, widths

KEPT = 4096
"""Rows whose cells are kept."""

_TONES = ("plain", "strong", "dim", "ok", "bad", "warn", "busy")


class Table(ScrollView, can_focus=True):
    """Rows by id, with a cursor that is an id and marks that are ids.

    It paints what it was given (`put`) and asks for the rest (`Needed`); it never waits.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header",
        "table--cursor",
        "table--marked",
        "table--gone",
        *(f"table--{tone}" for tone in _TONES),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, f"move('{where}')", description, show=False) for keys, where, description in MOVES
    ]

    @dataclass
    class Needed(Message):
        """Cells of these ids are wanted: what is on the screen and a page around it."""

        table: "Table"
        wanted: list[int]

        @property
        def control(self) -> "Table":
            return self.table

    @dataclass
    class Moved(Message):
        """The cursor is on another id, or on none."""

        table: "Table"
        id_: int | None

        @property
        def control(self) -> "Table":
            return self.table

    @dataclass
    class Chosen(Message):
        """A row was clicked while the cursor was on it."""

        table: "Table"

    def __init__(self, columns: Sequence[Column], *, name: str = "", empty: str = "") -> None:
        super().__init__(id=name or None)
        self.columns = tuple(columns)
        self.empty = empty
        self.ids: array[int] = array("q")
        self.marked: set[int] = set()
        self._rows: OrderedDict[int, Row] = OrderedDict()
        self._asked: set[int] = set()
        self._index = 0
        self._cursor: int | None = None
        self._widths: list[int] = []
        self._title_shown = ""
        self._laid_out: tuple[int, tuple[Column, ...]] = (0, ())

    @property
    def cursor(self) -> int | None:
        """The id under the cursor."""
        return self._cursor

    @property
    def line(self) -> int:
        """The line the cursor is on, from 0."""
        return self._index

    def row(self, id_: int | None) -> Row | None:
        """The cells of a row, if they are here."""
        return self._rows.get(id_) if id_ is not None else None

    def set_ids(self, ids: "array[int]", *, fresh: bool = False) -> None:
        """Freeze these ids. The cursor stays on its id, else on its line; with `fresh` it goes to the top."""
        self.ids = ids
        self.marked &= set(ids) if self.marked else self.marked
        if fresh:
            self._index = 0
        elif self._cursor is not None and not self._here(self._cursor):
            try:
                self._index = ids.index(self._cursor)
            except ValueError:
                self._index = min(self._index, max(0, len(ids) - 1))
        self._asked.clear()
        self._resize()
        self._select(self._index)
        self.refresh()

    def put(self, rows: Mapping[int, Row]) -> None:
        """Take cells. Only what changed is painted."""
        changed = set()
        for id_, row in rows.items():
            if self._rows.get(id_) != row:
                changed.add(id_)
            self._rows[id_] = row
            self._rows.move_to_end(id_)
        self._asked -= rows.keys()
        while len(self._rows) > max(KEPT, len(rows)):
            self._rows.popitem(last=False)
        if changed:
            top = self.scroll_offset.y
            shown = enumerate(self.ids[top : top + self.size.height], top)
            self._draw_again(*(index for index, id_ in shown if id_ in changed))

    def fill(self, rows: Mapping[int, Row]) -> None:
        """Show just these rows: for short lists that are here whole."""
        ids = array("q", rows)
        if ids != self.ids:
            self._rows = OrderedDict(rows)
            self.set_ids(ids)
            self.refresh()
        else:
            self.put(rows)

    def entitle(self, title: str) -> None:
        """Write this into the border. What stands there already is not drawn again."""
        if title != self._title_shown:
            self._title_shown = title
            self.border_title = title.replace("[", "\\[")

    def forget(self) -> None:
        """Let go of cells and marks, because the rows are now of another kind."""
        self._rows.clear()
        self._asked.clear()
        self.marked.clear()

    def visible_ids(self, around: int = 0) -> list[int]:
        """The ids on the screen, and that many pages before and after."""
        page = max(1, self.size.height - 1)
        top = self.scroll_offset.y
        return self.ids[max(0, top - around * page) : top + (around + 1) * page].tolist()

    def toggle_mark(self) -> None:
        """Mark or unmark the row under the cursor and go one down."""
        if self._cursor is None:
            return
        self.marked ^= {self._cursor}
        self.action_move("down")
        self.refresh()

    def step(self, by: int) -> int | None:
        """Move the cursor by rows; returns the id it is on then."""
        self._select(self._index + by)
        return self._cursor

    def action_move(self, where: str) -> None:
        """Move the cursor."""
        page = max(1, self.size.height - 2)
        last = len(self.ids) - 1
        target = {
            "down": self._index + 1,
            "up": self._index - 1,
            "page_down": self._index + page,
            "page_up": self._index - page,
            "home": 0,
            "end": last,
        }
        self._select(target[where])

    def _here(self, id_: int) -> bool:
        return self._index < len(self.ids) and self.ids[self._index] == id_

    def _select(self, index: int) -> None:
        left, self._index = self._index, max(0, min(index, len(self.ids) - 1))
        before, self._cursor = self._cursor, self.ids[self._index] if self.ids else None
        height = max(1, self.size.height - 1)
        top = self.scroll_offset.y
        if self._index < top:
            self.scroll_to(y=self._index, animate=False, immediate=True)
        elif self._index >= top + height:
            self.scroll_to(y=self._index - height + 1, animate=False, immediate=True)
        else:
            self._draw_again(left, self._index)
        self._want()
        if before != self._cursor:
            self.post_message(self.Moved(self, self._cursor))

    def _draw_again(self, *indices: int) -> None:
        """Just these rows, where they are on the screen."""
        top, (width, height) = self.scroll_offset.y, self.size
        lines = [Region(0, index - top + 1, width, 1) for index in indices if 0 <= index - top < height - 1]
        if lines:
            self.refresh(*lines)

    def _want(self) -> None:
        missing = [id_ for id_ in self.visible_ids(1) if id_ not in self._rows and id_ not in self._asked]
        if missing:
            self._asked.update(missing)
            self.post_message(self.Needed(self, missing))

    def _resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self.ids) + 1)

    def on_resize(self, event: events.Resize) -> None:
        """Share the new width out."""
        self._resize()
        self._select(self._index)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for the cells that came into sight."""
        super().watch_scroll_y(old_value, new_value)
        self._want()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row; a click on the cursor opens it."""
        line = event.get_content_offset(self)
        if line is None or line.y == 0:
            return
        index = self.scroll_offset.y + line.y - 1
        if index >= len(self.ids):
            return
        if index == self._index:
            self.post_message(self.Chosen(self))
        self._select(index)

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the titles, or the row that is there now."""
        width = self.size.width
        if y == 0:
            return self._strip([(column.title, "header") for column in self.columns], "  ", "header", width)
        index = self.scroll_offset.y + y - 1
        if index >= len(self.ids):
            text = self.empty if index == 0 else ""
            style = self.get_component_rich_style("table--dim")
            return Strip([Segment(fit(f"  {text}", width), style)], width)
        id_ = self.ids[index]
        row = self._rows.get(id_)
        look = "cursor" if index == self._index else "marked" if id_ in self.marked else ""
        cells: Iterable[tuple[str, str]] = row.cells if row is not None else [("·", "dim")]
        if row is not None and row.gone:
            cells = [(text, "gone") for text, _ in row.cells]
        edge = ("▸" if index == self._index else " ") + ("◆" if id_ in self.marked else " ")
        return self._strip(cells, edge, look, width)

    def _strip(self, cells: Iterable[tuple[str, str]], edge: str, look: str, width: int) -> Strip:
        if self._laid_out != (width, self.columns):
            self._laid_out = (width, self.columns)
            self._widths = widths(self.columns, width - 4)
        ground = self._style(look) if look else self.rich_style
        if look == "cursor" and not self.has_focus:
            ground = self._style("marked")
        segments = [Segment(edge, ground)]
        for (text, tone), column, space in zip(cells, self.columns, self._widths, strict=False):
            if not space:
                continue
            style = ground if tone in ("plain", "header") else self._on(tone, ground)
            segments.append(Segment(fit(text, space, right=column.right), style))
            segments.append(Segment(" " * GAP, ground))
        return Strip(segments).adjust_cell_length(width, ground)

    def _on(self, tone: str, ground: Style) -> Style:
        style = self._style(tone)
        return Style(
            color=style.color, bgcolor=ground.bgcolor, bold=style.bold, dim=style.dim, strike=style.strike
        )

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"table--{name}")
