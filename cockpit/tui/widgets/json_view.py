"""One side of a record to read: the lines of its JSON, of which only those that changed are drawn."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from cockpit.rules.mask import mask
from cockpit.tui.actions import MOVES
from cockpit.tui.marks import STYLES, Tone
from cockpit.tui.records import Side
from cockpit.tui.widgets.json_lines import Line, divided, hanging, lines, plain


class JsonView(ScrollView, can_focus=True):
    """One side of a record. Another record of the same shape costs the lines that differ, and no layout."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, f"move('{where}')", description, show=False) for keys, where, description in MOVES
    ]

    def __init__(self) -> None:
        super().__init__()
        self._title = ""
        self._lines: Sequence[Line] = ()
        self._wrapped: Sequence[Line] = ()
        self._tones: dict[Tone, RichStyle] = {}

    def show(self, side: Side, hot: frozenset[str], *, revealed: bool, unfolded: bool) -> None:
        """Paint one side."""
        if side.title != self._title:
            self.border_title = self._title = side.title
        if side.value is None:
            self._lines = [((f"({side.missing})", "dim"),)]
        else:
            value = side.value if revealed else mask(side.value)
            self._lines = list(lines(value, hot, unfolded=unfolded))
        self._wrap()

    def on_resize(self, event: events.Resize) -> None:
        """Wrap to the new width."""
        self._wrap()

    def watch_show_vertical_scrollbar(self) -> None:
        """Wrap to what the scrollbar leaves."""
        self._wrap()

    def notify_style_update(self) -> None:
        """Take the colours of another theme."""
        super().notify_style_update()
        self._tones.clear()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The lines it takes at that width, where the height follows the text."""
        return sum(1 for _ in self._pieces(width))

    def _pieces(self, width: int) -> Iterator[Line]:
        return (piece for line in self._lines for piece in hanging(line, max(8, width)))

    def _wrap(self) -> None:
        before = self._wrapped
        self._wrapped = list(self._pieces(self.scrollable_content_region.width))
        self._extend()
        top, (width, height) = self.scroll_offset.y, self.size
        pairs = zip_longest(before[top : top + height], self._wrapped[top : top + height])
        changed = [Region(0, y, width, 1) for y, (old, new) in enumerate(pairs) if old != new]
        if changed:
            self.refresh(*changed)

    def _extend(self) -> None:
        """Take the number of lines in. The screen is laid out only if that moves anything."""
        extent = Size(self.scrollable_content_region.width, len(self._wrapped))
        if extent == self.virtual_size:
            return
        height = self.size.height
        overflows = extent.height > height
        if self.styles.is_auto_height or overflows != (self.virtual_size.height > height):
            self.virtual_size = extent
            return
        self.set_reactive(Widget.virtual_size, extent)
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = extent.height
        self.scroll_y = self.validate_scroll_y(self.scroll_y)

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        number = self.scroll_offset.y + y
        line = self._wrapped[number] if number < len(self._wrapped) else ()
        ground = self._tone("plain")
        segments = [Segment(text, style) for text, style in self._painted(line, number)]
        return Strip(segments).adjust_cell_length(self.size.width, ground).apply_offsets(0, number)

    def _painted(self, line: Line, number: int) -> Iterator[tuple[str, RichStyle]]:
        span = self.text_selection.get_span(number) if self.text_selection is not None else None
        start, end = span or (0, 0)
        before, rest = divided(line, start)
        selected, after = divided(rest, end - start if end >= 0 else len(plain(rest)))
        for part, look in ((before, None), (selected, "screen--selection"), (after, None)):
            over = self.screen.get_component_rich_style(look, partial=True) if look and part else None
            for text, tone in part:
                style = self._tone(tone)
                yield text, style + over if over is not None else style

    def _tone(self, tone: Tone) -> RichStyle:
        if tone not in self._tones:
            style = Style.parse(STYLES[tone], self.app.theme_variables)
            self._tones[tone] = (self.visual_style + style).rich_style
        return self._tones[tone]

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What the mouse selected."""
        return selection.extract("\n".join(map(plain, self._wrapped))), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the selection."""
        self.refresh()

    def action_move(self, where: str) -> None:
        """Scroll without animation."""
        scroll = getattr(self, {"home": "scroll_home", "end": "scroll_end"}.get(where, f"scroll_{where}"))
        scroll(animate=False)
