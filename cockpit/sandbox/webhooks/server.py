"""One process with both ends: POST /hook is the consumer; /_sandbox/sender and /_sandbox/consumer steer."""

import asyncio
import json
import os
import signal
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from aiohttp import web

from cockpit.sandbox.clock import Clock
from cockpit.sandbox.web import Json, Refused, answer, posted
from cockpit.sandbox.webhooks.consumer import Consumer
from cockpit.sandbox.webhooks.sender import Sender

HOST = "127.0.0.1"
SENDER = ("url", "scheme", "secret", "users", "connections", "padding", "paused")
CONSUMER = (
    "limit", "toppled_s", "scheme", "secret", "latency_s", "refuse_users", "refuse_status", "retry_after",
)  # fmt: skip


class Ends:
    """The two ends and what is asked of them."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.sender, self.consumer = Sender(clock), Consumer(clock)

    def app(self) -> web.Application:
        """The application."""
        app = web.Application(client_max_size=1 << 20, middlewares=[_refusals])
        app.add_routes(
            [
                web.post("/hook", self.hook),
                web.get("/_sandbox/consumer", self.consumed),
                web.post("/_sandbox/consumer", self.configure),
                web.get("/_sandbox/consumer/order", self.order),
                web.post("/_sandbox/consumer/reset", self.reset),
                web.get("/_sandbox/sender", self.sent),
                web.post("/_sandbox/sender", self.steer),
                web.get("/_sandbox/sender/acknowledged", self.acknowledged),
                web.post("/_sandbox/sender/events", self.happen),
            ]
        )
        app.on_cleanup.append(self._close)
        return app

    async def hook(self, request: web.Request) -> web.Response:
        """The consumer's endpoint."""
        status = await self.consumer.take(request.headers, await request.read())
        wait = self.consumer.retry_after
        headers = {"Retry-After": str(wait)} if status == 503 and wait is not None else None
        return web.Response(status=status, headers=headers)

    async def consumed(self, request: web.Request) -> web.Response:
        """What the consumer was sent."""
        return answer(self.consumer.record())

    async def order(self, request: web.Request) -> web.Response:
        """Ids in the order in which they were taken."""
        return answer(self.consumer.order)

    async def configure(self, request: web.Request) -> web.Response:
        """Set how the consumer behaves; what it remembers stays."""
        _set(self.consumer, CONSUMER, await posted(request))
        return answer(self.consumer.record())

    async def reset(self, request: web.Request) -> web.Response:
        """A consumer that remembers nothing and has no limit."""
        self.consumer = Consumer(self.clock)
        return answer(self.consumer.record())

    async def sent(self, request: web.Request) -> web.Response:
        """How the sender stands."""
        return answer(self._standing())

    async def acknowledged(self, request: web.Request) -> web.Response:
        """Ids that were answered 2xx, in that order."""
        return answer(self.sender.acknowledged)

    async def steer(self, request: web.Request) -> web.Response:
        """Set where and how the sender sends; `paused` false lets the queue go."""
        told = await posted(request)
        _set(self.sender, SENDER, told)
        if not self.sender.paused:
            self.sender.resume()
        return answer(self._standing())

    async def happen(self, request: web.Request) -> web.Response:
        """{"count"}: so many events happen."""
        self.sender.happen(int((await posted(request)).get("count", 1)))
        return answer(self._standing())

    def _standing(self) -> Json:
        sender = self.sender
        return {
            "paused": sender.paused,
            "queued": sender.queued,
            "attempts": sender.attempts,
            "acknowledged": len(sender.acknowledged),
        }

    async def _close(self, app: web.Application) -> None:
        await self.sender.close()


def _set(end: Any, allowed: tuple[str, ...], told: Json) -> None:
    known = {field.name for field in fields(end)}.intersection(allowed)
    for name, value in told.items():
        if name not in known:
            raise Refused(400, {"message": f"no switch {name!r}; there are {', '.join(sorted(known))}"})
        setattr(end, name, frozenset(value) if isinstance(value, list) else value)


@web.middleware
async def _refusals(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        response: web.StreamResponse = await handler(request)
    except Refused as refused:
        return answer(refused.body, refused.status, refused.headers)
    return response


async def serve(port: int, announce: Callable[[str], None]) -> None:
    """Serve on loopback until SIGTERM or SIGINT; `announce` is given one line when it listens."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    runner = web.AppRunner(Ends(Clock()).app(), access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port, backlog=2048).start()
        base_url = f"http://{HOST}:{runner.addresses[0][1]}"
        announce(json.dumps({"event": "listening", "base_url": base_url, "pid": os.getpid()}))
        await stopped.wait()
    finally:
        await runner.cleanup()
