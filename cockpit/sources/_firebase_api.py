"""Identity Toolkit's API: who is asked with which credentials, for what, and what its refusals say."""

import json
from collections.abc import Awaitable, Callable

from cockpit.clock import Clock
from cockpit.rules.mask import printable
from cockpit.settings import SettingsError
from cockpit.sources._api import Api, Bearer, refused
from cockpit.sources._firebase_login import Login, ServiceAccount
from cockpit.sources._pace import Pace
from cockpit.sources.base import SourceError
from cockpit.transport import Allow, Note, Response, Retrying, TransportError, client

_ACCOUNTS = r"/v1/projects/[^/]+(/tenants/[^/]+)?/accounts"
ALLOWED = [
    Allow("GET", f"{_ACCOUNTS}:batchGet"),
    Allow("POST", f"{_ACCOUNTS}:query"),
    Allow("GET", r"/v2/projects/[^/]+/tenants(/[^/]+)?"),
    Allow("GET", r"/v2/projects/[^/]+(/tenants/[^/]+)?/(inboundSamlConfigs|oauthIdpConfigs)"),
    Allow("GET", r"(/admin)?/v2/projects/[^/]+/config"),
]


def connect(
    url: str, timeout_s: float, account: ServiceAccount | None, clock: Clock, note: Note
) -> tuple[Api, Callable[[], Awaitable[None]]]:
    """The API, and how its connections are closed. Raises SettingsError."""
    retrying = Retrying(clock, note=note)
    login = account and Login(account, clock, retrying, timeout_s)
    bearer = Bearer(clock, fetch=login.fetch) if login else Bearer(clock, fixed="owner")
    try:
        http = client(url, timeout=timeout_s, allow=ALLOWED)
    except TransportError as error:
        raise SettingsError(f"firebase: {error}") from None
    pace = Pace(clock, note=note)  # no quota of batchGet is published
    api = Api("firebase", http, bearer, retrying, refusal=refusal, throttled=_throttled, pace=pace)

    async def close() -> None:
        await api.close()
        if login:
            await login.close()

    return api, close


def _throttled(response: Response) -> bool:
    # Quotas are answered as 403 too (googleapis errors: quotaExceeded, rateLimitExceeded).
    return response.status_code == 403 and any(
        reason in response.text for reason in ("quotaExceeded", "rateLimitExceeded", "RESOURCE_EXHAUSTED")
    )


def refusal(response: Response) -> SourceError:
    """What a reply that is no success amounts to."""
    said = f"{response.request.url.path} answered {response.status_code}: {message(response)}"
    if response.status_code in (401, 403):
        return refused(
            f"firebase: {said}; the service account needs firebaseauth.users.get, the same command resumes"
        )
    return SourceError(f"firebase: {printable(said)}; nothing was lost, the same command resumes")


def message(response: Response) -> str:
    """What its body says."""
    try:
        return str(response.json()["error"]["message"])[:200]
    except (ValueError, KeyError, TypeError):
        return json.dumps(response.text[:80])
