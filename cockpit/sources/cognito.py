"""Amazon Cognito: ListUsers in chains by the first digit of sub, signed anew for every try."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Protocol, TypeVar

from pydantic import AliasChoices, Field

from cockpit.clock import Clock
from cockpit.settings import Settings, SettingsError, TableSettings
from cockpit.sources import _cognito_connections, _cognito_mapping, _cognito_tenancy
from cockpit.sources._cognito_api import USERS, Pool, refusal
from cockpit.sources._cognito_connections import IdentityProviders
from cockpit.sources._cognito_signer import Signer
from cockpit.sources._cognito_tenancy import AGAIN, DIGITS, Members, ShortList, digit_filter
from cockpit.sources.base import Checkup, Connections, Memo, Provider, Tenancy
from cockpit.terms import Page, RawItem
from cockpit.transport import Allow, Note, Response, TransportError, client, quiet

ALLOWED = [Allow("POST", r"/?")]
"""Every operation is a POST of the same path; which ones are sent is kept to by the signer."""


class CognitoSettings(TableSettings):
    """[source] with provider = "cognito". Credentials come from the AWS SDK's usual places.

    `requests_per_s`: the quota of ListUsers is shared with the live application. `chains`: 16 or 1.
    `organizations`: what stands for them, none, pool, groups or custom:NAME.
    """

    user_pool_id: str | None = Field(None, validation_alias=AliasChoices("COGNITO_USER_POOL_ID"))
    region: str | None = Field(None, validation_alias=AliasChoices("AWS_REGION", "AWS_DEFAULT_REGION"))
    profile: str | None = Field(None, validation_alias=AliasChoices("COGNITO_PROFILE"))
    base_url: str | None = Field(
        None, validation_alias=AliasChoices("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "AWS_ENDPOINT_URL")
    )
    requests_per_s: float = Field(5.0, gt=0, validation_alias=AliasChoices("COGNITO_REQUESTS_PER_S"))
    chains: int = Field(16, validation_alias=AliasChoices("COGNITO_CHAINS"))
    sweep: bool = Field(True, validation_alias=AliasChoices("COGNITO_SWEEP"))
    organizations: str = Field(
        "none",
        pattern=f"^({_cognito_tenancy.ORGANIZATIONS})$",
        validation_alias=AliasChoices("COGNITO_ORGANIZATIONS"),
    )
    timeout_s: float = Field(30.0, gt=0, validation_alias=AliasChoices("COGNITO_TIMEOUT_S"))

    @property
    def zone(self) -> str:
        """The region: the setting's, else the one that a pool's id begins with."""
        return self.region or (self.user_pool_id or "").partition("_")[0]

    @property
    def url(self) -> str:
        """The endpoint."""
        return self.base_url or f"https://cognito-idp.{self.zone}.amazonaws.com"


def _read_settings(settings: Settings) -> CognitoSettings:
    found = CognitoSettings.load(settings.source, "source")
    if not found.user_pool_id:
        raise SettingsError("cognito: no user pool; set COGNITO_USER_POOL_ID, such as eu-central-1_AbCdEf123")
    return found


def identity(settings: Settings) -> str:
    """cognito: and the pool's id, which has its region."""
    return f"cognito:{_read_settings(settings).user_pool_id}"


