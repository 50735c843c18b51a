"""Stytch: users of a consumer project, or members of all organizations of a B2B project."""

import base64
import re
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Literal

from pydantic import AliasChoices, Field

from cockpit.clock import Clock
from cockpit.passwords import table_file
from cockpit.rules.mask import printable
from cockpit.settings import Secret, Settings, SettingsError, TableSettings
from cockpit.sources import _stytch_mapping
from cockpit.sources._api import Answered, Api, Fixed, refused
from cockpit.sources._pace import Pace
from cockpit.sources.base import Checkup, Memo, Provider, SourceError
from cockpit.terms import Page, RawItem, normal_email
from cockpit.transport import Allow, Note, Response, Retrying, TransportError, client, quiet

LIVE, TEST = "https://api.stytch.com", "https://test.stytch.com"
LIMIT = 1000
ORGANIZATIONS = 100
"""Organizations asked for at once: the most there may be is not published (UNVERIFIED)."""
USERS, MEMBERS = "/v1/users/search", "/v1/b2b/organizations/members/search"
ORGS = "/v1/b2b/organizations/search"
AGAIN, CHUNK = "again ", "organizations "
ALLOWED = [Allow("POST", USERS), Allow("POST", MEMBERS), Allow("POST", ORGS)]
CONSUMER_PER_60S, B2B_PER_60S = 150, 100
"""Searches that a project may make in a minute (the SDK's documentation of `search`)."""
_MEMBER = re.compile(r"[A-Za-z0-9._-]+")


class StytchSettings(TableSettings):
    """[source] with provider = "stytch". Consumer and B2B are two kinds of project; auto asks.

    requests_per_60s: as published where it is not set; 0: no limit.
    """

    project_id: str | None = Field(None, validation_alias=AliasChoices("STYTCH_PROJECT_ID"))
    secret: Secret = Field(None, validation_alias=AliasChoices("STYTCH_SECRET"))
    base_url: str | None = Field(None, validation_alias=AliasChoices("STYTCH_BASE_URL"))
    project_type: Literal["auto", "consumer", "b2b"] = Field(
        "auto", validation_alias=AliasChoices("STYTCH_PROJECT_TYPE")
    )
    requests_per_60s: int | None = Field(None, ge=0, validation_alias=AliasChoices("STYTCH_REQUESTS_PER_60S"))
    timeout_s: float = Field(30.0, gt=0, validation_alias=AliasChoices("STYTCH_TIMEOUT_S"))

    @property
    def url(self) -> str:
        """Where the API is served: a test project's is another than a live one's."""
        return self.base_url or (TEST if (self.project_id or "").startswith("project-test-") else LIVE)


def _read_settings(settings: Settings) -> StytchSettings:
    found = StytchSettings.load(settings.source, "source")
    if not found.project_id or found.secret is None:
        raise SettingsError("stytch: no credentials; set STYTCH_PROJECT_ID and STYTCH_SECRET")
    return found


def identity(settings: Settings) -> str:
    """stytch: and the project's id."""
    return f"stytch:{_read_settings(settings).project_id}"


