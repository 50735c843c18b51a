"""Which connections are on the screen, and in which order: both stay as they are until a person asks."""

from collections.abc import Callable, Mapping, Sequence

from cockpit.connections.board import COLUMNS
from cockpit.jobs.rollout.overview import Line
from cockpit.state.browse import Field, Term, parse
from cockpit.tui.rollout.board import Board

FIELDS: Mapping[str, Callable[[Line], str]] = {
    "board": lambda line: line.column,
    "state": lambda line: line.flip.stage if line.flip is not None else "",
    "wave": lambda line: line.wave or "",
    "health": lambda line: line.weighed.judged.verdict if line.weighed is not None else "",
    "idp": lambda line: line.row.described.idp or "",
}
"""What a filter can name beside words."""
_NAMED = {name: Field(name) for name in FIELDS}

FAR = 1 << 40


def _organization(line: Line) -> tuple[object, ...]:
    return (line.row.described.route.organization.casefold(), line.connection)


ORDERS: Mapping[str, Callable[[Line], tuple[object, ...]]] = {
    "organization": _organization,
    "state": lambda line: (-COLUMNS.index(line.column), *_organization(line)),
    "users": lambda line: (-line.row.described.users, *_organization(line)),
    "days": lambda line: (FAR if (days := line.certificate_days) is None else days, *_organization(line)),
    "failures": lambda line: (-_failures(line), *_organization(line)),
}
"""The orders of the board, the first to begin with."""


def _failures(line: Line) -> int:
    return line.weighed.evidence.failed + line.weighed.evidence.timed_out if line.weighed is not None else 0


class Shown:
    """The rows: each connection has a number from when it is first seen, the same for as long as the pane is.

    `take` brings new ones to the end; `arrange` filters and sorts anew.
    """

    def __init__(self) -> None:
        self.filter = ""
        self.order = next(iter(ORDERS))
        self.rows: list[str] = []
        self._seen: set[str] = set()
        self._numbers: dict[str, int] = {}
        self._names: dict[int, str] = {}

    def number(self, ident: str) -> int:
        """The number of a connection."""
        if ident not in self._numbers:
            self._numbers[ident] = len(self._numbers) + 1
            self._names[self._numbers[ident]] = ident
        return self._numbers[ident]

    def ident(self, number: int | None) -> str | None:
        """The connection of a number."""
        return self._names.get(number) if number is not None else None

    def take(self, board: Board) -> Sequence[Line]:
        """The rows as they are now."""
        there = {line.connection: line for line in board.lines}
        if not self._seen:
            self.arrange(board)
        self.rows = [ident for ident in self.rows if ident in there]
        fresh = [line for line in board.lines if line.connection not in self._seen]
        self.rows += [line.connection for line in fresh if self._matches(line)]
        self._seen |= there.keys()
        return [there[ident] for ident in self.rows]

    def arrange(self, board: Board) -> None:
        """Filter and sort by what is known now."""
        matching = [line for line in board.lines if self._matches(line)]
        self.rows = [line.connection for line in sorted(matching, key=ORDERS[self.order])]
        self._seen = {line.connection for line in board.lines}

    def next_order(self) -> None:
        """Take the next order."""
        orders = list(ORDERS)
        self.order = orders[(orders.index(self.order) + 1) % len(orders)]

    def _matches(self, line: Line) -> bool:
        return all(_holds(term, line) != term.negated for term in parse(self.filter, _NAMED))


def _holds(term: Term, line: Line) -> bool:
    value = term.value.casefold()
    if term.field:
        return value in FIELDS[term.field](line).casefold()
    described = line.row.described
    words = (line.connection, described.name, described.route.organization, described.domains)
    return any(value in word.casefold() for word in words)
