"""Reads are asked again while the failure is transient, at the pace the other side asks for."""

import email.utils
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import tenacity

from cockpit.clock import Clock
from cockpit.transport.failures import TransportError

T = TypeVar("T")

Note = Callable[[str | None], None]
"""Hears why a job waits, and None when it no longer does."""


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds that a reply asks to wait: Retry-After (seconds or date), Better Auth's X-Retry-After, else
    x-ratelimit-reset.

    The latter is Unix seconds at Auth0 (its SDK's http_client reads them in this order); it is compared
    with the reply's own Date where there is one, so that a wrong clock here does not matter.
    """
    sent = http_date(headers.get("date"))
    told = headers.get("retry-after") or headers.get("x-retry-after")
    if told is not None:
        if told.strip().isdigit():
            return float(told)
        if (at := http_date(told)) is not None:
            return max(0.0, at - (sent or now))
    reset = headers.get("x-ratelimit-reset", "")
    if reset.strip().isdigit():
        return max(0.0, float(reset) - (sent or now))
    return None


def http_date(text: str | None) -> float | None:
    """An HTTP date, such as that of the Date header, in seconds since the epoch; None for anything else."""
    try:
        return None if text is None else email.utils.parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None


def quiet(note: str | None) -> None:
    """A wait_note that goes nowhere."""


def pause(
    failure: TransportError, attempt: int, now: float, rng: Callable[[], float] = random.random
) -> float:
    """Seconds to wait after the attempt-th failure in a row (1: the first).

    What the reply asks for, or else ever longer; with jitter.
    """
    told = None if failure.response is None else retry_after(failure.response.headers, now)
    if told:
        return told + 0.5 * rng()
    return min(30.0, 0.5 * 2.0 ** min(attempt, 10)) * (0.5 + 0.5 * rng())


class Retrying:
    """Reads that are asked again while the failure is transient, by exponential back-off with jitter.

    Gives up `patience_s` after it began, or `cold_s` while the host has never answered, and
    raises the last TransportError. `note` hears why calls wait, and None when none of them does any more.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        patience_s: float = 300.0,
        cold_s: float = 10.0,
        note: Note = quiet,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self._clock, self._note, self._rng = clock, note, rng
        self._patience_s, self._cold_s = patience_s, min(cold_s, patience_s)
        self._waiting = 0

    async def __call__(self, call: Callable[[], Awaitable[T]]) -> T:
        """The result of the first call that succeeds. Raises TransportError."""
        began = self._clock.monotonic()
        waited = False

        def error(state: tenacity.RetryCallState) -> TransportError:
            failure = state.outcome.exception() if state.outcome else None
            assert isinstance(failure, TransportError)
            return failure

        def stop(state: tenacity.RetryCallState) -> bool:
            failure, tried = error(state), self._clock.monotonic() - began
            patience = self._cold_s if failure.cold else self._patience_s
            over = tried + state.upcoming_sleep > patience
            failure.tried_s = tried if over and state.attempt_number > 1 else None
            return over

        def wait(state: tenacity.RetryCallState) -> float:
            failure = error(state)
            if failure.again_s is not None:
                return failure.again_s
            return pause(failure, state.attempt_number, self._clock.now(), self._rng)

        def show(state: tenacity.RetryCallState) -> None:
            nonlocal waited
            if not waited:
                waited = True
                self._waiting += 1
            self._note(f"{_brief(error(state))}, retry after {state.upcoming_sleep:.0f} s")

        async def attempt() -> T:  # tenacity awaits only what is declared a coroutine function
            return await call()

        attempts = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(lambda e: isinstance(e, TransportError) and e.transient),
            wait=wait,
            stop=stop,
            before_sleep=show,
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            return await attempts(attempt)
        finally:
            if waited:
                self._waiting -= 1
                if not self._waiting:
                    self._note(None)


def _brief(error: TransportError) -> str:
    if error.response is not None and error.response.status_code == 429:
        return "throttled: 429"
    return f"{error.what}: {error.why}"
