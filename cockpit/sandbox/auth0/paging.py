"""The two ways in which the Management API pages: by offset, up to 1,000 rows, and by checkpoint."""

import base64
import binascii
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import TypeVar

from aiohttp import web

from cockpit.sandbox.auth0.api import refused
from cockpit.sandbox.web import Json, Refused, whole_number

T = TypeVar("T")

PER_PAGE_DEFAULT, PER_PAGE_MOST = 50, 100
"""Of both ways; that `take` has the same most is a guess, no document says it."""
CAP = 1000


def bad_request(message: str, code: str) -> Refused:
    """400 as the Management API words it."""
    return refused(400, "Bad Request", message, code)


def by_offset(request: web.Request) -> tuple[int, int]:
    """The place of the first row that page and per_page ask for, and how many rows."""
    page, per_page = whole_number(request, "page", 0), whole_number(request, "per_page", PER_PAGE_DEFAULT)
    if page is None or per_page is None or not 1 <= per_page <= PER_PAGE_MOST:
        raise bad_request(f"per_page must be between 1 and {PER_PAGE_MOST}", "invalid_query_string")
    if (page + 1) * per_page > CAP:
        message = f"Requesting page exceeds the allowed maximum of {CAP} records"
        raise bad_request(message, "invalid_paging")
    return page * per_page, per_page


def offset_page(request: web.Request, key: str, found: Sequence[T], show: Callable[[T], Json]) -> object:
    """A page: the bare rows, or with include_totals under `key` beside totals, which stop at the cap too."""
    start, limit = by_offset(request)
    rows = [show(one) for one in found[start : start + limit]]
    if request.query.get("include_totals", "false").lower() != "true":
        return rows
    total = min(len(found), CAP)
    return {"start": start, "limit": limit, "length": len(rows), "total": total, key: rows}


def page(
    request: web.Request, key: str, found: Sequence[T], keys: Sequence[int], show: Callable[[T], Json]
) -> object:
    """By checkpoint when `take` or `from` is given: rows under `key`, with `next` unless they are the last.

    `keys` grow with the rows: a checkpoint stays right when rows come and go.
    """
    if not request.query.keys() & {"take", "from"}:
        return offset_page(request, key, found, show)
    take = whole_number(request, "take", PER_PAGE_DEFAULT)
    if take is None or not 1 <= take <= PER_PAGE_MOST:
        raise bad_request(f"take must be between 1 and {PER_PAGE_MOST}", "invalid_query_string")
    start = bisect_left(keys, _key(request.query["from"])) if "from" in request.query else 0
    end = start + take
    body: Json = {key: [show(one) for one in found[start:end]]}
    if end < len(found):
        body["next"] = base64.urlsafe_b64encode(f"from {keys[end]}".encode()).decode()
    return body


def _key(checkpoint: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(checkpoint).decode().removeprefix("from "))
    except (binascii.Error, ValueError):
        raise bad_request(f"Invalid from: {checkpoint}", "invalid_query_string") from None