class StytchSource:
    """One project. `note` hears what it waits for."""

    def __init__(self, settings: StytchSettings, clock: Clock) -> None:
        self.note: Note = quiet
        self._kind = settings.project_type
        assert settings.secret is not None
        pair = f"{settings.project_id}:{settings.secret.get_secret_value()}"
        basic = {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        retrying = Retrying(clock, note=lambda text: self.note(text))
        http = client(settings.url, timeout=settings.timeout_s, allow=ALLOWED)
        limit = settings.requests_per_60s

        def api(published: int) -> Api:
            most = published if limit is None else limit
            pace = Pace(clock, most, 60.0, note=lambda text: self.note(text))
            return Api("stytch", http, Fixed(clock, basic), retrying, refusal=_refusal, pace=pace)

        self._users, self._b2b = api(CONSUMER_PER_60S), api(B2B_PER_60S)
        self._organizations: list[str] | None = None

    async def chains(self) -> Sequence[str]:
        """One of a consumer project; of a B2B project one for each hundred organizations."""
        if await self._is_b2b():
            return [f"{CHUNK}{start}" for start in range(0, len(await self._orgs()), ORGANIZATIONS)]
        return [""]

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 1,000 until there is no next cursor. One that an earlier run kept may have ended since."""
        name = chain.partition(" / ")[2] if chain.startswith(AGAIN) else chain
        token = cursor or None
        while True:
            response = await self._search(name, {"limit": LIMIT} | ({"cursor": token} if token else {}))
            if token and token == cursor and response.status_code == 400:
                token = None  # the state merges what is read again
                continue
            answered = self._found(name, response)
            following, total = _metadata(answered)
            if name:
                items = [_member(found.value, found.text) for found in answered.found]
                total = None  # that of some organizations
            else:
                items = answered.items("user_id")
            yield Page(chain, token or "", following, items, size=answered.size, total=total)
            if following is None:
                return
            token = following

    async def count(self) -> int | None:
        """results_metadata.total of one page of each chain; None where totals are off (-1).

        Organizations are listed anew, since members of one that is new would not be missed otherwise.
        """
        self._organizations = None
        counted = 0
        for chain in await self.chains():
            _, total = _metadata(self._found(chain, await self._search(chain, {"limit": 1})))
            if total is None:
                return None
            counted += total
        return counted

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """Everybody again, unless nobody is missing: where cursors end is not said of new users."""
        if missing == 0:
            return []
        return [f"{AGAIN}{since} / {chain}" for chain in await self.chains()]

    async def check(self) -> Checkup:
        """One search for one user, or for one organization of a B2B project."""
        if await self._is_b2b():
            answered = await self._b2b.records("POST", ORGS, "organizations", json={"limit": 1})
            return Checkup(organizations=_metadata(answered)[1])
        return Checkup(users=_metadata(self._found("", await self._search("", {"limit": 1})))[1])

    async def close(self) -> None:
        """Close the connections."""
        await self._users.close()  # both send through one client

    async def _search(self, chain: str, body: dict[str, Any]) -> Response:
        if not chain:
            return await self._users.call("POST", USERS, json=body)
        start = int(chain.removeprefix(CHUNK))
        asked = {"organization_ids": (await self._orgs())[start : start + ORGANIZATIONS], **body}
        return await self._b2b.call("POST", MEMBERS, json=asked)

    def _found(self, chain: str, response: Response) -> Answered:
        return self._users.records_of(response, "members" if chain else "results")

    async def _is_b2b(self) -> bool:
        if self._kind == "auto":
            response = await self._b2b.call("POST", ORGS, json={"limit": 1})
            self._kind = "b2b" if response.is_success else "consumer"
        return self._kind == "b2b"

    async def _orgs(self) -> list[str]:
        if self._organizations is None:
            found: list[str] = []
            token: str | None = ""
            while token is not None:
                body = {"limit": LIMIT} | ({"cursor": token} if token else {})
                answered = await self._b2b.records("POST", ORGS, "organizations", json=body)
                found += [item.id for item in answered.items("organization_id")]
                token, _ = _metadata(answered)
            self._organizations = sorted(found)
        return self._organizations


def _metadata(answered: Answered) -> tuple[str | None, int | None]:
    """The next cursor and the total; -1 says that totals are off."""
    told: Any = answered.others.get("results_metadata")
    metadata = told if isinstance(told, dict) else {}
    total = metadata.get("total")
    counted = total if isinstance(total, int) and total >= 0 else None
    return metadata.get("next_cursor") or None, counted


def _member(value: Any, text: str) -> RawItem:
    """A member of one organization: the person is their e-mail, the member one part of them."""
    record = value if isinstance(value, dict) else {}
    ident, email = record.get("member_id"), record.get("email_address")
    if not isinstance(ident, str) or not _MEMBER.fullmatch(ident):
        return RawItem("", text)
    return RawItem(normal_email(email) if isinstance(email, str) and email else ident, text, ident)


def _refusal(response: Response) -> SourceError:
    try:
        message = str(response.json()["error_message"])[:200]
    except (ValueError, KeyError, TypeError):
        message = "no message"
    said = f"{response.request.url.path} answered {response.status_code}: {message}"
    if response.status_code in (401, 403):
        return refused(f"stytch: {said}; check STYTCH_PROJECT_ID and STYTCH_SECRET, the same command resumes")
    return SourceError(f"stytch: {printable(said)}; nothing was lost, the same command resumes")


async def open_source(settings: Settings, memo: Memo, clock: Clock) -> StytchSource:
    """The project, ready to read; nothing is sent yet. Raises SettingsError."""
    found = _read_settings(settings)
    try:
        return StytchSource(found, clock)
    except TransportError as error:
        raise SettingsError(f"stytch: {error}") from None


PROVIDER = Provider(
    name="stytch",
    title="Stytch",
    passwords="a file that Stytch's support hands out (passwords load FILE)",
    identity=identity,
    open=open_source,
    mapper=_stytch_mapping.mapper,
    allowed=ALLOWED,
    concurrency=4,
    hash_file=lambda chunks, chosen: table_file.entries(chunks, chosen.columns, chosen.firebase_format),
)
