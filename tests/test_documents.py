"""Documents of other people's hosts: what is fetched, and what is refused before or while it comes."""

import asyncio
import gzip

import aiohttp
import pytest
from aiohttp import web

from cockpit.transport import documents
from cockpit.transport.documents import NoDocument, fetch
from tests.servers import serving

MIB = b"x" * (1 << 20)


async def answer(request: web.Request) -> web.StreamResponse:
    match request.path:
        case "/ok":
            return web.Response(body=b"<a/>")
        case "/missing":
            return web.Response(status=404)
        case "/large":
            return web.Response(body=MIB * 50)
        case "/endless":
            stream = web.StreamResponse()
            await stream.prepare(request)
            while True:
                await stream.write(MIB)
        case "/bomb":
            return web.Response(body=gzip.compress(MIB), headers={"content-encoding": "gzip"})
        case "/silent":
            await asyncio.Event().wait()
        case "/inside":
            raise web.HTTPFound("http://10.0.0.1/metadata")
        case "/there":
            raise web.HTTPFound("/ok")
        case "/round":
            raise web.HTTPFound("/round")
    raise AssertionError(request.path)


def got(path: str, *, allow_private: bool = True, within_s: float = 30.0) -> bytes:
    async def main() -> bytes:
        async with serving(answer) as base:
            return await fetch(base + path, allow_private=allow_private, within_s=within_s)

    return asyncio.run(main())


def test_a_document_comes_as_it_is() -> None:
    assert got("/ok") == b"<a/>"


def test_a_redirect_is_followed() -> None:
    assert got("/there") == b"<a/>"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/missing", "HTTP 404"),
        ("/large", "more than 1 MB"),
        ("/endless", "more than 1 MB"),
        ("/bomb", "compressed"),
        ("/round", "more than 3 redirects"),
    ],
)
def test_what_is_refused(path: str, why: str) -> None:
    with pytest.raises(NoDocument, match=why):
        got(path)


def test_a_host_that_says_nothing_is_left() -> None:
    with pytest.raises(NoDocument, match=r"no answer within|timed out"):
        got("/silent", within_s=0.2)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://idp.localhost/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://0.0.0.0/",
    ],
)
def test_private_addresses_are_refused_however_they_are_written(url: str) -> None:
    with pytest.raises(NoDocument, match="private address"):
        asyncio.run(fetch(url))


def test_a_name_of_a_private_address_is_refused_where_it_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def resolve(self: object, host: str, port: int, family: int) -> list[dict[str, object]]:
        public = {
            "hostname": host,
            "host": "93.184.215.14",
            "port": port,
            "family": 2,
            "proto": 0,
            "flags": 0,
        }
        return [public, {**public, "host": "127.0.0.1"}]

    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", resolve)
    with pytest.raises(NoDocument, match=r"idp\.example is a private address"):
        asyncio.run(fetch("https://idp.example/metadata"))


@pytest.mark.parametrize("url", ["https://127.1/", "https://2130706433/", "https://0x7f000001/"])
def test_numbers_that_only_some_take_for_an_address_are_no_address(url: str) -> None:
    with pytest.raises(NoDocument, match=r"can't (use the address|resolve)"):
        asyncio.run(fetch(url))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://idp.example/", "not https"),
        ("ftp://idp.example/", r"not an http\(s\) address"),
        ("file:///etc/passwd", r"not an http\(s\) address"),
        ("https://", r"not an http\(s\) address"),
        ("https://[oops/", "not an address"),
        ("https://me:secret@idp.example/", "a user name or password"),
    ],
)
def test_addresses_that_are_none(url: str, why: str) -> None:
    with pytest.raises(NoDocument, match=why) as caught:
        asyncio.run(fetch(url))
    assert "secret" not in str(caught.value)


def test_a_redirect_into_a_private_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first hop is let through as if it were public; the second is not."""
    refuse = documents._refuse
    monkeypatch.setattr(
        documents, "_refuse", lambda url, allowed: None if "127.0.0.1" in url else refuse(url, allowed)
    )
    with pytest.raises(NoDocument, match=r"not https: 10\.0\.0\.1"):
        got("/inside", allow_private=False)
