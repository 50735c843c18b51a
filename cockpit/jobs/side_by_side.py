"""A few things of many at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


async def side_by_side(items: Iterable[T], most: int, work: Callable[[T], Awaitable[None]]) -> None:
    """Await `work` for each item, at most so many at once, in their order; the first error ends all."""
    waiting = iter(items)

    async def worker() -> None:
        for item in waiting:
            await work(item)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(most):
                group.create_task(worker())
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
