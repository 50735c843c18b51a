"""Cursors: the lists of WorkOS, which a limit, an order and an id lead through (OpenAPI: PaginationOrder)."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Generic, Literal, NamedTuple, TypeVar

from aiohttp import web

from cockpit.sandbox.web import Json, whole_number
from cockpit.sandbox.workos.errors import unprocessable

T = TypeVar("T")

Order = Literal["asc", "desc", "normal"]

PAGE_DEFAULT, PAGE_MOST = 10, 100
_ORDERS: dict[str, Order] = {"asc": "asc", "desc": "desc", "normal": "normal"}


class Place(NamedTuple):
    """Which part of a list is asked for; a cursor is an id, and may be that of something deleted since."""

    limit: int = PAGE_DEFAULT
    order: Order = "desc"
    after: str | None = None
    before: str | None = None


class Page(NamedTuple, Generic[T]):
    """A part of a list and the ids that lead on in both directions."""

    items: list[T]
    before: str | None
    after: str | None


def place(request: web.Request) -> Place:
    """The part that the request asks for; 422 when it asks for too much or in no known order."""
    query = request.query
    limit = whole_number(request, "limit", PAGE_DEFAULT)
    if limit is None or not 1 <= limit <= PAGE_MOST:
        raise unprocessable(("limit", f"must be between 1 and {PAGE_MOST}"))
    order = _ORDERS.get(query.get("order", "desc"))
    if order is None:
        raise unprocessable(("order", "must be asc, desc or normal"))
    return Place(limit, order, query.get("after"), query.get("before"))


def listed(request: web.Request, name: str) -> set[str]:
    """The values of a query parameter that is a list: separated by commas, repeated, or both."""
    query = request.query
    parts = [*query.getall(name, []), *query.getall(f"{name}[]", [])]
    return {value for part in parts for value in part.split(",") if value}


def envelope(page: Page[T], as_json: Callable[[T], Json]) -> Json:
    """The list object of the API."""
    return {
        "object": "list",
        "data": [as_json(item) for item in page.items],
        "list_metadata": {"before": page.before, "after": page.after},
    }


def page(
    ids: Sequence[str], at: Place, find: Callable[[str], T], wanted: Callable[[T], bool] | None = None
) -> Page[T]:
    """That part of the rows of sorted ids, or of those wanted.

    Rows are looked up from the cursor on, only as many as the page takes and those between not wanted.
    """

    def rows(places: range) -> Iterator[tuple[str, T]]:
        pairs = ((ids[number], find(ids[number])) for number in places)
        return pairs if wanted is None else (pair for pair in pairs if wanted(pair[1]))

    ascending, normal = at.order == "asc", at.order == "normal"
    # In "normal" order the newest come first as in "desc", but `before` leads to older ones.
    after, before = (at.before, at.after) if normal else (at.after, at.before)
    upward = ascending == (after is not None or before is None)
    cursor = before if after is None else after
    if cursor is None:
        cut = 0 if upward else len(ids)
    else:
        cut = bisect_right(ids, cursor) if upward else bisect_left(ids, cursor)
    newer, older = range(cut, len(ids)), range(cut - 1, -1, -1)
    ahead, behind = (newer, older) if upward else (older, newer)
    found = list(islice(rows(ahead), at.limit + 1))
    more = len(found) > at.limit
    del found[at.limit :]
    if not found:
        return Page([], None, None)
    passed = next(rows(behind), None) is not None
    if upward != ascending:
        found.reverse()
        more, passed = passed, more
    first = found[0][0] if passed else None
    last = found[-1][0] if more else None
    items = [row for _, row in found]
    return Page(items, last, first) if normal else Page(items, first, last)
