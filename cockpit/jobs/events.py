"""Following the target's events: from the last one that was kept to now, and on until somebody stops it.

A page, its counters and the cursor are one transaction, and an event that comes again changes nothing: so
whatever instant the process died at, none is missing and none is counted twice.
"""

from cockpit.jobs.context import JobContext, Result
from cockpit.state import events, meta
from cockpit.state.events import Standing
from cockpit.words import counted
from cockpit.workos import client
from cockpit.workos import events as api
from cockpit.workos.client import WorkOS, patiently
from cockpit.workos.events import EventsRefused, Window
from cockpit.workos.limiter import Budget, Limiter
from cockpit.workos.replies import Reply

POLL_S = 2.0
"""Between two looks when there was nothing more."""
REQUESTS_PER_60S = 600
"""A tenth of what an API key may send: an import beside it needs the rest."""
HOUR_MS = 3_600_000
RANGE_MS = api.RANGE_MS - HOUR_MS
"""The longest range asked for: clocks differ."""
OVERLAP_MS = 60_000
"""So much is read again where there is no event to go on from: clocks differ."""
LONGEST_WAIT_S = 30.0


async def run(context: JobContext) -> Result:
    """Follow until a stop; with `args` {"once": true} until there is nothing more.

    Raises SettingsError, BindingError, KeyRefused, EventsRefused, Stopped.
    """
    limits = context.settings.target
    pace = _pace(context)
    target = client.connect(limits, pace, context.clock, context.latency)
    try:
        assert limits.api_key is not None  # client.connect refuses to go without
        await context.writer.run(meta.bind_target, limits.base_url, limits.api_key.get_secret_value())
        await context.writer.run(events.prune, context.now())
        return await _Follower(context, target, await context.writer.run(events.standing)).follow()
    finally:
        await target.close()


def _pace(context: JobContext) -> Limiter:
    published = context.settings.target.requests_per_60s
    overall = Budget(min(published, REQUESTS_PER_60S), 60.0) if published else None
    pace = Limiter(context.clock, writes=None, reads=None, overall=overall)
    context.progress.throttled = lambda: pace.throttled
    context.progress.explain = lambda: pace.reason() if pace.throttled else None
    pace.waiting = lambda _: context.steering.gate()
    return pace


class _Follower:
    """Where it stands: `_known` as the state has it; `_after` the event that the next page follows."""

    def __init__(self, context: JobContext, target: WorkOS, known: Standing | None) -> None:
        self._context, self._target = context, target
        self._known = known or Standing(None, context.now() - RANGE_MS)
        self._after = self._known.cursor if context.now() - self._known.seen_until < RANGE_MS else None
        self._failures = 0

    async def follow(self) -> Result:
        """Page after page; POLL_S between two looks at the end of the log."""
        context = self._context
        if (gone := context.now() - api.KEPT_MS - self._known.seen_until) > 0:
            days = max(1, round(gone / (24 * HOUR_MS)))
            await context.notice(
                f"events of {counted(days, 'day')} are gone: the target keeps them for 90 days, and nobody "
                "followed",
                "warn",
            )
            self._known = Standing(self._known.cursor, context.now() - api.KEPT_MS + HOUR_MS)
        while True:
            await context.steering.gate()
            level = await self._step()
            if level and context.args.get("once"):
                return self._result()
            context.progress.reason = "level with the target" if level else "catching up"
            if level:
                await context.steering.sleep(POLL_S, context.clock)

    async def _step(self) -> bool:
        """One page; whether it went to the end of the log."""
        context = self._context
        asked_at = context.now()
        window = self._window(asked_at)
        reply = await patiently(lambda: api.page(self._target, window), self._wait)
        self._failures = 0
        if reply.verdict != "ok":
            return self._refused(reply, window)
        try:
            page = api.read(reply)
        except ValueError as error:
            raise EventsRefused(f"the target's events can't be read: {error}; nothing was lost") from None
        cursor = page.last or self._known.cursor
        reached = window.until or asked_at
        if page.more:
            reached = page.events[-1].at if page.events else self._known.seen_until
        self._known = Standing(cursor, max(reached, self._known.seen_until))
        context.progress.done += await context.writer.run(
            events.commit, page.events, self._known.cursor, self._known.seen_until
        )
        if window.until is not None and not page.more:
            self._after = None  # the next range begins anew
            return False
        self._after = page.last or window.after
        return not page.more

    def _window(self, now: int) -> Window:
        """What follows the last event; a range where there is none, or where it is too long ago."""
        since = self._known.seen_until - OVERLAP_MS
        if now - since < RANGE_MS:
            return Window(after=self._after) if self._after else Window(since=since)
        return Window(self._after, since, since + RANGE_MS)

    def _refused(self, reply: Reply, window: Window) -> bool:
        """An event that the target no longer knows is no reason to end: a range goes on from its time."""
        if window.after is None:
            raise EventsRefused(f"the target refuses to list events (HTTP {reply.status}: {reply.message})")
        self._after = None
        return False

    async def _wait(self, why: str) -> None:
        context = self._context
        context.progress.waits_for(f"the target does not answer ({why})")
        await context.steering.sleep(min(LONGEST_WAIT_S, 2.0**self._failures), context.clock)
        self._failures += 1
        context.progress.waits_for(None)

    def _result(self) -> Result:
        fresh = self._context.progress.done
        return Result(0, f"{fresh:,} new events; nothing more at the target", None, {"events": fresh})
