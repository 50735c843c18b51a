"""Auth0's users-export job: posted once, its file downloaded as often as it takes.

POST /api/v2/jobs/users-exports, GET /api/v2/jobs/{id}; the file is JSON Lines, mostly gzip, at an address
that is signed and valid for 60 seconds (documentation: bulk user exports). A job and its file live for
24 hours.
"""

import json
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cockpit.clock import Clock
from cockpit.lines import Lines
from cockpit.rules.mask import printable
from cockpit.sources._api import Api, patiently
from cockpit.sources.base import Memo, SourceError
from cockpit.terms import Page, RawItem
from cockpit.transport import Allow, Client, Lost, Note, Response, Retrying, client, not_json

MEMO = "auth0.job"
JOB_URL = "/api/v2/jobs/users-exports"
FIELDS = (
    "user_id",
    "email",
    "email_verified",
    "username",
    "phone_number",
    "phone_verified",
    "name",
    "given_name",
    "family_name",
    "nickname",
    "picture",
    "created_at",
    "updated_at",
    "last_login",
    "logins_count",
    "blocked",
    "identities",
    "app_metadata",
    "user_metadata",
    "multifactor",
    "last_password_reset",
)
"""All that is wanted, since a job without `fields` leaves out most of it."""

LOCATIONS = 5
"""How many fresh addresses may be refused in a row."""


class Vanished(Exception):
    """The job or its file is gone (24 hours): it has to be posted anew."""


class NoScope(Exception):
    """The token may not start export jobs."""


class Batch(NamedTuple):
    """Lines in their order, the wire's bytes, and whether they were the last."""

    lines: list[bytes]
    size: int
    last: bool


class Download:
    """An open download, read batch by batch."""

    def __init__(self, storage: Client, response: Response, stack: AsyncExitStack) -> None:
        self._storage, self._response, self._stack = storage, response, stack
        self._lines = self._cut()
        self._next: deque[bytes] = deque()
        self._counted = 0

    async def batch(self, most: int) -> Batch:
        """The next `most` lines, fewer at the end. Raises Lost when the stream breaks off."""
        while len(self._next) <= most:  # one more, to know whether these are the last
            try:
                self._next.append(await anext(self._lines))
            except StopAsyncIteration:
                break
        lines = [self._next.popleft() for _ in range(min(most, len(self._next)))]
        size = self._response.num_bytes_downloaded - self._counted
        self._counted += size
        return Batch(lines, size, not self._next)

    async def skip(self, lines: int) -> None:
        """Pass over lines that are committed already."""
        for _ in range(lines):
            if await anext(self._lines, None) is None:
                raise SourceError(
                    "auth0: the export's file is shorter than before; start over with a new state"
                )
        self._counted = self._response.num_bytes_downloaded

    async def close(self) -> None:
        await self._stack.aclose()

    async def _cut(self) -> AsyncIterator[bytes]:
        cutter, first = Lines(), True
        try:
            async for chunk in self._storage.chunks(self._response):
                if first and chunk.lstrip()[:1] == b"<":
                    raise not_json(self._response, chunk)
                first = False
                for line in cutter.feed(chunk):
                    yield line
            for line in cutter.end():
                yield line
        except ValueError as error:
            raise Lost("half an export's file", str(error), "the same command resumes") from error


