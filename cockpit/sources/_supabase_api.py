"""Supabase's admin API, whose pages may lose users: what it counts is held against what came."""

from collections.abc import AsyncGenerator, Sequence

from cockpit.clock import Clock, millis
from cockpit.findings import warn
from cockpit.rules.mask import printable
from cockpit.sources import _mapping, _supabase_mapping
from cockpit.sources._api import Answered, Api, Fixed, refused
from cockpit.sources._offset import another_size
from cockpit.sources.base import Checkup, Memo, SourceError
from cockpit.terms import Page, RawItem
from cockpit.transport import Allow, Note, Response, Retrying, client, quiet

PER_PAGE = 1000
USERS = "/admin/users"
PROVIDERS = "/admin/sso/providers"
ALLOWED = [Allow("GET", USERS), Allow("GET", PROVIDERS)]
AGAIN, BY_CURSOR = "again ", "by cursor "
WARNING = "supabase.warning:api"
_LOST = (
    "the admin API counted more users than came: some signed up meanwhile, or share a created_at and were "
    "lost between two pages; everybody was read again otherwise. The database (SUPABASE_DB_URL) loses nobody"
)


def open_api(base_url: str, key: str, timeout_s: float, clock: Clock, note: Note) -> Api:
    """The admin API, ready to be asked; nothing is sent yet.

    Raises TransportError for an address that can't be one.
    """
    http = client(base_url, timeout=timeout_s, allow=ALLOWED)
    headers = {"apikey": key, "authorization": f"Bearer {key}"}
    return Api("supabase", http, Fixed(clock, headers), Retrying(clock, note=note), refusal=_refusal)


class ApiDoor:
    """GET /admin/users.

    It orders by created_at alone: of users who share one, as after a bulk import, a page may repeat some and
    leave others out, the same ones each time for pages of that size (its query on PostgreSQL 15: of 50,000 by
    1,000 the same 12, none of whom pages of 623 missed). Hence a second look is by pages of another size, or
    by a cursor where the server has such (GOTRUE_EXPERIMENTAL_CURSOR_PAGINATION_ENABLED).
    Raises TransportError for an address that can't be one.
    """

    def __init__(self, base_url: str, key: str, timeout_s: float, memo: Memo, clock: Clock) -> None:
        self.note: Note = quiet
        self._memo, self._clock = memo, clock
        self._api = open_api(base_url, key, timeout_s, clock, lambda text: self.note(text))

    async def chains(self) -> Sequence[str]:
        """One."""
        await self._memo.put(_supabase_mapping.READ_AT, _mapping.iso(millis(self._clock.now())))
        await self._memo.put(WARNING, None)
        return [""]

    def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 1,000, newest first."""
        if chain.startswith(BY_CURSOR):
            return self._cursored(chain, cursor)
        size = another_size(PER_PAGE, int(chain.removeprefix(AGAIN))) if chain.startswith(AGAIN) else PER_PAGE
        return self._numbered(chain, cursor, size)

    async def _numbered(self, chain: str, cursor: str | None, size: int) -> AsyncGenerator[Page, None]:
        """Until a page is empty. A cursor is the page's number and what the server counted before it.

        As many users as were deleted meanwhile moved over a border between pages to a side that was read
        already: those pages are read again.
        """
        page, before = (int(part) for part in (cursor or "1 0").split())
        while True:
            answered = await self._list({"page": str(page), "per_page": str(size)})
            items, read = answered.items("id"), answered.size
            ended = not items
            total = _total(answered.response) or 0
            moved = -(-max(0, before - total) // size) if total else 0
            for earlier in range(max(1, page - moved), page):
                seen = await self._list({"page": str(earlier), "per_page": str(size)})
                items, read = [*items, *seen.items("id")], read + seen.size
            following = None if ended else f"{page + 1} {total}"
            yield Page(chain, f"{page} {before}", following, items, size=read, total=total or None)
            if ended:
                return
            page, before = page + 1, total

    async def _cursored(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        while True:
            query = {"limit": str(PER_PAGE)} | ({"cursor": cursor} if cursor else {})
            answered = await self._list(query)
            following = (answered.others.get("pagination") or {}).get("next_cursor") or None
            items: list[RawItem] = answered.items("id")
            yield Page(chain, cursor or "", following, items, size=answered.size)
            if following is None:
                return
            cursor = following

    async def count(self) -> int | None:
        """X-Total-Count."""
        return _total((await self._list({"page": "1", "per_page": "1"})).response)

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """Everybody again, unless nobody is missing."""
        if missing is not None and missing <= 0:
            return []
        await self._memo.put(WARNING, _LOST)
        has_cursors = "pagination" in (await self._list({"limit": "2"})).others
        return [f"{BY_CURSOR if has_cursors else AGAIN}{since}"]

    async def check(self) -> Checkup:
        """One user, and X-Total-Count."""
        why = "it shows no hashes, and may lose users who share a created_at between two pages"
        door = warn(
            "door", "users are read by the admin API", why, "set SUPABASE_DB_URL: neither happens there"
        )
        return Checkup([door], await self.count())

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    async def _list(self, query: dict[str, str]) -> Answered:
        return await self._api.records("GET", USERS, "users", params=query)


def _total(response: Response) -> int | None:
    told = response.headers.get("x-total-count", "")
    return int(told) if told.isdecimal() else None


def _refusal(response: Response) -> SourceError:
    try:
        body = response.json()
        message = str(body.get("msg") or body.get("message"))[:200]
    except (ValueError, AttributeError):
        message = "no message"
    said = f"{response.request.url.path} answered {response.status_code}: {message}"
    if response.status_code in (401, 403):
        return refused(
            f"supabase: {said}; SUPABASE_SERVICE_ROLE_KEY must be a service key, the same command resumes"
        )
    return SourceError(f"supabase: {printable(said)}; nothing was lost, the same command resumes")
