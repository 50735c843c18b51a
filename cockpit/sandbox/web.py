"""JSON in and out, and the one exception by which a handler refuses."""

import json
from typing import Any

from aiohttp import web

Json = dict[str, Any]

_JSON = "application/json; charset=utf-8"
HTML_ERROR = b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>\n"


class Refused(Exception):
    """The answer that ends a request: raised anywhere below a handler, sent by the gate."""

    def __init__(self, status: int, body: Json, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer."""
    sent = {"Content-Type": _JSON}
    if headers:
        sent.update(headers)
    return web.Response(body=json.dumps(body, separators=(",", ":")).encode(), status=status, headers=sent)


def html_error() -> web.Response:
    """What a proxy in front of an API answers when the API is away: 502 and a page that is not JSON."""
    return web.Response(body=HTML_ERROR, status=502, headers={"Content-Type": "text/html"})


async def json_object(request: web.Request) -> Json | None:
    """The request's body when it is a JSON object, else None."""
    try:
        body = json.loads(await request.read())
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


async def posted(request: web.Request) -> Json:
    """The request's body, which must be a JSON object: 400 otherwise."""
    body = await json_object(request)
    if body is None:
        raise Refused(400, {"message": "the body must be a JSON object"})
    return body


def whole_number(request: web.Request, name: str, default: int) -> int | None:
    """A query parameter as a number, `default` when it is absent, None when it is not a number."""
    text = request.query.get(name)
    if text is None:
        return default
    return int(text) if text.isdecimal() else None
