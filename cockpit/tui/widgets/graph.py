"""A rate over time, from zero up: blocks in eighths, and a line where the limit is."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

_BLOCKS = " ▁▂▃▄▅▆▇█"
_ROOM_ABOVE = 1.1
"""The scale ends a little above the limit, so that its line can be seen."""


class Graph(Widget):
    """The newest values at the right. Zero is the bottom, so that a steady rate looks steady."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"graph--bar", "graph--low", "graph--limit"}

    def __init__(self) -> None:
        super().__init__()
        self._values: Sequence[float] = ()
        self._limit: float | None = None

    def show(self, values: Sequence[float], limit: float | None) -> None:
        """Take new values."""
        if (values, limit) != (self._values, self._limit):
            self._values, self._limit = values, limit
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row of blocks."""
        width, height = self.size.width, self.size.height
        shown = list(self._values[-width:])
        top = max([*shown, (self._limit or 0) * _ROOM_ABOVE, 1.0])
        floor = (height - 1 - y) * 8
        limit_row = height - 1 - int((self._limit or 0) / top * height) if self._limit and height > 1 else -1
        empty = "┄" if y == limit_row else " "
        segments = [Segment(empty * (width - len(shown)), self._style("limit"))]
        for value in shown:
            eighths = round(value / top * height * 8) - floor
            if eighths <= 0:
                segments.append(Segment(empty, self._style("limit")))
            else:
                look = "low" if self._limit and value < self._limit / 2 else "bar"
                segments.append(Segment(_BLOCKS[min(8, eighths)], self._style(look)))
        return Strip(segments, width).simplify()

    def _style(self, look: str) -> Style:
        return self.get_component_rich_style(f"graph--{look}")