class CognitoSource:
    """The users of one pool. `note` hears what it waits for."""

    def __init__(self, pool: Pool, settings: CognitoSettings) -> None:
        self.note: Note = quiet
        self._pool, self._settings = pool, settings

    async def chains(self) -> Sequence[str]:
        """One for each first digit of sub, which are read apart from each other; or one for all."""
        return list(DIGITS) if self._settings.chains > 1 else [""]

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of up to 60 users."""
        digit = chain.rpartition(" ")[2] if chain.startswith(AGAIN) else chain
        async with aclosing(self._pool.pages(USERS, digit_filter(digit), cursor)) as pages:
            async for page in pages:
                items = [
                    RawItem(_cognito_mapping.attributes_of(user.value).get("sub", ""), user.text)
                    for user in page.found
                ]
                yield Page(chain, page.asked, page.following, items, size=page.size)

    async def count(self) -> int | None:
        """None: DescribeUserPool has an estimate only."""
        return None

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """Everybody again, as ListUsers has no filter by date; `sweep = false` leaves it out."""
        if not self._settings.sweep:
            return []
        return [f"{AGAIN}{since} {chain or '*'}" for chain in await self.chains()]

    async def check(self) -> Checkup:
        """One user; and the pool's estimate of their number, where DescribeUserPool is granted."""
        response = await self._pool.call("ListUsers", {"Limit": 1})
        if not response.is_success:
            raise refusal("ListUsers", response)
        return Checkup(users=_estimate(await self._pool.call("DescribeUserPool", {})))

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close()


def _estimate(described: Response) -> int | None:
    try:
        number = described.json()["UserPool"]["EstimatedNumberOfUsers"]
    except (ValueError, KeyError, TypeError):
        return None
    return number if isinstance(number, int) else None


async def open_source(settings: Settings, memo: Memo, clock: Clock) -> CognitoSource:
    """The pool's users, ready to read; nothing is sent yet. Raises SettingsError."""
    found = _read_settings(settings)
    return await _opened(found, memo, clock, lambda pool: CognitoSource(pool, found))


async def open_organizations(settings: Settings, memo: Memo, clock: Clock) -> ShortList:
    """The groups or the pool itself, where these are organizations."""
    found = _read_settings(settings)
    listed = found.organizations if found.organizations in ("pool", "groups") else None
    return await _opened(found, memo, clock, lambda pool: ShortList(pool, listed))


async def open_roles(settings: Settings, memo: Memo, clock: Clock) -> ShortList:
    """The groups, unless they are organizations."""
    found = _read_settings(settings)
    listed = None if found.organizations == "groups" else "groups"
    return await _opened(found, memo, clock, lambda pool: ShortList(pool, listed))


async def open_memberships(settings: Settings, memo: Memo, clock: Clock) -> Members:
    """Who is in which organization."""
    found = _read_settings(settings)
    side_by_side = found.chains > 1
    return await _opened(
        found, memo, clock,
        lambda pool: Members(pool, found.organizations, side_by_side=side_by_side, sweep=found.sweep),
    )  # fmt: skip


async def open_connections(settings: Settings, memo: Memo, clock: Clock) -> IdentityProviders:
    """The pool's identity providers by SAML and OpenID Connect."""
    return await _opened(_read_settings(settings), memo, clock, IdentityProviders)


class _Noting(Protocol):
    note: Note


S = TypeVar("S", bound=_Noting)


async def _opened(found: CognitoSettings, memo: Memo, clock: Clock, make: Callable[[Pool], S]) -> S:
    signer = Signer.of_environment(found.profile, found.zone, found.url)
    try:
        http = client(found.url, timeout=found.timeout_s, allow=ALLOWED)
    except TransportError as error:
        raise SettingsError(f"cognito: {error}") from None
    if memo.get(_cognito_tenancy.SETTING) != found.organizations:
        await memo.put(_cognito_tenancy.SETTING, found.organizations)
    pool_id = found.user_pool_id or ""
    pool = Pool(pool_id, found.requests_per_s, signer, http, clock, lambda text: source.note(text))
    source = make(pool)
    return source


PROVIDER = Provider(
    name="cognito",
    title="Amazon Cognito",
    passwords="nowhere: Cognito hands out no hashes",
    identity=identity,
    open=open_source,
    mapper=_cognito_mapping.mapper,
    allowed=ALLOWED,
    tenancy=Tenancy(
        map=_cognito_tenancy.mappers,
        open={"organization": open_organizations, "role": open_roles, "membership": open_memberships},
        inside=frozenset({"organization"}),
    ),
    concurrency=len(DIGITS),
    connections=Connections(open=open_connections, map=_cognito_connections.mapper),
)
