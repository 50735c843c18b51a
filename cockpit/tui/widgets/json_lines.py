"""The lines of a JSON value: one key a line, long values folded, offending fields marked, all wrapped."""

import json
from collections.abc import Iterator
from itertools import accumulate, takewhile
from typing import Any

from rich.cells import cell_len, get_character_cell_size

from cockpit.rules.mask import printable
from cockpit.tui.widgets.lines import Part

Line = tuple[Part, ...]

FOLDED = 120
"""Characters of a value, and items of a list, that are shown while it is folded."""
_DEEPEST = 24
_LEAST = 4
"""Cells of a piece that are never indentation."""
_UNFOLDED = 20_000


def lines(value: Any, hot: frozenset[str], *, unfolded: bool = False) -> Iterator[Line]:
    """The lines of a value; the fields of `hot` are marked."""
    for parts in _value("", value, "", "", hot, unfolded):
        yield tuple(parts)


def plain(line: Line) -> str:
    """The characters of a line."""
    return "".join(text for text, _ in line)


def divided(line: Line, at: int) -> tuple[Line, Line]:
    """A line in two, the first of that many characters."""
    left: list[Part] = []
    for number, (text, tone) in enumerate(line):
        if len(text) > at:
            return (*left, (text[:at], tone)), ((text[at:], tone), *line[number + 1 :])
        left.append((text, tone))
        at -= len(text)
    return line, ()


def hanging(line: Line, width: int) -> Iterator[Line]:
    """A line in pieces of at most that many cells, those after the first indented below it."""
    text = plain(line)
    if cell_len(text) <= width:
        yield line
        return
    indent = min(len(text) - len(text.lstrip(" ▶")) + 4, width - _LEAST)
    piece, rest = divided(line, _fitting(text, width))
    yield piece
    while rest:
        piece, rest = divided(rest, _fitting(plain(rest), width - indent))
        yield ((" " * indent, "plain"), *piece)


def _fitting(text: str, cells: int) -> int:
    """How many characters fit, one at least."""
    widths = accumulate(map(get_character_cell_size, text))
    count = sum(1 for _ in takewhile(lambda width: width <= cells, widths))
    while count > 1 and cell_len(text[:count]) > cells:  # a variation selector widens what it follows
        count -= 1
    return max(1, count)


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
