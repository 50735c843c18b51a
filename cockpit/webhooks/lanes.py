"""Order: events of one key go one after another, those of different keys side by side."""

import heapq
from collections import deque
from typing import Generic, Protocol, TypeVar


class Ordered(Protocol):
    """Something that keeps an order: `id` grows in the order of arrival; an empty `key` keeps none."""

    @property
    def id(self) -> int: ...

    @property
    def key(self) -> str: ...


T = TypeVar("T", bound=Ordered)


class Lanes(Generic[T]):
    """A lane for each key. Its head is taken, then is done or comes again; only then the next one may go.

    Over all lanes what arrived first goes first.
    """

    def __init__(self) -> None:
        self._lanes: dict[str | int, deque[T]] = {}
        self._ready: list[tuple[int, str | int]] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def ready(self) -> bool:
        """Whether something may go now."""
        return bool(self._ready)

    def add(self, item: T) -> None:
        """One more, which arrived after all that its lane has."""
        lane = self._lanes.setdefault(_lane(item), deque())
        lane.append(item)
        self._size += 1
        if len(lane) == 1:
            heapq.heappush(self._ready, (item.id, _lane(item)))

    def take(self) -> T | None:
        """The first that may go; its lane waits until `done` or `again`."""
        if not self._ready:
            return None
        _, lane = heapq.heappop(self._ready)
        return self._lanes[lane][0]

    def done(self, item: T) -> None:
        """The taken one is through: the next of its lane may go."""
        name = _lane(item)
        lane = self._lanes[name]
        lane.popleft()
        self._size -= 1
        if lane:
            heapq.heappush(self._ready, (lane[0].id, name))
        else:
            del self._lanes[name]

    def again(self, item: T) -> None:
        """The taken one must go once more."""
        heapq.heappush(self._ready, (item.id, _lane(item)))

    def left(self) -> list[T]:
        """What the lanes still have, taken or not, in order of arrival."""
        return sorted((item for lane in self._lanes.values() for item in lane), key=lambda item: item.id)


def _lane(item: Ordered) -> str | int:
    return item.key or item.id
