"""However a target counts, however late replies and timers are: never above its limit, nor far below it."""

import asyncio
import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cockpit.workos.limiter import Budget, Kind, Limiter
from tests.workos.servers import Fixed, LateClock, Leaky, Server, Sliding, run, send

SERVERS = [Fixed, Sliding, Leaky]


def sent(
    server: type[Fixed] | type[Sliding] | type[Leaky],
    limit: int,
    window_s: float,
    requests: int,
    *,
    senders: int,
    delay_s: float,
    late_s: float,
    seed: int,
) -> tuple[int, float]:
    """(refused, seconds) of that many requests against a server of that limit."""
    rng = random.Random(seed)
    clock = LateClock(rng, late_s)
    limiter = Limiter(clock, writes=Budget(limit, window_s), reads=None, overall=None)
    target: Server = server(limit, window_s, rng.uniform(0.0, window_s))
    left, refused = requests, 0

    async def sender() -> None:
        nonlocal left, refused
        while left > 0:
            left -= 1
            refused += not await send(limiter, clock, target, "write", rng, delay_s)

    async def work() -> None:
        await asyncio.gather(*(sender() for _ in range(senders)))

    took = run(clock, work())
    return refused, took


@settings(max_examples=40, deadline=None)
@given(
    server=st.sampled_from(SERVERS),
    limit=st.integers(1, 40),
    window_s=st.floats(0.5, 10.0),
    senders=st.integers(1, 20),
    delay_s=st.floats(0.0, 3.0),
    late_s=st.floats(0.0, 0.2),
    seed=st.integers(0, 2**32),
)
@example(server=Leaky, limit=1, window_s=0.5953058750911032, senders=1, delay_s=0.0, late_s=0.0, seed=0)
def test_never_more_than_the_limit(
    server: type[Fixed], limit: int, window_s: float, senders: int, delay_s: float, late_s: float, seed: int
) -> None:
    refused, _ = sent(
        server, limit, window_s, 4 * limit, senders=senders, delay_s=delay_s, late_s=late_s, seed=seed
    )
    assert refused == 0


@pytest.mark.parametrize("server", SERVERS)
def test_at_the_published_limit_no_time_is_wasted(server: type[Fixed]) -> None:
    refused, took = sent(server, 500, 10.0, 3000, senders=16, delay_s=0.1, late_s=0.004, seed=7)
    assert refused == 0
    assert took <= 60 / 0.95


@pytest.mark.parametrize("server", SERVERS)
def test_reads_and_writes_keep_to_their_own_limit_and_to_the_one_they_share(server: type[Fixed]) -> None:
    rng = random.Random(11)
    clock = LateClock(rng, 0.01)
    sizes = {"write": (50, 10.0), "read": (100, 10.0), "overall": (200, 20.0)}
    limiter = Limiter(
        clock,
        writes=Budget(*sizes["write"]),
        reads=Budget(*sizes["read"]),
        overall=Budget(*sizes["overall"]),
    )
    servers = {name: server(*size, rng.uniform(0, 10)) for name, size in sizes.items()}
    answered = {"write": 0, "read": 0}

    class Both:
        def __init__(self, kind: Kind) -> None:
            self.kind = kind

        def admits(self, now: float) -> bool:
            return all([servers[self.kind].admits(now), servers["overall"].admits(now)])

    async def sender(kind: Kind) -> None:
        while clock.monotonic() < 1060:
            assert await send(limiter, clock, Both(kind), kind, rng, 0.3)
            answered[kind] += 1

    async def work() -> None:
        kinds: list[Kind] = ["write", "read"]
        await asyncio.gather(*(sender(kind) for kind in kinds for _ in range(6)))

    run(clock, work())
    # 60 s at 10/s in all, of which writes may have half: neither starves the other.
    assert answered["write"] >= 0.85 * 300
    assert answered["read"] >= 0.85 * 300
