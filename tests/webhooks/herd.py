"""The thundering herd, for real: a paused provider is resumed, straight to the consumer or to the tank."""

from pathlib import Path
from typing import Any

from tests.jobs.world import World
from tests.webhooks.holding import SECRET, Ends, Holding


def straight(backlog: int, limit: int, toppled_s: float, watch_s: int) -> dict[str, Any]:
    """The provider is resumed and sends all it queued; the consumer's record after so long."""
    with Ends() as ends:
        ends.call("consumer", scheme="svix", secret=SECRET, limit=limit, toppled_s=toppled_s)
        ends.call("sender", url=ends.hook, users=backlog // 5)
        ends.call("sender/events", count=backlog)
        ends.call("sender", paused=False)
        ends.until("consumer", lambda told: len(told["per_second"]) > watch_s or told["taken"] == backlog)
        ends.call("sender", paused=True)
        return dict(ends.call("consumer"))


def drained(folder: Path, backlog: int, limit: int, toppled_s: float, ramp_s: float) -> dict[str, Any]:
    """The same, but into the tank, from where it is drained at the consumer's limit."""
    with Ends() as ends:
        with Holding(folder) as tank:
            ends.call("sender", url=tank.urls["clerk"], users=backlog // 5)
            ends.call("sender/events", count=backlog)
            ends.call("sender", paused=False)
            ends.until_acknowledged(backlog)
        ends.call("consumer", scheme="svix", secret=SECRET, limit=limit, toppled_s=toppled_s)
        world = World(folder, "http://127.0.0.1:9")
        world.environment["CLERK_WEBHOOK_SECRET"] = SECRET
        job = world.run("drain", to=ends.hook, sources=["clerk"], rate=float(limit), ramp_s=ramp_s)
        assert job.result is not None and job.result["exit"] == 0, job.result
        return dict(ends.call("consumer"))
