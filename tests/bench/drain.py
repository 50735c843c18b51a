"""5,000 held events at 50 a second, the drain killed in the midst and started again."""

import signal
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.child import finish
from tests.bench.figures import Figure
from tests.jobs.world import World
from tests.webhooks.filled import fill, updates
from tests.webhooks.holding import SECRET, Ends

MANY, USERS, RATE = 5000, 500, 50
CONCURRENCY = 16


def run() -> list[Figure]:
    """What the consumer says of it."""
    with TemporaryDirectory() as name, Ends() as ends:
        ends.call("consumer", scheme="svix", secret=SECRET, limit=2 * RATE)
        world = World(Path(name), "http://127.0.0.1:9")
        world.environment["CLERK_WEBHOOK_SECRET"] = SECRET
        fill(world.state, updates(MANY, USERS))
        args: dict[str, Any] = {"to": ends.hook, "sources": ["clerk"], "rate": float(RATE), "ramp_s": 0.0}
        first = world.start("drain", concurrency=CONCURRENCY, **args)
        ends.until_taken(MANY // 2)
        first.send_signal(signal.SIGKILL)
        first.communicate()
        finish(world.start("drain", concurrency=CONCURRENCY, **args), time.monotonic())
        told, order = ends.call("consumer"), ends.call("consumer/order")
    rates = dict(told["per_second"])
    over = sum(rates[one] > RATE and rates.get(one + 1, 0) > RATE for one in rates)
    return [
        Figure("drain: seconds with events / ideal, a kill within", len(rates) / (MANY / RATE), "", 1.06),
        Figure("drain: two seconds in a row over the limit", over, "", 0),
        Figure("drain: most in one second", max(rates.values()), "events"),
        Figure("drain: events lost", MANY - told["taken"], "", 0),
        Figure("drain: out of the order of their user", _out_of_order(order), "", 0),
        Figure("drain: sent again after the kill", told["doubles"], "events", 2 * CONCURRENCY),
    ]


def _out_of_order(order: list[str]) -> int:
    """Events that the consumer took after a later one of the same user."""
    of_user: dict[int, list[int]] = defaultdict(list)
    for ident in order:
        number = int(ident.removeprefix("msg_"))
        of_user[number % USERS].append(number)
    return sum(one > other for numbers in of_user.values() for one, other in pairwise(numbers))
