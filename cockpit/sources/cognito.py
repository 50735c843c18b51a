"""Amazon Cognito: ListUsers in chains by the first digit of sub, signed anew for every try."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from cockpit.clock import Clock
from cockpit.settings import Settings
from cockpit.sources import _cognito_connections, _cognito_mapping
from cockpit.sources._cognito_api import ALLOWED, EXPIRED, Pool, kind, open_pool, read_settings, refusal
from cockpit.sources._slices import slices
from cockpit.sources.base import Checkup, Memo, Provider, SourceError
from cockpit.terms import Page, RawItem
from cockpit.transport import Note, Response, quiet

LIMIT = 60
DIGITS = "0123456789abcdef"
AGAIN = "again "


def identity(settings: Settings) -> str:
    """cognito: and the pool's id, which has its region."""
    return f"cognito:{read_settings(settings).user_pool_id}"


class CognitoSource:
    """One user pool. `note` hears what it waits for."""

    def __init__(self, pool: Pool) -> None:
        self.note: Note = quiet
        self._pool, self._settings = pool, pool.settings
        pool.note = lambda text: self.note(text)

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
            response = await self._pool.call(
                "ListUsers", body | ({"PaginationToken": token} if token else {})
            )
            if token and kind(response) == EXPIRED:
                token = None  # tokens end some day; the state merges what is read again
                continue
            if not response.is_success:
                raise refusal(response)
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
        response = await self._pool.call("ListUsers", pool | {"Limit": 1})
        if not response.is_success:
            raise refusal(response)
        return Checkup(users=_estimate(await self._pool.call("DescribeUserPool", pool)))

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close()


def _sub(user: Any) -> str:
    attributes = user.get("Attributes") if isinstance(user, dict) else None
    return _cognito_mapping.attributes(attributes).get("sub", "")


def _estimate(described: Response) -> int | None:
    try:
        number = described.json()["UserPool"]["EstimatedNumberOfUsers"]
    except (ValueError, KeyError, TypeError):
        return None
    return number if isinstance(number, int) else None


async def open_source(settings: Settings, memo: Memo, clock: Clock) -> CognitoSource:
    """The pool, ready to read; nothing is sent yet. Raises SettingsError."""
    return CognitoSource(open_pool(settings, clock))


PROVIDER = Provider(
    name="cognito",
    title="Amazon Cognito",
    passwords="nowhere: Cognito hands out no hashes",
    identity=identity,
    open=open_source,
    mapper=_cognito_mapping.mapper,
    allowed=ALLOWED,
    concurrency=len(DIGITS),
    connections=_cognito_connections.SSO,
)
