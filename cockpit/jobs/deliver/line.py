"""The line to the target: questions asked until there is an answer, waits that end at a stop."""

from collections.abc import Awaitable, Callable

from cockpit.clock import Clock
from cockpit.jobs.breaker import Breaker
from cockpit.jobs.context import Steering
from cockpit.workos.client import KeyRefused, WorkOS, patiently
from cockpit.workos.replies import Reply


class Line:
    """Shared by all deliveries of a run. `refused` is set once the target has refused the key."""

    def __init__(self, target: WorkOS, breaker: Breaker, steering: Steering, clock: Clock) -> None:
        self.target, self.breaker, self.steering, self.clock = target, breaker, steering, clock
        self.refused: KeyRefused | None = None

    def refuse(self, error: KeyRefused) -> None:
        """Note that the key is refused: a reason to stop the job."""
        self.refused = error
        self.steering.stop()

    async def sleep(self, seconds: float) -> None:
        """Wait. Raises Stopped."""
        await self.steering.sleep(seconds, self.clock)

    async def ask(self, call: Callable[[], Awaitable[Reply]]) -> Reply:
        """Ask until there is an answer that means something. Raises KeyRefused, Stopped."""
        pause = 0.1

        async def wait(why: str) -> None:
            nonlocal pause
            await self.breaker.failed(why)
            await self.sleep(pause)
            pause = min(5.0, pause * 2)

        reply = await patiently(call, wait)
        self.breaker.succeeded()
        return reply

    async def found(self, call: Callable[[], Awaitable[Reply]]) -> Reply | None:
        """The same, None for everything but a success."""
        reply = await self.ask(call)
        return reply if reply.verdict == "ok" else None
