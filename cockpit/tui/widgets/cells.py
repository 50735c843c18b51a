"""The shape of a table: columns that share a width, rows of toned text clipped by terminal cells."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from cockpit.tui.marks import Tone

GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column. With `grow` it takes a share of what is left; below `least` cells of table width it is
    left out."""

    title: str
    width: int
    grow: int = 0
    right: bool = False
    least: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A row's cells, what `y` copies of it, and whether it left the filter since the list was read."""

    cells: tuple[tuple[str, Tone], ...]
    name: str = ""
    gone: bool = False


def widths(columns: Sequence[Column], total: int) -> list[int]:
    """Cells for each column; 0 for one that is left out."""
    shown = [column for column in columns if total >= column.least]
    free = total - sum(column.width for column in shown) - GAP * (len(shown) - 1)
    shares = sum(column.grow for column in shown)
    result = []
    for column in columns:
        if column not in shown:
            result.append(0)
            continue
        extra = max(0, free) * column.grow // shares if shares else 0
        result.append(column.width + extra)
    return result


def fit(value: str, width: int, *, right: bool = False) -> str:
    """Text in exactly that many cells, cut with an ellipsis."""
    length = cell_len(value)
    if length > width:
        return f"{set_cell_size(value, width - 1)}…" if width > 1 else set_cell_size(value, width)
    padding = " " * (width - length)
    return padding + value if right else value + padding
