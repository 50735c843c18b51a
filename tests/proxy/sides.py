"""Stand-ins for the two sides, on loopback: each begins logins, and refuses answers to those of the other."""

import asyncio
import itertools
import threading
from collections import Counter
from collections.abc import Callable
from typing import Self
from urllib.parse import urlencode

from aiohttp import web

from cockpit.rollout import saml_head
from cockpit.rollout.route import Side
from tests.proxy import messages

_numbers = itertools.count(1)


class Party:
    """One side: what it began, and which answers it took."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.begun: set[str] = set()
        self.taken: Counter[str] = Counter()
        self.requests: list[web.Request] = []
        self.bodies: list[bytes] = []
        self.port = 0
        self.answer: Callable[[web.Request], web.StreamResponse] | None = None

    def begin(self, connection: str) -> str:
        """Where a browser is sent to: to the connection's IdP, by its protocol."""
        ident = f"_{self.side}{next(_numbers)}"
        self.begun.add(ident)
        if connection.startswith("oidc"):
            query = {"client_id": "c", "response_type": "code", "state": ident}
        else:
            query = {"SAMLRequest": messages.request(ident), "RelayState": "/home"}
        return f"https://idp.test/{connection}?{urlencode(query)}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request."""
        self.requests.append(request)
        body = await request.read()
        self.bodies.append(body)
        if self.answer is not None:
            return self.answer(request)
        if request.path == "/sso/authorize":
            connection = request.query["connection"].removeprefix("conn_")
            return web.Response(status=302, headers={"Location": self.begin(connection)})
        parts = request.path.split("/")
        if parts[-1] == "login":
            return web.Response(status=302, headers={"Location": self.begin(parts[2])})
        if parts[-1] == "acs" and request.method == "POST":
            try:
                form = await request.post()
                head = saml_head.of_field(str(form["SAMLResponse"]).encode())
            except (KeyError, ValueError):
                return web.Response(status=403, text=f"{self.side}: no response")
            return self._take(head.id, head.in_response_to)
        if parts[-1] == "callback" and "state" in request.query:
            return self._take(request.query["state"], request.query["state"])
        return web.Response(text=self.side)

    def _take(self, ident: str, answered: str | None) -> web.Response:
        self.taken[ident] += 1
        if answered is not None and answered not in self.begun:
            return web.Response(status=403, text=f"{self.side}: not begun here")
        return web.Response(text=f"{self.side}: in")


class Sides:
    """Both sides, in a thread of their own."""

    def __init__(self) -> None:
        self.legacy = Party("legacy")
        self.workos = Party("workos")

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve(started)))
        self._thread.start()
        assert started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        self._loop.close()

    @property
    def twice(self) -> set[str]:
        """Answers that both sides saw."""
        return self.legacy.taken.keys() & self.workos.taken.keys()

    async def _serve(self, started: threading.Event) -> None:
        runners = []
        for party in (self.legacy, self.workos):
            app = web.Application(client_max_size=1 << 21)
            app.router.add_route("*", "/{path:.*}", party.handle)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            party.port = runner.addresses[0][1]
            runners.append(runner)
        started.set()
        await self._ended.wait()
        for runner in runners:
            await runner.cleanup()
