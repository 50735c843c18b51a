"""What all stores share: rows by id in order of creation, and ids by something else."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

from cockpit.sandbox.workos.paging import Page, Place, page


class Row(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str:
        """The id; those made later sort later."""


R = TypeVar("R", bound=Row)


class Table(Generic[R]):
    """Rows that are replaced and never changed, so that they can be shared."""

    def __init__(self) -> None:
        self._rows: dict[str, R] = {}
        self._order: list[str] = []

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[R]:
        return iter(self._rows.values())

    def __getitem__(self, ident: str) -> R:
        return self._rows[ident]

    def get(self, ident: str) -> R | None:
        """The row of that id."""
        return self._rows.get(ident)

    def add(self, row: R) -> None:
        """Keep a new row, whose id must be the newest."""
        self._order.append(row.id)
        self._rows[row.id] = row

    def replace(self, row: R) -> None:
        """Put the changed row in place of the old one."""
        self._rows[row.id] = row

    def remove(self, row: R) -> None:
        """Forget the row."""
        del self._rows[row.id]
        del self._order[bisect_left(self._order, row.id)]

    def page(self, place: Place, wanted: Callable[[R], bool] | None = None) -> Page[R]:
        """A part of all rows, or of those wanted."""
        return page(self._order, place, self._rows.__getitem__, wanted)


class Index:
    """Sorted ids under a key that several rows may share."""

    def __init__(self) -> None:
        self._ids: dict[str, list[str]] = {}

    def add(self, key: str, ident: str) -> None:
        """One more id under that key."""
        insort(self._ids.setdefault(key, []), ident)

    def remove(self, key: str, ident: str) -> None:
        """One less."""
        ids = self._ids[key]
        del ids[bisect_left(ids, ident)]
        if not ids:
            del self._ids[key]

    def of(self, key: str) -> Sequence[str]:
        """All ids under that key, sorted."""
        return self._ids.get(key, ())
