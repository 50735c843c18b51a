"""Reading a provider's JSON API with a bearer token that may end at any moment."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, nullcontext
from typing import Any, NamedTuple, TypeVar

from cockpit.clock import Clock
from cockpit.rules.mask import printable
from cockpit.sources._pace import Pace
from cockpit.sources._slices import Slice, elements, slices
from cockpit.sources.base import SourceError, SourceRefused
from cockpit.terms import RawItem
from cockpit.transport import Client, Response, Retrying, TransportError, parsed

T = TypeVar("T")

EARLY_S = 60.0
"""A token is renewed that long before its end."""


class Bearer:
    """A token and how to get the next one; without `fetch` it is taken as it is."""

    def __init__(
        self,
        clock: Clock,
        *,
        fixed: str | None = None,
        fetch: Callable[[], Awaitable[tuple[str, float]]] | None = None,
    ) -> None:
        self._clock, self._token, self._fetch = clock, fixed, fetch
        self._ends = 0.0
        self._fetching = asyncio.Lock()

    @property
    def renewable(self) -> bool:
        """Whether another token can be had."""
        return self._fetch is not None

    async def header(self) -> dict[str, str]:
        """The Authorization header, with a fresh token when the last one is about to end."""
        if self._fetch is not None:
            async with self._fetching:  # chains that find it ended at once need one new token only
                if self._token is None or self._clock.monotonic() > self._ends - EARLY_S:
                    began = self._clock.monotonic()
                    self._token, lifetime = await self._fetch()
                    # One that lives shorter than EARLY_S would otherwise be fetched for every request.
                    self._ends = began + max(lifetime, EARLY_S + lifetime / 2)
        return {"authorization": f"Bearer {self._token}"}

    def drop(self) -> None:
        """The provider refused the token before its time."""
        self._token = None


class Answered(NamedTuple):
    """A page of records, what the reply said besides, its bytes, and the reply itself."""

    found: list[Slice]
    others: dict[str, Any]
    size: int
    response: Response

    def items(self, key: str) -> list[RawItem]:
        """The records by the id that they have under `key`; "" for one without."""
        return [RawItem(_ident(record.value, key), record.text) for record in self.found]


def _ident(value: Any, key: str) -> str:
    ident = value.get(key) if isinstance(value, dict) else None
    return ident if isinstance(ident, str) else ""


class Fixed(Bearer):
    """Credentials that are headers as they are: a key, or a name and a secret."""

    def __init__(self, clock: Clock, headers: dict[str, str]) -> None:
        super().__init__(clock)
        self._headers = headers

    async def header(self) -> dict[str, str]:
        """Those headers."""
        return self._headers


class Api:
    """Requests to one provider at the pace of all of them, retried while that may help.

    Failures are SourceErrors.
    """

    def __init__(
        self,
        name: str,
        client: Client,
        bearer: Bearer,
        retrying: Retrying,
        *,
        refusal: Callable[[Response], SourceError],
        throttled: Callable[[Response], bool] = lambda _: False,
        pace: Pace | None = None,
    ) -> None:
        self._name, self._client, self._bearer, self._retrying = name, client, bearer, retrying
        self._refusal, self._throttled = refusal, throttled
        self._turn = pace.turn if pace else nullcontext

    async def call(self, method: str, url: str, **kwargs: Any) -> Response:
        """The reply, whatever its status below 500 but 401.

        Raises SourceRefused for a 401 that a new token does not cure, SourceError when it gives up.
        """
        response = await self._send(method, url, **kwargs)
        if response.status_code == 401 and self._bearer.renewable:
            self._bearer.drop()
            response = await self._send(method, url, **kwargs)
        if response.status_code == 401:
            raise self._refusal(response)
        return response

    async def json(self, method: str, url: str, **kwargs: Any) -> dict[str, Any]:
        """The JSON object of a reply that is a success. Raises SourceError, SourceRefused for others."""
        return self.object_of(await self.call(method, url, **kwargs))

    def object_of(self, response: Response) -> dict[str, Any]:
        """The same for a reply that is there already."""
        if not response.is_success:
            raise self._refusal(response)
        try:
            value = parsed(response)
        except TransportError as error:
            raise SourceError(f"{self._name}: {error}") from error
        if not isinstance(value, dict):
            raise SourceError(f"{self._name}: {response.url.path} answered no JSON object; nothing was lost")
        return value

    async def records(self, method: str, url: str, key: str | None, **kwargs: Any) -> Answered:
        """A page of records under `key` of the reply's object, or of the bare array that it is (None).

        Raises SourceError, SourceRefused.
        """
        return self.records_of(await self.call(method, url, **kwargs), key)

    def records_of(self, response: Response, key: str | None) -> Answered:
        """The same for a reply that is there already."""
        if not response.is_success:
            raise self._refusal(response)
        try:
            found, others = (elements(response.text), {}) if key is None else slices(response.text, key)
        except ValueError as error:
            raise SourceError(
                f"{self._name}: {response.url.path} answered what is not JSON ({error}); nothing was lost, "
                "the same command resumes"
            ) from None
        return Answered(found, others, len(response.content), response)

    async def stream(self, method: str, url: str) -> AsyncGenerator[bytes, None]:
        """The body of a success as it comes, where it may be too large to hold.

        Raises SourceError, SourceRefused.
        """
        async with AsyncExitStack() as open_reply:

            async def once() -> Response:
                async with self._turn():
                    headers = await self._bearer.header()
                    reply = self._client.stream(method, url, headers=headers)
                    return await open_reply.enter_async_context(reply)

            response = await patiently(self._name, self._retrying, once)
            try:
                if not response.is_success:
                    raise self._refusal(await self._client.finish(response))
                async for chunk in self._client.chunks(response):
                    yield chunk
            except TransportError as error:
                raise SourceError(f"{self._name}: {error}") from error

    async def _send(self, method: str, url: str, **kwargs: Any) -> Response:
        async def once() -> Response:
            async with self._turn():
                headers = await self._bearer.header()
                response = await self._client.read(method, url, headers=headers, **kwargs)
                if self._throttled(response):
                    raise self._client.unwell(response)
            return response

        return await patiently(self._name, self._retrying, once)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


async def patiently(name: str, retrying: Retrying, once: Callable[[], Awaitable[T]]) -> T:
    """`retrying`, its last failure as a SourceError."""
    try:
        return await retrying(once)
    except TransportError as error:
        raise SourceError(f"{name}: {error}") from error


def refused(text: str) -> SourceRefused:
    """A refusal, safe to show."""
    return SourceRefused(printable(text))
