"""The way out: what may be sent, what is said when it fails, how long a read is asked again."""

import asyncio
import gzip
import itertools
import logging
import socket
from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp import web

from cockpit.transport import (
    Allow,
    Forbidden,
    Lost,
    NotJson,
    Response,
    Retrying,
    TransportError,
    Unsent,
    Unwell,
    client,
    parsed,
    retry_after,
)
from tests.clocks import FakeClock
from tests.servers import raw, serving


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


async def fetch(base: str, method: str = "GET", path: str = "/x", **options: Any) -> Response:
    opened = client(base, **options)
    try:
        return await opened.request(method, path)
    finally:
        await opened.close()


def failure(base: str, **options: Any) -> TransportError:
    with pytest.raises(TransportError) as caught:
        asyncio.run(fetch(base, **options))
    return caught.value


# what may be sent


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("GET", "/api/users", True),
        ("GET", "/api/users/a|b", True),
        ("DELETE", "/api/users/a", False),
        ("POST", "/api/users", False),
        ("GET", "/api/users/a/b", False),
        ("GET", "/api/users/../secrets", False),
        ("GET", "/api/users?x=/etc", True),
    ],
)
def test_only_listed_requests_leave(method: str, path: str, sent: bool) -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.json_response({})

    async def main() -> None:
        async with serving(handler) as base:
            allow = [Allow("GET", r"/api/users(/[^/]+)?")]
            if sent:
                await fetch(base + "/prefix", method, path, allow=allow)
            else:
                with pytest.raises(Forbidden):
                    await fetch(base + "/prefix", method, path, allow=allow)

    asyncio.run(main())
    assert bool(seen) is sent


def test_credentials_go_to_no_other_host() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "http://127.0.0.2:1/x"})

    async def main() -> None:
        async with serving(handler) as base:
            assert (await fetch(base)).status_code == 302
            with pytest.raises(Forbidden):
                await fetch(base, follow_redirects=True)
            with pytest.raises(Forbidden):
                await fetch(base, path="http://127.0.0.2:1/x")

    asyncio.run(main())


def test_a_redirect_is_checked_against_the_list_again() -> None:
    async def handler(request: web.Request) -> web.Response:
        raise web.HTTPFound("/elsewhere")

    async def main() -> None:
        async with serving(handler) as base:
            with pytest.raises(Forbidden, match="/elsewhere"):
                await fetch(base, allow=[Allow("GET", "/x")], follow_redirects=True)

    asyncio.run(main())


def test_a_signed_address_is_sent_as_it_is() -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.raw_path)
        return web.Response()

    async def main() -> None:
        async with serving(handler) as base:
            await fetch(base, path="/auth0%7C1?X-Amz-Credential=AKIA%2F2026%2Bx&s=%3D")

    asyncio.run(main())
    assert seen == ["/auth0%7C1?X-Amz-Credential=AKIA%2F2026%2Bx&s=%3D"]


def test_an_address_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(Unsent, match="no http"):
        client("api.workos.com")


# what is said when it fails


def test_nothing_listens() -> None:
    error = failure(f"http://127.0.0.1:{(port := free_port())}")
    assert isinstance(error, Unsent)
    assert error.transient
    assert error.cold
    expected = f"can't connect to 127.0.0.1:{port}: connection refused; check the address and port"
    assert str(error) == expected


def test_a_name_that_does_not_resolve() -> None:
    error = failure("http://nosuch.invalid")
    assert isinstance(error, Unsent)
    assert str(error).startswith("can't resolve nosuch.invalid: ")


def test_tls_where_there_is_none() -> None:
    async def main() -> TransportError:
        async with raw(b"hello, this is not TLS\r\n") as base:
            with pytest.raises(TransportError) as caught:
                await fetch(base.replace("http:", "https:"))
            return caught.value

    error = asyncio.run(main())
    assert isinstance(error, Unsent)
    assert "TLS" in str(error)


HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"


@pytest.mark.parametrize(
    ("reply", "how", "said"),
    [
        (b"", {}, "closed the connection"),
        (b"", {"reset": True}, "connection"),
        (b"", {"stay": True}, "timed out"),
        (HEAD + b"half", {}, "half a reply"),
        (HEAD + b"half", {"stay": True}, "timed out"),
        (b"not http at all\r\n\r\n", {}, "not HTTP"),
    ],
)
def test_a_reply_that_is_lost_is_told_from_a_request_never_sent(
    reply: bytes, how: dict[str, bool], said: str
) -> None:
    async def main() -> TransportError:
        async with raw(reply, **how) as base:
            with pytest.raises(TransportError) as caught:
                await fetch(base, "POST", timeout=0.1)
            return caught.value

    error = asyncio.run(main())
    assert isinstance(error, Lost)
    assert said in str(error)
    assert "\n" not in str(error)


def test_a_body_that_breaks_off_while_streamed_is_lost() -> None:
    async def main() -> None:
        async with raw(HEAD + b"half") as base:
            opened = client(base)
            with pytest.raises(Lost):
                async with opened.stream("GET", "/x") as response:
                    assert [chunk async for chunk in opened.chunks(response)]
            await opened.close()

    asyncio.run(main())


