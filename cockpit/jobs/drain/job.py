"""The drain job: what is left out, then everything else to the consumer, until nothing is held."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cockpit import settings
from cockpit.jobs.context import JobContext, Result
from cockpit.jobs.drain import choices
from cockpit.jobs.drain.choices import Choices
from cockpit.jobs.drain.consumer import Consumer
from cockpit.jobs.drain.draining import Draining
from cockpit.jobs.drain.pace import Pace
from cockpit.settings import SettingsError
from cockpit.state.database import open_readonly
from cockpit.state.tank import TANK, arrivals, beside, counts, deliveries, standing
from cockpit.state.writer import Writer
from cockpit.webhooks.signatures import Scheme, Verifier
from cockpit.webhooks.sources import BadSource, Source

ORIGINAL = "original"
"""Signed as it was when it came."""


@dataclass(frozen=True)
class Order:
    """What a drain was asked for. `rate` events a second; `sign` is original or a scheme."""

    to: str
    rate: float
    ramp_s: float
    concurrency: int
    tries: int
    slow_s: float
    timeout_s: float
    sign: str
    choices: Choices

    @classmethod
    def of(cls, args: Mapping[str, Any]) -> "Order":
        """From the job's arguments."""
        return cls(
            args["to"],
            args.get("rate", 50.0),
            args.get("ramp_s", 60.0),
            args.get("concurrency", 16),
            args.get("tries", 5),
            args.get("slow_s", 2.0),
            args.get("timeout_s", 15.0),
            args.get("sign", ORIGINAL),
            Choices(tuple(args["sources"]), bool(args.get("coalesce")), bool(args.get("skip_stale"))),
        )


async def run(context: JobContext) -> Result:
    """Drain. Exit 3 when there are dead letters. Raises SettingsError, ConsumerShut, Stopped, StateError."""
    order = Order.of(context.args)
    tank = Writer(beside(context.state), TANK)
    await tank.open()
    try:
        schemes = await tank.run(arrivals.schemes)
        signing = verifiers({name: schemes[name] for name in order.choices.sources}, order.sign)
        if again := await tank.run(deliveries.adrift, context.job):
            await context.notice(f"{again:,} were in flight when the last drain died: sent again, same ids")
        await _leave_out(context, tank, order.choices)
        return await _drain(context, tank, order, signing)
    finally:
        await tank.close()


def verifiers(schemes: Mapping[str, str], sign: str) -> dict[str, Verifier]:
    """What signs for each source. Raises SettingsError for a secret that is missing or can't be one."""
    try:
        return {
            name: _source(name, scheme, sign).verifier(settings.variable) for name, scheme in schemes.items()
        }
    except BadSource as error:
        raise SettingsError(str(error)) from None


def _source(name: str, scheme: str, sign: str) -> Source:
    known: dict[str, Scheme] = {"standard": "standard", "workos": "workos", "token": "token", "none": "none"}
    return Source(name, known[scheme]) if sign == ORIGINAL else Source(sign, known[sign])


async def _leave_out(context: JobContext, tank: Writer, chosen: Choices) -> None:
    if not chosen.any:
        return
    context.progress.waits_for("looking for what need not be sent")
    held, state = open_readonly(beside(context.state), kind=TANK), open_readonly(context.state)
    try:
        gone = 0
        for page in choices.left_out(held, state, chosen):
            await context.steering.gate()
            gone += await tank.run(
                deliveries.leave_out, {event.id: reason for event, reason in page}, context.now()
            )
    finally:
        held.close()
        state.close()
    context.progress.waits_for(None)
    await context.notice(f"{gone:,} need not be sent")


async def _drain(context: JobContext, tank: Writer, order: Order, signing: Mapping[str, Verifier]) -> Result:
    progress, clock = context.progress, context.clock
    sources = order.choices.sources
    before = await tank.run(counts.total, sources)
    progress.before, progress.total = before.of("delivered"), before.of("delivered") + before.held
    pace = Pace(order.rate, order.ramp_s, order.slow_s, clock.monotonic())
    pace.throttle(context.steering.rate)
    context.steering.on_rate = pace.throttle
    consumer = Consumer(order.to, signing, clock, order.concurrency, order.timeout_s)
    draining = Draining(
        context, tank, consumer, pace,
        to=order.to, sources=sources, concurrency=order.concurrency, tries=order.tries,
    )  # fmt: skip
    progress.ceiling = lambda: pace.rate
    progress.throttled = lambda: draining.throttled
    progress.explain = lambda: _reason(context, pace, draining)
    try:
        await draining.run()
    finally:
        await consumer.close()
        await tank.run(standing.write, draining.standing())
    dead = (await tank.run(counts.total, sources)).of("dead")
    numbers = {"delivered": progress.done, "dead": dead}
    if dead:
        return Result(
            3,
            f"{progress.done:,} delivered, {dead:,} dead letters",
            "look at them: cockpit webhooks dead",
            numbers,
        )
    return Result(
        0, f"{progress.done:,} delivered; nothing of {', '.join(sources)} is held any more", None, numbers
    )


def _reason(context: JobContext, pace: Pace, draining: Draining) -> str | None:
    wait = pace.held_until - context.clock.monotonic()
    if draining.breaker.state != "closed":
        return f"the consumer is down, breaker {draining.breaker.state}"
    if wait > 0:
        return f"the consumer asks to wait {wait:.0f} s"
    if pace.rate < pace.limit:
        return f"{pace.rate:.0f}/s of {pace.limit:g}/s"
    return f"limit {pace.limit:g}/s"
