"""Lines of text to read, wrapped to the width, of which only those that changed are drawn."""

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

from cockpit.tui.actions import MOVES
from cockpit.tui.marks import STYLES, Tone
from cockpit.tui.widgets.json_lines import Line, divided, hanging, plain


class TextView(ScrollView, can_focus=True):
    """Lines to scroll through. Other lines cost those that differ, and no layout.

    With `follows` the end stays in sight while lines are added, unless one scrolled away from it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, f"move('{where}')", description, show=False) for keys, where, description in MOVES
    ]

    def __init__(self, *, follows: bool = False) -> None:
        super().__init__()
        self._follows = follows
        self._at_end = True
        self._lines: Sequence[Line] = ()
        self._wrapped: Sequence[Line] = ()
        self._tones: dict[Tone, RichStyle] = {}

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these from now on."""
        self._lines = lines
        self._wrap()

    def on_resize(self, event: events.Resize) -> None:
        """Wrap to the new width."""
        self._wrap()

    def watch_show_vertical_scrollbar(self) -> None:
        """Wrap to what the scrollbar leaves."""
        self._wrap()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Note whether the end is in sight."""
        super().watch_scroll_y(old_value, new_value)
        self._at_end = new_value >= self.max_scroll_y

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
        if self._follows and self._at_end:
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True)
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
