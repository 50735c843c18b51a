"""Operations of one user pool, paced and signed anew for every try; lists by pages that may be short."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, NamedTuple

from cockpit.clock import Clock
from cockpit.rules.mask import printable
from cockpit.sources._api import patiently, refused
from cockpit.sources._cognito_signer import Signer
from cockpit.sources._pace import Pace
from cockpit.sources._slices import Slice, slices
from cockpit.sources.base import SourceError
from cockpit.transport import Client, Note, Response, Retrying

LIMIT = 60
THROTTLED = ("TooManyRequestsException", "ThrottlingException", "LimitExceededException")
EXPIRED = "InvalidParameterException"


class Lister(NamedTuple):
    """A list operation: where its answer has the records, and what it calls its token."""

    operation: str
    key: str
    token: str


USERS = Lister("ListUsers", "Users", "PaginationToken")
GROUPS = Lister("ListGroups", "Groups", "NextToken")
USERS_IN_GROUP = Lister("ListUsersInGroup", "Users", "NextToken")


class Listed(NamedTuple):
    """A page of a list; `following` is None with the last."""

    found: list[Slice]
    asked: str
    following: str | None
    size: int


class Pool:
    """One user pool."""

    def __init__(
        self, pool_id: str, requests_per_s: float, signer: Signer, http: Client, clock: Clock, note: Note
    ) -> None:
        self.id = pool_id
        self._signer, self._http = signer, http
        self._retrying = Retrying(clock, note=note)
        self._pace = _pace(requests_per_s, clock, note)

    async def pages(
        self, lister: Lister, asked: Mapping[str, Any], cursor: str | None
    ) -> AsyncGenerator[Listed, None]:
        """Pages of up to 60; a short page is no last one, only a missing token is.

        Raises SourceError, SourceRefused.
        """
        token = cursor or None
        while True:
            body = {**asked, "Limit": LIMIT, **({lister.token: token} if token else {})}
            response = await self.call(lister.operation, body)
            if token and kind(response) == EXPIRED:
                token = None  # tokens end some day; the state merges what is read again
                continue
            if not response.is_success:
                raise refusal(lister.operation, response)
            try:
                found, others = slices(response.text, lister.key)
            except ValueError as error:
                raise SourceError(
                    f"cognito: {lister.operation} answered what is not JSON ({error}); nothing was lost, "
                    "the same command resumes"
                ) from None
            following = others.get(lister.token) or None
            yield Listed(found, token or "", following and str(following), len(response.content))
            if following is None:
                return
            token = str(following)

    async def call(self, operation: str, body: Mapping[str, Any]) -> Response:
        """The reply to an operation on this pool, throttling waited out. Raises SourceError."""

        async def once() -> Response:
            async with self._pace.turn():
                content, headers = self._signer.sign(operation, {"UserPoolId": self.id, **body})
                response = await self._http.read("POST", "/", content=content, headers=headers)
                if kind(response) in THROTTLED:  # HTTP 400
                    raise self._http.unwell(response)
            return response

        return await patiently("cognito", self._retrying, once)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def _pace(requests_per_s: float, clock: Clock, note: Note) -> Pace:
    """Even over ten seconds: the quota that AWS counts by the second is several times the default."""
    limit = max(1, round(10 * requests_per_s))
    why = f"requests_per_s = {requests_per_s:g}, as the live application shares the quota"
    return Pace(clock, limit, limit / requests_per_s, why=why, note=note)


def kind(response: Response) -> str:
    """The exception that a reply is, "" for a success."""
    if response.is_success:
        return ""
    try:
        return str(response.json().get("__type", "")).rpartition("#")[2]
    except (ValueError, AttributeError):
        return ""


def refusal(operation: str, response: Response) -> SourceError:
    """What a reply that is no success amounts to."""
    what = kind(response)
    try:
        message = str(response.json().get("message") or response.json().get("Message") or "no message")[:200]
    except (ValueError, AttributeError):
        message = "no message"
    said = f"{operation} answered {response.status_code} {what}: {message}"
    denied = ("AccessDeniedException", "NotAuthorizedException", "UnrecognizedClientException")
    if response.status_code in (401, 403) or what in (*denied, "ExpiredTokenException"):
        return refused(f"cognito: {said}; cognito-idp:{operation} is needed, the same command resumes")
    return SourceError(f"cognito: {printable(said)}; nothing was lost, the same command resumes")
