"""Pages of Cognito's lists: shorter than asked for though more is to come, and tokens bound to a request."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import TypeVar

from cockpit.sandbox.web import Json, Refused

T = TypeVar("T")

LIMIT_MOST = 60


def error(kind: str, message: str) -> Json:
    """An error as JSON 1.1 words it."""
    return {"__type": kind, "message": message}


def page(body: Json, key: str, asked: str, found: Sequence[T]) -> tuple[Sequence[T], Json]:
    """A part of what was found, and the token of the next under `key` when there is one.

    `asked` stands for the parameters that a token is bound to. Filtering comes after paging at Cognito, so
    that some pages are short.
    """
    limit = body.get("Limit", LIMIT_MOST)
    if not isinstance(limit, int) or not 0 <= limit <= LIMIT_MOST:
        message = f"Value at 'limit' must be less than or equal to {LIMIT_MOST}"
        raise Refused(400, error("InvalidParameterException", message))
    start = _place(body.get(key), asked)
    end = start + max(1, limit - (start * 7 + len(found)) % 13)
    return found[start:end], {key: _token(end, asked)} if end < len(found) else {}


def _token(place: int, asked: str) -> str:
    return base64.b64encode(json.dumps([place, asked]).encode()).decode()


def _place(token: object, asked: str) -> int:
    """Where a token goes on; it is bound to the parameters it was made with."""
    if not token:
        return 0
    try:
        place, made_with = json.loads(base64.b64decode(str(token)))
    except (binascii.Error, ValueError):
        place, made_with = None, None
    if not isinstance(place, int) or made_with != asked:
        raise Refused(400, error("InvalidParameterException", "Invalid pagination token"))
    return place
