"""Lines of styled text that look the same in every pane."""

from collections.abc import Iterable, Iterator, Sequence

from textual.content import Content

from cockpit.tui import text
from cockpit.tui.marks import STYLES, Tone

Part = tuple[str, Tone]
"""Text and its tone."""


_GAP = "   "


def content(parts: Iterable[Part]) -> Content:
    """One line from its parts. Nothing in them is read as markup."""
    return Content.assemble(*((part, STYLES[tone]) for part, tone in parts))


def joined(lines: Iterable[Content]) -> Content:
    """Several lines."""
    return Content("\n").join(list(lines))


def apart(left: Iterable[Part], right: Iterable[Part], width: int) -> Content:
    """A line with its two ends at the edges; the left one is cut where both don't fit."""
    start, end = content(left), content(right)
    room = max(0, width - end.cell_length - (1 if end.cell_length else 0))
    if start.cell_length > room:
        start = start.truncate(room, ellipsis=True)
    return Content.assemble(start, " " * (width - start.cell_length - end.cell_length), end)


def progress(fraction: float, width: int, tone: Tone = "busy") -> list[Part]:
    """A bar and its percentage."""
    figure = f" {text.percent(fraction):>7}"
    filled, rest = text.bar(fraction, max(4, width - len(figure)))
    return [(filled, tone), (rest, "dim"), (figure, "strong")]


def packed(label: Part, units: Iterable[Sequence[Part]], width: int) -> Iterator[Content]:
    """Units behind a label, as many to a line as fit whole; further lines are indented below."""
    indent = len(label[0])
    line: list[Part] = [label]
    used = indent
    for unit in units:
        length = sum(len(part) for part, _ in unit)
        if used > indent and used + len(_GAP) + length > width:
            yield content(line)
            line, used = [(" " * indent, "plain")], indent
        if used > indent:
            line.append((_GAP, "plain"))
            used += len(_GAP)
        line += unit
        used += length
    yield content(line)