class ExportJob:
    """Users by export job; pages are named JOB:LINE."""

    def __init__(
        self,
        api: Api,
        memo: Memo,
        clock: Clock,
        retrying: Retrying,
        note: Note,
        *,
        connection_id: str | None,
        page_lines: int,
        timeout: float,
    ) -> None:
        self._api, self._memo, self._clock, self._retrying, self._note = api, memo, clock, retrying, note
        self._connection_id, self._page_lines, self._timeout = connection_id, page_lines, timeout

    async def pages(self, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages from a cursor, or from the start. Raises SourceError, NoScope."""
        if cursor is not None:
            job, _, line = cursor.rpartition(":")
            start = int(line)
        else:
            job, start = self._memo.get(MEMO) or await self._post(), 0
        while True:
            try:
                async for page in self._read(job, start):
                    yield page
                break
            except Vanished:
                # Another file may have another order: read all of it, the state merges by user_id.
                job, start = await self._post(), 0
        await self._memo.put(MEMO, None)

    async def _post(self) -> str:
        body: dict[str, Any] = {"format": "json", "fields": [{"name": name} for name in FIELDS]}
        if self._connection_id:
            body["connection_id"] = self._connection_id
        response = await self._api.call("POST", JOB_URL, json=body)
        if response.status_code == 403:
            raise NoScope
        job = str(self._api.object_of(response)["id"])
        await self._memo.put(MEMO, job)  # before anything else: a resume asks for this one
        return job

    async def _read(self, job: str, line: int) -> AsyncGenerator[Page, None]:
        download: Download | None = None

        async def next_batch() -> Batch:
            nonlocal download
            try:
                if download is None:
                    download = await self._open(job, line)
                return await download.batch(self._page_lines)
            except BaseException:
                await shut()
                raise

        async def shut() -> None:
            nonlocal download
            if download is not None:
                await download.close()
                download = None

        handed = 0
        try:
            while True:
                batch = await patiently("auth0", self._retrying, next_batch)
                after = line + len(batch.lines)
                items = [_item(job, line + n, text) for n, text in enumerate(batch.lines, 1)]
                following = None if batch.last else f"{job}:{after}"
                yield Page("", f"{job}:{line}", following, [item for item in items if item], size=batch.size)
                handed += 1
                if batch.last:
                    return
                if handed == 2:
                    # The first page is committed and names the job: from here on the cursors do, so that
                    # a later export does not take up this one's.
                    await self._memo.put(MEMO, None)
                line = after
        finally:
            await shut()

    async def _open(self, job: str, line: int) -> Download:
        for _ in range(LOCATIONS):
            location = await self._location(job)
            stack = AsyncExitStack()
            try:
                storage = self._storage(location)
                stack.push_async_callback(storage.close)
                response = await stack.enter_async_context(storage.stream("GET", location))
                if response.is_success:
                    download = Download(storage, response, stack)
                    await download.skip(line)
                    return download
            except BaseException:
                await stack.aclose()
                raise
            await stack.aclose()
            if response.status_code == 404:
                raise Vanished
            if response.status_code != 403:
                status = response.status_code
                raise SourceError(f"auth0: the export's file answers HTTP {status}; the same command resumes")
        raise SourceError(
            f"auth0: {LOCATIONS} fresh addresses of the export's file were refused (403); "
            "check this machine's clock, then run the same command again"
        )

    def _storage(self, location: str) -> Client:
        # A client of its own: the file lies at another host, which must not see our token.
        parts = urlsplit(location)
        return client(
            f"{parts.scheme}://{parts.netloc}",
            headers={"accept": "*/*"},
            timeout=self._timeout,
            allow=[Allow("GET", ".*")],
            max_connections=1,
        )

    async def _location(self, job: str) -> str:
        pause = 1.0
        while True:
            response = await self._api.call("GET", f"/api/v2/jobs/{job}")
            if response.status_code == 404:
                raise Vanished
            body = self._api.object_of(response)
            match body.get("status"):
                case "completed" if body.get("location"):
                    self._note(None)
                    return str(body["location"])
                case "failed":
                    await self._memo.put(MEMO, None)
                    why = printable(json.dumps(body.get("status_details") or body.get("summary") or ""))[:200]
                    raise SourceError(f"auth0: the export job failed: {why}; the same command starts another")
            done = body.get("percentage_done")
            self._note("waiting for Auth0's export job" + (f", {done} % done" if done is not None else ""))
            await self._clock.sleep(pause)
            pause = min(10.0, pause * 2)


def _item(job: str, number: int, line: bytes) -> RawItem | None:
    if not line.strip():
        return None
    try:
        text = line.decode().rstrip("\r")
        record = json.loads(text)
        if not isinstance(record, dict):
            raise ValueError("no object")
    except ValueError:
        raise SourceError(
            f"auth0: line {number} of export {job} is not a JSON object; what came before it is kept, "
            "the same command resumes there"
        ) from None
    ident = record.get("user_id")
    return RawItem(ident if isinstance(ident, str) else "", text)
