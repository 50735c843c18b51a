"""What every request passes: counting, faults, the key, the limits; refusals become answers here."""

import asyncio
from contextvars import ContextVar
from email.utils import formatdate
from http import HTTPStatus
from itertools import count
from secrets import token_hex

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from cockpit.sandbox.faults import Fault
from cockpit.sandbox.limits import Kind
from cockpit.sandbox.standins import StandIn
from cockpit.sandbox.web import Json, Refused, answer, html_error
from cockpit.sandbox.workos import errors
from cockpit.sandbox.world import World

Side = StandIn | None
"""Who answers: a source, or None for WorkOS."""

reply_is_lost = ContextVar("reply_is_lost", default=False)
"""True in a handler whose reply will be lost: a streamed body stops in the middle."""

_KEYLESS = ("/user_management/authenticate", "/sso/")
"""What checks the key in its body, or is asked by browsers, which have none."""
_NOT_JSON = b"<!doctype html><title>Sign in</title><p>Your session has ended.</p>\n"


def gate(world: World, source: StandIn | None) -> Middleware:
    """The only middleware."""
    serial = count(1)
    process = token_hex(4)

    @web.middleware
    async def pass_through(request: web.Request, handler: Handler) -> web.StreamResponse:
        first = request.path.split("/", 2)[1]
        world.last_request = world.clock.monotonic()
        if first == "_sandbox":
            world.requests["control"] += 1
            return await _refusals_answered(request, handler, None)
        side = source if source is not None and first in source.prefixes else None
        kind = _kind(request, side)
        world.requests[f"workos_{kind}" if side is None else world.config.source] += 1
        response = await _through_faults(world, request, handler, side, kind)
        if side is None and not response.prepared:
            response.headers["X-Request-ID"] = f"{process}-{next(serial):012x}"
        if world.switches.skew_s and not response.prepared:
            response.headers["Date"] = formatdate(world.clock.now() + world.switches.skew_s, usegmt=True)
        return response

    return pass_through


def _kind(request: web.Request, side: Side) -> Kind:
    if side is None and request.path.startswith("/user_management/"):
        return "read" if request.method == "GET" else "write"
    if side is None and request.path.startswith("/organizations/") and request.method == "DELETE":
        return "organization_delete"
    return "other"


async def _through_faults(
    world: World, request: web.Request, handler: Handler, side: Side, kind: Kind
) -> web.StreamResponse:
    switches = world.switches
    if switches.latency_ms:
        await world.clock.sleep(switches.latency_ms / 1000)
    if side is None and switches.down:
        return _unavailable(side)
    if side is None and switches.html_error:
        switches.html_error -= 1
        return html_error()
    if side is not None and switches.refuse:
        if switches.refuse_after <= 0:
            return _refusal(world, side, switches.refuse)
        switches.refuse_after -= 1
    if side is not None and switches.bad_page:
        switches.bad_page -= 1
        return web.Response(body=_NOT_JSON, headers={"Content-Type": "text/html"})
    if side is None and switches.lose_reply and request.method != "GET":
        switches.lose_reply -= 1
        fault: Fault | None = Fault.LOST
    else:
        fault = world.faults.draw(world.clock.monotonic())
    match fault:
        case Fault.UNAVAILABLE:
            return _unavailable(side)
        case Fault.HTML:
            return html_error()
        case Fault.BURST:
            return _too_many(world, side)
        case Fault.RESET:
            return _cut(request)
        case Fault.SLOW:
            await world.clock.sleep(world.faults.delay())
        case Fault.LOST if side is None and switches.linger_ms:
            # What was sent is here; the caller is gone before anything is done with it, but it is done.
            await request.read()
            cut = _cut(request)
            await asyncio.shield(_lingering(world, request, handler, side, kind))
            return cut
        case Fault.LOST:
            lost = reply_is_lost.set(True)
            response = await _admitted(world, request, handler, side, kind)
            reply_is_lost.reset(lost)
            _cut(request)
            return response
    return await _admitted(world, request, handler, side, kind)


async def _lingering(world: World, request: web.Request, handler: Handler, side: Side, kind: Kind) -> None:
    await world.clock.sleep(world.switches.linger_ms / 1000)
    await _admitted(world, request, handler, side, kind)


async def _admitted(
    world: World, request: web.Request, handler: Handler, side: Side, kind: Kind
) -> web.StreamResponse:
    if side is None:
        if not request.path.startswith(_KEYLESS) and not _has_key(world, request):
            return _sent(errors.unauthorized())
        wait = world.budgets.admit(kind, world.clock.monotonic())
        if wait:
            return _sent(errors.too_many(wait))
    return await _refusals_answered(request, handler, side)


async def _refusals_answered(request: web.Request, handler: Handler, side: Side) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as refused:
        return _sent(refused)
    except web.HTTPException as error:
        # The router's own 404 and 405.
        return answer(_body(side, error.status, error.reason, error.reason), error.status)


def _has_key(world: World, request: web.Request) -> bool:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return scheme == "Bearer" and key in world.keys


def _sent(refused: Refused) -> web.Response:
    return answer(refused.body, refused.status, refused.headers)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _unavailable(side: Side) -> web.Response:
    return answer(_body(side, 503, "Service Unavailable", "The service is not available."), 503)


def _refusal(world: World, side: StandIn, status: int) -> web.Response:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _sent(side.throttled(world))
    if status == HTTPStatus.UNAUTHORIZED and side.expired is not None:
        return _sent(side.expired())
    name = HTTPStatus(status).phrase
    return answer(side.error(status, name, f"{name}."), status)


def _too_many(world: World, side: Side) -> web.Response:
    if side is not None:
        return _sent(side.throttled(world))
    world.budgets.refused["burst"] += 1
    return _sent(errors.too_many(1))


def _body(side: Side, status: int, name: str, message: str) -> Json:
    """An error as that side words it."""
    return {"message": message} if side is None else side.error(status, name, message)