def test_an_html_page_is_quoted_without_its_control_characters() -> None:
    response = Response(502, content=b"<html>\x1b[2J<h1>Bad gateway</h1>" + b"x" * 500)
    response.request = _request("http://gate.example/x?token=s3cret")
    response.headers["content-type"] = "text/html; charset=utf-8"
    with pytest.raises(NotJson) as caught:
        parsed(response)
    line = str(caught.value)
    assert "gate.example answered HTTP 502 where JSON was due: text/html" in line
    assert "<h1>Bad gateway" in line
    assert "\x1b" not in line
    assert "s3cret" not in line
    assert len(line) < 300


def _request(url: str) -> Any:
    import httpx

    return httpx.Request("GET", url)


def test_neither_queries_nor_headers_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def handler(request: web.Request) -> web.Response:
        return web.json_response({"answer": "s3cret"})

    async def main() -> None:
        async with serving(handler) as base:
            await fetch(base, path="/x?code=s3cret", headers={"authorization": "Bearer s3cret"})

    asyncio.run(main())
    assert "GET 127.0.0.1/x 200" in caplog.text
    assert "s3cret" not in caplog.text


# how long a read is asked again

Reply = tuple[int, dict[str, str], str]
GOOD: Reply = (200, {}, '{"good": true}')


def asked(replies: Sequence[Reply], **options: Any) -> tuple[Any, FakeClock, list[Any]]:
    """One read against a server that answers these in turn, the last one for ever."""
    clock, turn = FakeClock(), itertools.count()
    notes: list[str | None] = []

    async def handler(request: web.Request) -> web.Response:
        status, headers, body = replies[min(next(turn), len(replies) - 1)]
        return web.Response(status=status, headers=headers, text=body, content_type="application/json")

    async def main() -> Any:
        async with serving(handler) as base:
            opened = client(base)
            retrying = Retrying(clock, note=notes.append, rng=lambda: 0.0, **options)
            try:
                return (await retrying(lambda: opened.read("GET", "/x"))).json()
            except TransportError as error:
                return error
            finally:
                await opened.close()

    return asyncio.run(main()), clock, notes


@pytest.mark.parametrize("bad", [(503, {}, "down"), (500, {}, ""), (200, {}, "<html>outage</html>")])
def test_a_bad_moment_is_waited_out(bad: Reply) -> None:
    result, clock, notes = asked([bad, bad, GOOD])
    assert result == {"good": True}
    assert clock.slept == [0.5, 1.0]
    assert notes[-1] is None


def test_a_throttle_is_waited_out_as_long_as_it_asks() -> None:
    result, clock, notes = asked([(429, {"Retry-After": "7"}, "{}"), GOOD])
    assert result == {"good": True}
    assert clock.slept == [7.0]
    assert notes == ["throttled: 429, retry after 7 s", None]


def test_it_gives_up_in_time_and_says_how_long_it_tried() -> None:
    result, clock, _ = asked([(503, {}, "down")], patience_s=60)
    assert isinstance(result, Unwell)
    assert 30 < sum(clock.slept) <= 60
    assert str(result).startswith("127.0.0.1:")
    assert "answered HTTP 503: its side is not well (tried for " in str(result)


def test_a_throttle_longer_than_the_patience_is_given_up_at_once() -> None:
    result, clock, _ = asked([(429, {"Retry-After": "3600"}, "{}")], patience_s=60)
    assert isinstance(result, Unwell)
    assert clock.slept == []


def test_a_host_that_never_answered_is_given_up_sooner() -> None:
    clock = FakeClock()

    async def main() -> None:
        opened = client(f"http://127.0.0.1:{free_port()}")
        try:
            await Retrying(clock, rng=lambda: 0.0)(lambda: opened.read("GET", "/x"))
        finally:
            await opened.close()

    with pytest.raises(Unsent, match="tried for"):
        asyncio.run(main())
    assert 1 < sum(clock.slept) <= 10


def test_refusals_are_not_asked_again() -> None:
    result, clock, _ = asked([(403, {}, '{"error": "no"}'), GOOD])
    assert result == {"error": "no"}
    assert clock.slept == []


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT"}, 30.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:27:00 GMT"}, 0.0),
        ({"x-ratelimit-reset": "1792567690"}, 10.0),
        ({"x-ratelimit-reset": "1792567690", "date": "Wed, 21 Oct 2026 07:28:08 GMT"}, 2.0),
        ({"retry-after": "4", "x-ratelimit-reset": "1792567690"}, 4.0),
    ],
)
def test_what_a_reply_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, 1792567680.0) == seconds


def test_a_compressed_body_arrives_decoded() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(b'{"a":1}'), headers={"Content-Encoding": "gzip"})

    async def main() -> Response:
        async with serving(handler) as base:
            return await fetch(base)

    assert parsed(asyncio.run(main())) == {"a": 1}
