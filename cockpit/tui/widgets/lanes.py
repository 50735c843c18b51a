"""A board of lanes: cards below each other in the lane of their column, with one cursor that is an id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from cockpit.connections.board import COLUMNS, Column
from cockpit.tui import marks
from cockpit.tui.marks import Tone
from cockpit.tui.rollout.cells import Card
from cockpit.tui.widgets.cells import fit
from cockpit.tui.widgets.lines import Part

CARD = 5
"""Lines of a card, with the empty one below it."""
EDGE = 2
_TONES = ("plain", "strong", "dim", "ok", "bad", "warn", "busy")


class Lanes(Widget, can_focus=True):
    """Cards by id. It paints what it was given (`fill`); cursor and marks are ids, as a table's are."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "lanes--cursor",
        "lanes--marked",
        "lanes--rule",
        *(f"lanes--{tone}" for tone in _TONES),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "The card below", show=False),
        Binding("up,k", "move(-1)", "The card above", show=False),
        Binding("left", "across(-1)", "The lane to the left", show=False),
        Binding("right", "across(1)", "The lane to the right", show=False),
        Binding("pagedown,ctrl+d", "page(1)", "One page down", show=False),
        Binding("pageup,ctrl+u", "page(-1)", "One page up", show=False),
        Binding("home,g", "end(0)", "To the first card", show=False),
        Binding("end,G", "end(-1)", "To the last card", show=False),
    ]

    @dataclass
    class Moved(Message):
        """The cursor is on another card."""

    @dataclass
    class Chosen(Message):
        """A card was clicked while the cursor was on it."""

    def __init__(self) -> None:
        super().__init__(id="lanes")
        self.marked: set[int] = set()
        self._cards: Mapping[int, Card] = {}
        self._heads: Mapping[Column, str] = {}
        self._lanes: dict[Column, list[int]] = {column: [] for column in COLUMNS}
        self._tops: dict[Column, int] = dict.fromkeys(COLUMNS, 0)
        self._cursor: int | None = None
        self.empty = ""

    @property
    def cursor(self) -> int | None:
        """The id under the cursor."""
        return self._cursor

    def fill(self, cards: Mapping[int, Card], heads: Mapping[Column, str]) -> None:
        """Show just these cards, in their order; `heads`: what stands beside the name of each lane."""
        if (cards, heads) == (self._cards, self._heads):
            return
        self._cards, self._heads = cards, heads
        self._lanes = {
            column: [id_ for id_, card in cards.items() if card.lane == column] for column in COLUMNS
        }
        self.marked &= cards.keys()
        if self._cursor not in cards:
            ordered = self._ordered
            moving = (id_ for id_ in ordered if cards[id_].lane != "manual")
            self.select(next(moving, ordered[0] if ordered else None))
        self._follow()
        self.refresh()

    @property
    def _ordered(self) -> list[int]:
        return [id_ for lane in self._lanes.values() for id_ in lane]

    def select(self, id_: int | None) -> None:
        """Put the cursor on a card."""
        if id_ != self._cursor:
            self._cursor = id_
            self._follow()
            self.refresh()
            self.post_message(self.Moved())

    def toggle_mark(self) -> None:
        """Mark or unmark the card under the cursor and go on to the next."""
        if self._cursor is not None:
            self.marked ^= {self._cursor}
            self.action_move(1)
            self.refresh()

    def step(self, by: int) -> None:
        """Move the cursor over all cards, lane after lane."""
        ordered = self._ordered
        if self._cursor in ordered:
            self.select(ordered[max(0, min(len(ordered) - 1, ordered.index(self._cursor) + by))])

    @property
    def _place(self) -> tuple[Column, int] | None:
        """The lane of the cursor, and its place there."""
        for column, lane in self._lanes.items():
            if self._cursor in lane:
                return column, lane.index(self._cursor)
        return None

    def action_move(self, by: int) -> None:
        """Up or down in the lane."""
        if (place := self._place) is not None:
            column, index = place
            lane = self._lanes[column]
            self.select(lane[max(0, min(len(lane) - 1, index + by))])

    def action_page(self, by: int) -> None:
        """By as many cards as can be seen."""
        self.action_move(by * max(1, self._room))

    def action_end(self, index: int) -> None:
        """To an end of the lane."""
        if (place := self._place) is not None:
            self.select(self._lanes[place[0]][index])

    def action_across(self, by: int) -> None:
        """To the next lane that has any card, at the same height."""
        if (place := self._place) is None:
            return
        column, index = place
        height = index - self._tops[column]
        at = COLUMNS.index(column) + by
        while 0 <= at < len(COLUMNS):
            if lane := self._lanes[COLUMNS[at]]:
                self.select(lane[min(len(lane) - 1, self._tops[COLUMNS[at]] + height)])
                return
            at += by

    @property
    def _room(self) -> int:
        """Whole cards that can be seen."""
        return max(1, (self.size.height - 2) // CARD)

    def _follow(self) -> None:
        """Scroll the lane of the cursor so far that it is seen, and none further than its end."""
        for column, lane in self._lanes.items():
            self._tops[column] = max(0, min(self._tops[column], len(lane) - self._room))
        if (place := self._place) is not None:
            column, index = place
            self._tops[column] = max(index - self._room + 1, min(self._tops[column], index))

    def on_resize(self, event: events.Resize) -> None:
        """Another height shows other cards."""
        self._follow()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to a card; a click on it opens it."""
        if (at := event.get_content_offset(self)) is None or at.y < 2:
            return
        column = COLUMNS[min(len(COLUMNS) - 1, self._lane_at(at.x))]
        index = self._tops[column] + (at.y - 2) // CARD
        if index < len(lane := self._lanes[column]):
            if lane[index] == self._cursor:
                self.post_message(self.Chosen())
            self.select(lane[index])

    def _lane_at(self, x: int) -> int:
        edge = 0
        for number, width in enumerate(self._widths):
            edge += width
            if x < edge:
                return number
        return len(COLUMNS) - 1

    @property
    def _widths(self) -> list[int]:
        """Cells of each lane, the rule at its right included."""
        each, over = divmod(self.size.width, len(COLUMNS))
        return [each + (number < over) for number in range(len(COLUMNS))]

    def render_line(self, y: int) -> Strip:
        """One line through all lanes."""
        segments: list[Segment] = []
        for number, (column, width) in enumerate(zip(COLUMNS, self._widths, strict=True)):
            rule = "│" if number < len(COLUMNS) - 1 else " "
            segments += self._of_lane(column, y, width - 1)
            segments.append(Segment(rule, self._style("rule")))
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _of_lane(self, column: Column, y: int, width: int) -> list[Segment]:
        mark = marks.of(marks.COLUMNS, column)
        if y == 0:
            name = fit(f" {mark.glyph} {mark.word.upper()} {len(self._lanes[column])}", width)
            head = self._heads.get(column, "")
            if len(name.rstrip()) + len(head) + 2 <= width:
                name = name[: width - len(head) - 1] + head + " "
            return [Segment(name, self._style(mark.tone) + Style(bold=True))]
        if y == 1:
            return [Segment("─" * width, self._style("rule"))]
        index, line = self._tops[column] + (y - 2) // CARD, (y - 2) % CARD
        lane = self._lanes[column]
        below = len(lane) - self._tops[column] - self._room
        if y == self.size.height - 1 and below > 0:
            return [Segment(fit(f" ↓ {below} more", width), self._style("dim"))]
        if index >= len(lane):
            nothing = self.empty if not self._cards and column == COLUMNS[0] and y == 2 else ""
            return [Segment(fit(f" {nothing}", width), self._style("dim"))]
        return self._of_card(lane[index], line, width)

    def _of_card(self, id_: int, line: int, width: int) -> list[Segment]:
        card = self._cards[id_]
        if line >= len(card.lines):
            return [Segment(" " * width, self.rich_style)]
        look = "cursor" if id_ == self._cursor else "marked" if id_ in self.marked else ""
        if look == "cursor" and not self.has_focus:
            look = "marked"
        ground = self._style(look) if look else self.rich_style
        edge = ("▸" if id_ == self._cursor else " ") + ("◆" if id_ in self.marked else " ")
        left, right = card.lines[line]
        room = width - EDGE - 1
        tail = sum(len(part) for part, _ in right)
        head = self._clipped(left, max(0, room - tail - (1 if tail else 0)), ground)
        used = sum(segment.cell_length for segment in head)
        return [
            Segment(edge if line == 0 else "  ", ground),
            *head,
            Segment(" " * max(0, room - used - tail), ground),
            *self._clipped(right, room, ground),
            Segment(" ", ground),
        ]

    def _clipped(self, parts: Sequence[Part], room: int, ground: Style) -> list[Segment]:
        """Parts in at most that many cells."""
        found: list[Segment] = []
        for part, tone in parts:
            segment = Segment(part, self._on(tone, ground))
            if segment.cell_length > room:
                found.append(Segment(fit(part, room), segment.style))
                break
            found.append(segment)
            room -= segment.cell_length
        return found

    def _on(self, tone: Tone, ground: Style) -> Style:
        if tone == "plain":
            return ground
        style = self._style(tone)
        return Style(color=style.color, bgcolor=ground.bgcolor, bold=style.bold)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"lanes--{name}")
