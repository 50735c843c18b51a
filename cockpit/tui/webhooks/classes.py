"""What the tank holds, a row a class."""

from collections.abc import Mapping

from cockpit.state.tank.counts import Counts
from cockpit.tui import text
from cockpit.tui.marks import Tone
from cockpit.tui.webhooks.seen import Class
from cockpit.tui.widgets.cells import Column, Row
from cockpit.tui.widgets.lines import Part

COLUMNS = (
    Column("class", 20, grow=3),
    Column("source", 8, grow=1),
    Column("held", 8, right=True),
    Column("in flight", 9, right=True, least=120),
    Column("drained", 8, right=True),
    Column("discarded", 9, right=True),
    Column("dead", 6, right=True),
    Column("came again", 10, right=True, least=110),
)
MOST = 2_000
"""Rows; whoever finds an unsigned source can make classes without end."""


class Numbered:
    """Classes by the id of their row. A row stays where it is, whatever the numbers become."""

    def __init__(self) -> None:
        self._ids: dict[Class, int] = {}
        self._order: list[Class] = []

    def of(self, id_: int | None) -> Class | None:
        """The class of a row."""
        return next((one for one, known in self._ids.items() if known == id_), None)

    def rows(self, found: Mapping[Class, Counts]) -> dict[int, Row]:
        """Those that are known in their old order, then new ones, the most frequent first."""
        known = set(self._order)
        self._order += [one for one in found if one not in known][: MOST - len(known)]
        return {
            self._ids.setdefault(one, len(self._ids) + 1): _row(one, found[one])
            for one in self._order
            if one in found
        }

    def sort_again(self) -> None:
        """The next rows have the order of their numbers."""
        self._order.clear()


def _row(of: Class, counts: Counts) -> Row:
    source, type_ = of
    gone = counts.of("discarded") + counts.left_out
    return Row(
        (
            (text.line(type_), "strong" if counts.held else "plain"),
            (text.line(source), "dim"),
            _number(counts.held, "strong"),
            _number(counts.of("sending"), "busy"),
            _number(counts.of("delivered"), "ok"),
            _number(gone, "plain"),
            _number(counts.of("dead"), "bad"),
            _number(counts.again, "plain"),
        ),
        type_,
    )


def _number(n: int, tone: Tone) -> Part:
    return (text.number(n), tone) if n else ("-", "dim")
