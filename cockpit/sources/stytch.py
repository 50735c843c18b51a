"""Stytch: users of a consumer project, or members of all organizations of a B2B project."""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from cockpit.clock import Clock
from cockpit.passwords import table_file
from cockpit.settings import Settings
from cockpit.sources import _stytch_connections, _stytch_mapping, _stytch_tenancy
from cockpit.sources._stytch_api import ALLOWED, MEMBERS, ORGS, USERS, project, read_settings, searched, total
from cockpit.sources._stytch_mapping import person_id
from cockpit.sources.base import Checkup, Memo, Provider
from cockpit.terms import Page, RawItem
from cockpit.transport import Note, Response, quiet

ORGANIZATIONS = 100
"""Organizations asked for at once: the most there may be is not published (UNVERIFIED)."""
AGAIN, CHUNK = "again ", "organizations "
_MEMBER = re.compile(r"[A-Za-z0-9._-]+")


def identity(settings: Settings) -> str:
    """stytch: and the project's id."""
    return f"stytch:{read_settings(settings).project_id}"


class StytchSource:
    """The users of one project. `note` hears what it waits for."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.note: Note = quiet
        self._project = project(settings, clock, lambda text: self.note(text))
        self._users, self._b2b = self._project.users, self._project.b2b
        self._organizations: list[str] | None = None

    async def chains(self) -> Sequence[str]:
        """One of a consumer project; of a B2B project one for each hundred organizations."""
        if await self._project.is_b2b():
            return [f"{CHUNK}{start}" for start in range(0, len(await self._orgs()), ORGANIZATIONS)]
        return [""]

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 1,000."""
        name = chain.partition(" / ")[2] if chain.startswith(AGAIN) else chain
        search = searched(self._users, _key(name), lambda body: self._search(name, body), cursor)
        async with aclosing(search) as pages:
            async for page in pages:
                answered = page.answered
                if name:
                    items = [_member(found.value, found.text) for found in answered.found]
                else:
                    items = answered.items("user_id")
                total = None if name else page.total  # that of some organizations
                yield Page(chain, page.cursor, page.next_cursor, items, size=answered.size, total=total)

    async def count(self) -> int | None:
        """results_metadata.total of one page of each chain; None where totals are off (-1).

        Organizations are listed anew, since members of one that is new would not be missed otherwise.
        """
        self._organizations = None
        counted = 0
        for chain in await self.chains():
            response = await self._search(chain, {"limit": 1})
            found = total(self._users.records_of(response, _key(chain)))
            if found is None:
                return None
            counted += found
        return counted

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """Everybody again, unless nobody is missing: where cursors end is not said of new users."""
        if missing == 0:
            return []
        return [f"{AGAIN}{since} / {chain}" for chain in await self.chains()]

    async def check(self) -> Checkup:
        """One search for one user, or for one organization of a B2B project."""
        if await self._project.is_b2b():
            answered = await self._b2b.records("POST", ORGS, "organizations", json={"limit": 1})
            return Checkup(organizations=total(answered))
        return Checkup(users=total(await self._users.records("POST", USERS, "results", json={"limit": 1})))

    async def close(self) -> None:
        """Close the connections."""
        await self._project.close()

    async def _search(self, chain: str, body: dict[str, Any]) -> Response:
        if not chain:
            return await self._users.call("POST", USERS, json=body)
        start = int(chain.removeprefix(CHUNK))
        asked = {"organization_ids": (await self._orgs())[start : start + ORGANIZATIONS], **body}
        return await self._b2b.call("POST", MEMBERS, json=asked)

    async def _orgs(self) -> list[str]:
        if self._organizations is None:
            found: list[str] = []
            search = searched(
                self._b2b, "organizations", lambda body: self._b2b.call("POST", ORGS, json=body), None
            )
            async with aclosing(search) as pages:
                async for page in pages:
                    found += [item.id for item in page.answered.items("organization_id")]
            self._organizations = sorted(found)
        return self._organizations


def _key(chain: str) -> str:
    return "members" if chain else "results"


def _member(value: Any, text: str) -> RawItem:
    """A member of one organization: the person is their e-mail, the member one part of them."""
    record = value if isinstance(value, dict) else {}
    ident = record.get("member_id")
    if not isinstance(ident, str) or not _MEMBER.fullmatch(ident):
        return RawItem("", text)
    return RawItem(person_id(record), text, ident)


async def open_source(settings: Settings, memo: Memo, clock: Clock) -> StytchSource:
    """The project's users, ready to read; nothing is sent yet. Raises SettingsError."""
    return StytchSource(settings, clock)


PROVIDER = Provider(
    name="stytch",
    title="Stytch",
    passwords="a file that Stytch's support hands out (passwords load FILE)",
    identity=identity,
    open=open_source,
    mapper=_stytch_mapping.mapper,
    allowed=ALLOWED,
    tenancy=_stytch_tenancy.TENANCY,
    connections=_stytch_connections.SSO,
    concurrency=4,
    hash_file=lambda chunks, chosen: table_file.entries(chunks, chosen.columns, chosen.firebase_format),
)
