"""Amazon Cognito's API: settings, one pool, operations signed anew for every try, and what a refusal says."""

from typing import Any

from pydantic import AliasChoices, Field

from cockpit.clock import Clock
from cockpit.rules.mask import printable
from cockpit.settings import Settings, SettingsError, TableSettings
from cockpit.sources._api import patiently, refused
from cockpit.sources._cognito_signer import Signer
from cockpit.sources._pace import Pace
from cockpit.sources.base import SourceError
from cockpit.transport import Allow, Note, Response, Retrying, TransportError, client, quiet

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


def read_settings(settings: Settings) -> CognitoSettings:
    """Those of [source]. Raises SettingsError."""
    found = CognitoSettings.load(settings.source, "source")
    if not found.user_pool_id:
        raise SettingsError("cognito: no user pool; set COGNITO_USER_POOL_ID, such as eu-central-1_AbCdEf123")
    return found


class Pool:
    """One user pool, asked at the pace of the settings. `note` hears what it waits for."""

    def __init__(self, settings: CognitoSettings, clock: Clock) -> None:
        self.note: Note = quiet
        self.settings = settings
        self._signer = Signer.of_environment(settings.profile, settings.zone, settings.url)
        self._http = client(settings.url, timeout=settings.timeout_s, allow=ALLOWED)
        self._retrying = Retrying(clock, note=lambda text: self.note(text))
        self._pace = _pace(settings.requests_per_s, clock, note=lambda text: self.note(text))

    async def call(self, operation: str, body: dict[str, Any]) -> Response:
        """The reply, whatever its status, but throttling is waited out. Raises SourceError."""

        async def once() -> Response:
            async with self._pace.turn():
                content, headers = self._signer.sign(operation, body)
                response = await self._http.read("POST", "/", content=content, headers=headers)
                if kind(response) in THROTTLED:  # HTTP 400
                    raise self._http.unwell(response)
            return response

        return await patiently("cognito", self._retrying, once)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def open_pool(settings: Settings, clock: Clock) -> Pool:
    """The pool, ready to be asked; nothing is sent yet. Raises SettingsError."""
    found = read_settings(settings)
    try:
        return Pool(found, clock)
    except TransportError as error:
        raise SettingsError(f"cognito: {error}") from None


def _pace(requests_per_s: float, clock: Clock, note: Note) -> Pace:
    """Even over ten seconds: the quota that AWS counts by the second is several times the default."""
    limit = max(1, round(10 * requests_per_s))
    why = f"requests_per_s = {requests_per_s:g}, as the live application shares the quota"
    return Pace(clock, limit, limit / requests_per_s, why=why, note=note)


def kind(response: Response) -> str:
    """The exception that a reply names; "" for a success."""
    if response.is_success:
        return ""
    try:
        return str(response.json().get("__type", "")).rpartition("#")[2]
    except (ValueError, AttributeError):
        return ""


def refusal(response: Response, operation: str = "ListUsers") -> SourceError:
    """What a reply that is no success means, with the permission that it takes."""
    named = kind(response)
    try:
        message = str(response.json().get("message") or response.json().get("Message") or "no message")[:200]
    except (ValueError, AttributeError):
        message = "no message"
    said = f"{operation} answered {response.status_code} {named}: {message}"
    denied = ("AccessDeniedException", "NotAuthorizedException", "UnrecognizedClientException")
    if response.status_code in (401, 403) or named in (*denied, "ExpiredTokenException"):
        return refused(f"cognito: {said}; cognito-idp:{operation} is needed, the same command resumes")
    return SourceError(f"cognito: {printable(said)}; nothing was lost, the same command resumes")
