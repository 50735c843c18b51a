"""The target's own webhooks: off before the import, on at the tank to verify that events flow."""

from collections.abc import Sequence

from cockpit.jobs.context import JobContext
from cockpit.jobs.webhooks import remote
from cockpit.jobs.webhooks.found import Found, keep, standing, watched
from cockpit.jobs.webhooks.legacy import AGAIN
from cockpit.state import event_flow as both_ways
from cockpit.state.tank import tap
from cockpit.terms import FOLLOWED
from cockpit.words import counted
from cockpit.workos.webhook_endpoints import Endpoint, Endpoints

CANARY_S = 30.0
"""So long a canary's event is looked for; how soon WorkOS shows one is UNVERIFIED."""
POLL_S = 1.0
SKEW_MS = 60_000
"""Clocks differ by so much."""


async def off(context: JobContext) -> Found:
    """Switch every endpoint off, then let a canary's event show that nothing is sent any more."""
    async with remote.endpoints(context) as at:
        before = await at.listed()
        chosen = [one for one in before if one.on]
        began = context.now()
        await remote.turn_endpoints(context, at, chosen, on=False)
        found = await at.listed()
        if left := [one for one in found if one.on]:
            return Found("refuted", f"on again, or still: {_named(left)}", (AGAIN,))
        event = await _canary(context, at, began)
    if event is None:
        return Found(None, f"a canary's event is not in /events after {CANARY_S:.0f} s", (AGAIN,))
    heard = tap.ask(context.state, lambda connection: tap.heard(connection, began, target=True))
    if heard is not None and not heard.silent:
        return Found("refuted", "all are off, but the tank was sent something by WorkOS", (AGAIN,))
    says = f"WorkOS shows {counted(len(found), 'endpoint')}, none of them on"
    detail = {"turned": [one.id for one in chosen], "canary": event}
    return Found("proven", f"{says}; a canary's event is in /events only", detail=detail)


async def _canary(context: JobContext, at: Endpoints, since: int) -> str | None:
    """The id of an event made now, once /events shows it; what it was made with is deleted again."""
    canary = await at.fly(f"cockpit canary {context.now()}")
    try:
        ends = context.clock.monotonic() + CANARY_S
        while (event := await at.seen(canary, since - SKEW_MS)) is None:
            if context.clock.monotonic() >= ends:
                return None
            await context.steering.sleep(POLL_S, context.clock)
        return event
    finally:
        await at.land(canary)


async def event_flow(context: JobContext) -> Found:
    """Compare what the tank is sent by WorkOS with what the follower of its events keeps."""
    async with remote.endpoints(context) as at:
        endpoints = await at.listed()
        there = [one for one in endpoints if remote.at_tank(context, one.url)]
        dark = [one for one in there if not one.on]
        if not there:
            return Found(None, "no endpoint of WorkOS goes to the tank", _to_the_tank(context))
        if dark:
            await remote.turn_endpoints(context, at, dark, on=True)
    if (await standing(context, "workos_off")).valid:
        await keep(context, "workos_off", "refuted", f"on again, at the tank: {_named(there)}", {})
    began = await watched(context, "event_flow")
    if began is None or dark:
        detail = {"endpoints": [one.id for one in there]}
        began = await keep(context, "event_flow", "watching", f"on, at the tank: {_named(there)}", detail)
    compared = await context.writer.run(both_ways.compared, context.state, began.at, context.now())
    if compared is None:
        return Found(None, "no tank takes webhooks of WorkOS", _to_the_tank(context))
    if compared.flows:
        left_off = [one for one in endpoints if not one.on and one not in dark]
        return Found("proven", compared.words(), _left_off(left_off), compared.numbers())
    return Found(
        None,
        compared.words(),
        (
            "follow the events and let somebody sign in: cockpit events",
            "look at: cockpit webhooks flow",
            AGAIN,
        ),
    )


def _left_off(found: Sequence[Endpoint]) -> tuple[str, ...]:
    """Endpoints that go elsewhere stay off: whether WorkOS sends what happened meanwhile is UNVERIFIED."""
    if not found:
        return ()
    when = (
        "on again is for you to say, in WorkOS's dashboard, one by one: it may send what happened meanwhile"
    )
    return (f"still off: {_named(found)}; {when}",)


def _named(found: Sequence[Endpoint]) -> str:
    return ", ".join(f"{one.id} {one.url}" for one in found)


def _to_the_tank(context: JobContext) -> tuple[str, ...]:
    tank = context.settings.webhooks.tank_url
    if not tank:
        return ("set [webhooks] tank_url to the address where WorkOS reaches the tank", AGAIN)
    return (
        "keep a tank up that takes them: cockpit webhooks hold --source workos",
        f"make an endpoint {tank.rstrip('/')}/workos in WorkOS's dashboard for {', '.join(FOLLOWED[:2])} and "
        "so on, and give its secret to the tank as WORKOS_WEBHOOK_SECRET",
        AGAIN,
    )
