"""Paging by offset: what every source does that has no cursor of its own."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import NamedTuple

from cockpit.terms import Page, RawItem


class Rows(NamedTuple):
    """What came for an offset: the records, the bytes that were read, and the provider's total if it says."""

    items: list[RawItem]
    size: int
    total: int | None = None


Fetch = Callable[[int, int], Awaitable[Rows]]
"""(offset, limit) -> rows."""


def another_size(size: int, at: int) -> int:
    """The size of the pages of a second look: less than `size`, and another one at another moment (ms).

    Rows that tie may be lost at the borders of pages, the same ones each time for the same borders.
    """
    return size - size // 2 + at % (size // 2)


async def pages(
    fetch: Fetch, chain: str, cursor: str | None, *, limit: int, overlap: int = 0
) -> AsyncGenerator[Page, None]:
    """Pages of at most `limit` rows until one brings nothing new; how short one is says nothing.

    Each page begins `overlap` rows before the end of the last one: rows that moved left because others were
    deleted are still seen. What is seen twice merges in the state.
    """
    offset = int(cursor) if cursor else 0
    while True:
        start = max(0, offset - overlap)
        rows = await fetch(start, limit)
        following = start + len(rows.items)
        ended = following <= offset
        next_cursor = None if ended else str(following)
        yield Page(chain, str(offset), next_cursor, rows.items, size=rows.size, total=rows.total)
        if ended:
            return
        offset = following
