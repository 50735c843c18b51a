"""Auth0's users by windows of created_at, for a token that may not start export jobs.

GET /api/v2/users never shows more than 1,000 rows of a search, and its total is capped there too; so a
window is halved until its total is below that, and read by pages of 100.
"""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cockpit.clock import Clock
from cockpit.sources._api import Api
from cockpit.sources._slices import slices
from cockpit.sources.base import SourceError
from cockpit.terms import Page, RawItem

PREFIX = "created_at:"
CAP = 1000
PER_PAGE = 100
DAY_MS = 86_400_000
FIRST_MS = 1_356_998_400_000
"""2013-01-01, before Auth0's first user; the first window has no lower end."""


class Window(NamedTuple):
    """From `low` up to `low + span`, of all that lies before `top`; milliseconds."""

    low: int
    span: int
    top: int

    @classmethod
    def of(cls, cursor: str) -> "Window":
        """The window that a cursor names."""
        low, span, top = cursor.removeprefix(PREFIX).split(":")
        return cls(int(low), int(span), int(top))

    @property
    def cursor(self) -> str:
        return f"{PREFIX}{self.low}:{self.span}:{self.top}"

    @property
    def last(self) -> bool:
        return self.low + self.span >= self.top

    @property
    def query(self) -> str:
        """Both ends included, as all of Lucene's dialects have it; the outermost ends are open."""
        low = "*" if self.low <= FIRST_MS else _iso(self.low)
        high = "*" if self.last else _iso(self.low + self.span - 1)
        return f"created_at:[{low} TO {high}]"


class Windows:
    """Users by created_at; a page is a window."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api, self._clock = api, clock

    async def pages(self, cursor: str | None, first: int = FIRST_MS) -> AsyncGenerator[Page, None]:
        """Pages from a cursor, or of users created since `first` (ms). Raises SourceError."""
        if cursor is None:
            top = int(self._clock.now() * 1000) + DAY_MS
            window = Window(first, top - first, top)
        else:
            window = Window.of(cursor)
        while True:
            asked = window.cursor
            window, total = await self._narrowed(window)
            items, size = await self._read(window, total)
            after = window.low + window.span
            # A sparse window is followed by a wider one.
            span = window.span * (4 if total < CAP // 4 else 2 if total < CAP // 2 else 1)
            following = Window(after, min(span, window.top - after), window.top)
            if items or window.last:
                yield Page("", asked, None if window.last else following.cursor, items, size=size)
            if window.last:
                return
            window = following

    async def _narrowed(self, window: Window) -> tuple[Window, int]:
        while (total := (await self._search(window, 0, 1))[1]) >= CAP:
            if window.span < 2:
                raise SourceError(
                    f"auth0: {CAP} users or more were created at {_iso(window.low)}, and the search shows "
                    "no more; grant create:users and read:users for an export job, then run it again"
                )
            window = window._replace(span=window.span // 2)
        return window, total

    async def _read(self, window: Window, total: int) -> tuple[list[RawItem], int]:
        for _ in range(3):
            found: dict[str, RawItem] = {}
            size = 0
            for page in range(-(-total // PER_PAGE)):
                items, total, part = await self._search(window, page, PER_PAGE)
                found.update((item.id, item) for item in items)
                size += part
            if len(found) >= total:
                return list(found.values()), size
            await self._clock.sleep(2.0)  # the search index lags behind, or rows moved between pages
        raise SourceError(
            f"auth0: the search counts {total} users in {window.query} but shows {len(found)}; "
            "the same command resumes there"
        )

    async def _search(self, window: Window, page: int, per_page: int) -> tuple[list[RawItem], int, int]:
        query = {
            "q": window.query,
            "search_engine": "v3",
            "sort": "created_at:1",
            "include_totals": "true",
            "page": str(page),
            "per_page": str(per_page),
        }
        response = await self._api.call("GET", "/api/v2/users", params=query)
        if not response.is_success:
            self._api.object_of(response)
        try:
            users, others = slices(response.text, "users")
        except ValueError as error:
            raise SourceError(
                f"auth0: GET /api/v2/users answered what is not JSON ({error}); the same command resumes"
            ) from None
        return [_item(user.value, user.text) for user in users], int(others["total"]), len(response.content)


def _item(value: Any, text: str) -> RawItem:
    ident = value.get("user_id") if isinstance(value, dict) else None
    return RawItem(ident if isinstance(ident, str) else "", text)


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
