"""Observe mode: what live answers are like, by connection, before anything is flipped. No content is kept."""

from collections import Counter, deque
from collections.abc import Iterator
from typing import NamedTuple, TypeVar

from cockpit.clock import Clock
from cockpit.proxy.answers import Answer
from cockpit.rollout import form, saml_traits
from cockpit.rollout.saml_head import NoResponse
from cockpit.state.rollout.observations import Seen

EVERY_S = 1.0
"""One answer a second of each connection is looked at; of a quiet one that is each."""
WAITING = 64
"""Answers that may wait to be looked at, in memory alone."""


T = TypeVar("T")


class _Waiting(NamedTuple):
    connection: str
    response: bytes


class Observer:
    """Requests hand over answers (`see`); a thread of its own looks at them (`collect`)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next: dict[str, float] = {}
        self._queue: deque[_Waiting] = deque()
        self._counts: deque[Seen] = deque()

    def see(self, connection: str, answer: Answer, size: int) -> None:
        """Take an answer for a look, unless another one of its connection was taken just now."""
        now = self._clock.monotonic()
        if now < self._next.get(connection, 0.0):
            return
        self._next[connection] = now + EVERY_S
        seen = self._counts.append
        seen(Seen(connection, "binding", answer.binding))
        response = answer.fields.get(b"SAMLResponse")
        if response is None:
            return
        seen(Seen(connection, "begun_by", "service" if answer.solicited else "idp"))
        seen(Seen(connection, "size", str(1 << max(size - 1, 0).bit_length())))
        if len(self._queue) < WAITING:
            self._queue.append(_Waiting(connection, response))

    def collect(self) -> Counter[Seen]:
        """What was seen since the last time."""
        found: Counter[Seen] = Counter()
        for seen in _drained(self._counts):
            found[seen] += 1
        for connection, response in _drained(self._queue):
            try:
                traits = saml_traits.of(form.base64_of(response))
            except (NoResponse, form.NoForm):
                continue
            found[Seen(connection, "encrypted", "assertion" if traits.encrypted else "no")] += 1
            found[Seen(connection, "signed", traits.signed)] += 1
            if traits.name_id_format:
                found[Seen(connection, "name_id_format", traits.name_id_format)] += 1
            if traits.encrypted_name_id:
                found[Seen(connection, "encrypted_part", "name_id")] += 1
            if traits.encrypted_attribute:
                found[Seen(connection, "encrypted_part", "attribute")] += 1
        return found


def _drained(waiting: deque[T]) -> Iterator[T]:
    while waiting:
        yield waiting.popleft()
