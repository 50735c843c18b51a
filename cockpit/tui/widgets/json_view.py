"""A JSON value to read: one key a line, long values folded, offending fields marked, secrets masked."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from cockpit.rules.mask import mask, printable
from cockpit.tui.actions import MOVES
from cockpit.tui.records import Side
from cockpit.tui.widgets.lines import Part, content, joined
from cockpit.tui.widgets.still import Still

FOLDED = 120
"""Characters of a value, and items of a list, that are shown while it is folded."""
_DEEPEST = 24
_UNFOLDED = 20_000


class JsonView(VerticalScroll, can_focus=True):
    """One side of a record."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, f"move('{where}')", description, show=False) for keys, where, description in MOVES
    ]

    def __init__(self) -> None:
        super().__init__()
        self._text = Still()
        self._lines: list[Content] = []

    def compose(self) -> ComposeResult:
        """The text, which may be longer than the view."""
        yield self._text

    def show(self, side: Side, hot: frozenset[str], *, revealed: bool, unfolded: bool) -> None:
        """Paint one side."""
        self.border_title = side.title
        if side.value is None:
            self._lines = [content([(f"({side.missing})", "dim")])]
        else:
            value = side.value if revealed else mask(side.value)
            self._lines = list(lines(value, hot, unfolded=unfolded))
        self._wrap()

    def on_resize(self, event: events.Resize) -> None:
        """Wrap to the new width."""
        self._wrap()

    def _wrap(self) -> None:
        width = max(8, self.size.width)
        self._text.show_text(joined(part for line in self._lines for part in hanging(line, width)))

    def action_move(self, where: str) -> None:
        """Scroll without animation."""
        scroll = getattr(self, {"home": "scroll_home", "end": "scroll_end"}.get(where, f"scroll_{where}"))
        scroll(animate=False)


def lines(value: Any, hot: frozenset[str], *, unfolded: bool = False) -> Iterator[Content]:
    """The lines of a value."""
    for parts in _value("", value, "", "", hot, unfolded):
        yield content(parts)


def hanging(line: Content, width: int) -> Iterator[Content]:
    """A line in pieces of that width, those after the first indented below it."""
    yield line[:width]
    indent = len(line.plain) - len(line.plain.lstrip(" ▶")) + 4
    room = max(4, width - indent)
    for start in range(width, len(line.plain), room):
        yield Content.assemble(" " * indent, line[start : start + room])


def _value(
    indent: str, value: Any, key: str, comma: str, hot: frozenset[str], unfolded: bool
) -> Iterator[list[Part]]:
    marked = key in hot
    name: list[Part] = [(f"{indent}", "plain")]
    if key:
        shown = f"{printable(_cut(json.dumps(key, ensure_ascii=False), FOLDED))}: "
        name = [(f"▶{indent[1:]}" if marked and indent else indent, "bad")] if marked else name
        name.append((shown, "bad" if marked else "busy"))
    items = list(value.items()) if isinstance(value, dict) else value
    if not isinstance(value, dict | list) or not value or len(indent) > 2 * _DEEPEST:
        text, tone = _scalar(value, unfolded)
        yield [*name, (text, "warn" if marked else tone), (comma, "dim")]
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield [*name, (opening, "dim")]
    most = len(items) if unfolded else FOLDED
    for number, item in enumerate(items[:most], 1):
        inner_key, inner = (str(item[0]), item[1]) if isinstance(value, dict) else ("", item)
        after = "," if number < len(items) else ""
        yield from _value(f"{indent}  ", inner, inner_key, after, hot, unfolded)
    if len(items) > most:
        yield [(f"{indent}  … {len(items) - most} more, L unfolds", "dim")]
    yield [(f"{indent}{closing}{comma}", "dim")]


def _scalar(value: Any, unfolded: bool) -> Part:
    if isinstance(value, dict | list):
        return (
            ("{…}" if value else "{}", "dim")
            if isinstance(value, dict)
            else ("[…]" if value else "[]", "dim")
        )
    if not isinstance(value, str):
        return json.dumps(value), "warn"
    if value == "***":
        return "*** (u shows it)", "dim"
    text = json.dumps(value, ensure_ascii=False)
    return printable(_cut(text, _UNFOLDED if unfolded else FOLDED)), "ok"


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return f"{text[:most]}… ({len(text):,} characters{', L unfolds' if most == FOLDED else ''})"
