"""Amazon Cognito: ListUsers in chains by the first digit of sub, signed anew for every try."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from pydantic import AliasChoices, Field

from cockpit.clock import Clock
from cockpit.rules.mask import printable
from cockpit.settings import Settings, SettingsError, TableSettings
from cockpit.sources import _cognito_mapping
from cockpit.sources._api import patiently, refused
from cockpit.sources._cognito_signer import Signer
from cockpit.sources._pace import Pace
from cockpit.sources._slices import slices
from cockpit.sources.base import Checkup, Memo, Provider, SourceError
from cockpit.terms import Page, RawItem
from cockpit.transport import Allow, Client, Note, Response, Retrying, TransportError, client, quiet

LIMIT = 60
DIGITS = "0123456789abcdef"
AGAIN = "again "
THROTTLED = ("TooManyRequestsException", "ThrottlingException", "LimitExceededException")
EXPIRED = "InvalidParameterException"
ALLOWED = [Allow("POST", r"/?")]
"""Every operation is a POST of the same path; which ones are sent is kept to by the signer."""


class CognitoSettings(TableSettings):
    """[source] with provider = "cognito". Credentials come from the AWS SDK's usual places.

    `requests_per_s`: the quota of ListUsers is shared with the live application. `chains`: 16 or 1.
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
    """One user pool. `note` hears what it waits for."""

    def __init__(self, settings: CognitoSettings, signer: Signer, http: Client, clock: Clock) -> None:
        self.note: Note = quiet
        self._settings, self._signer, self._http = settings, signer, http
        self._retrying = Retrying(clock, note=lambda text: self.note(text))
        self._pace = _pace(settings.requests_per_s, clock, note=lambda text: self.note(text))

    async def chains(self) -> Sequence[str]:
        """One for each first digit of sub, which are read apart from each other; or one for all."""
        return list(DIGITS) if self._settings.chains > 1 else [""]

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of up to 60 users; a short page is no last one, only a missing token is."""
        digit = chain.rpartition(" ")[2] if chain.startswith(AGAIN) else chain
        body: dict[str, Any] = {"UserPoolId": self._settings.user_pool_id, "Limit": LIMIT}
        if digit and digit != "*":
            body["Filter"] = f'sub ^= "{digit}"'
        token = cursor or None
        while True:
            response = await self._call("ListUsers", body | ({"PaginationToken": token} if token else {}))
            if token and _kind(response) == EXPIRED:
                token = None  # tokens end some day; the state merges what is read again
                continue
            if not response.is_success:
                raise _refusal(response)
            try:
                found, others = slices(response.text, "Users")
            except ValueError as error:
                raise SourceError(
                    f"cognito: ListUsers answered what is not JSON ({error}); nothing was lost, "
                    "the same command resumes"
                ) from None
            following = others.get("PaginationToken") or None
            items = [RawItem(_sub(user.value), user.text) for user in found]
            yield Page(chain, token or "", following, items, size=len(response.content))
            if following is None:
                return
            token = str(following)

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
        pool = {"UserPoolId": self._settings.user_pool_id}
        response = await self._call("ListUsers", pool | {"Limit": 1})
        if not response.is_success:
            raise _refusal(response)
        return Checkup(users=_estimate(await self._call("DescribeUserPool", pool)))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _call(self, operation: str, body: dict[str, Any]) -> Response:
        async def once() -> Response:
            async with self._pace.turn():
                content, headers = self._signer.sign(operation, body)
                response = await self._http.read("POST", "/", content=content, headers=headers)
                if _kind(response) in THROTTLED:  # HTTP 400
                    raise self._http.unwell(response)
            return response

        return await patiently("cognito", self._retrying, once)


def _pace(requests_per_s: float, clock: Clock, note: Note) -> Pace:
    """Even over ten seconds: the quota that AWS counts by the second is several times the default."""
    limit = max(1, round(10 * requests_per_s))
    why = f"requests_per_s = {requests_per_s:g}, as the live application shares the quota"
    return Pace(clock, limit, limit / requests_per_s, why=why, note=note)


def _sub(user: Any) -> str:
    attributes = user.get("Attributes") if isinstance(user, dict) else None
    return _cognito_mapping.attributes(attributes).get("sub", "")


def _estimate(described: Response) -> int | None:
    try:
        number = described.json()["UserPool"]["EstimatedNumberOfUsers"]
    except (ValueError, KeyError, TypeError):
        return None
    return number if isinstance(number, int) else None


def _kind(response: Response) -> str:
    if response.is_success:
        return ""
    try:
        return str(response.json().get("__type", "")).rpartition("#")[2]
    except (ValueError, AttributeError):
        return ""


def _refusal(response: Response) -> SourceError:
    kind = _kind(response)
    try:
        message = str(response.json().get("message") or response.json().get("Message") or "no message")[:200]
    except (ValueError, AttributeError):
        message = "no message"
    said = f"ListUsers answered {response.status_code} {kind}: {message}"
    denied = ("AccessDeniedException", "NotAuthorizedException", "UnrecognizedClientException")
    if response.status_code in (401, 403) or kind in (*denied, "ExpiredTokenException"):
        return refused(f"cognito: {said}; cognito-idp:ListUsers is needed, the same command resumes")
    return SourceError(f"cognito: {printable(said)}; nothing was lost, the same command resumes")


async def open_source(settings: Settings, memo: Memo, clock: Clock) -> CognitoSource:
    """The pool, ready to read; nothing is sent yet. Raises SettingsError."""
    found = _read_settings(settings)
    signer = Signer.of_environment(found.profile, found.zone, found.url)
    try:
        http = client(found.url, timeout=found.timeout_s, allow=ALLOWED)
    except TransportError as error:
        raise SettingsError(f"cognito: {error}") from None
    return CognitoSource(found, signer, http, clock)


PROVIDER = Provider(
    name="cognito",
    title="Amazon Cognito",
    passwords="nowhere: Cognito hands out no hashes",
    identity=identity,
    open=open_source,
    mapper=_cognito_mapping.mapper,
    allowed=ALLOWED,
    concurrency=len(DIGITS),
)
