"""The Identity Toolkit API: settings, one project with its tenants, and what a refusal says."""

import json
from pathlib import Path

from pydantic import AliasChoices, Field

from cockpit.clock import Clock
from cockpit.rules.mask import printable
from cockpit.settings import Settings, SettingsError, TableSettings
from cockpit.sources import _firebase_check, _firebase_hash, _firebase_login
from cockpit.sources._api import Api, Bearer, refused
from cockpit.sources._firebase_hash import EnvSecret, HashSettings
from cockpit.sources._pace import Pace
from cockpit.sources.base import Memo, SourceError
from cockpit.transport import Allow, Note, Response, Retrying, TransportError, client, quiet

BASE_URL = "https://identitytoolkit.googleapis.com"
TENANTS_PAGE = 100
_ACCOUNTS = r"/v1/projects/[^/]+(/tenants/[^/]+)?/accounts"
_CONFIGS = r"/v2/projects/[^/]+(/tenants/[^/]+)?"
ALLOWED = [
    Allow("GET", f"{_ACCOUNTS}:batchGet"),
    Allow("POST", f"{_ACCOUNTS}:query"),
    Allow("GET", r"/v2/projects/[^/]+/tenants(/[^/]+)?"),
    Allow("GET", f"{_CONFIGS}/(inboundSamlConfigs|oauthIdpConfigs)"),
    Allow("GET", r"(/admin)?/v2/projects/[^/]+/config"),
]


class FirebaseSettings(TableSettings):
    """[source] with provider = "firebase"; [source.tenants.NAME] for hash parameters of tenants."""

    credentials: Path | None = Field(None, validation_alias=AliasChoices(_firebase_login.VARIABLE))
    project: str | None = Field(None, validation_alias=AliasChoices("GOOGLE_CLOUD_PROJECT"))
    emulator_host: str | None = Field(None, validation_alias=AliasChoices("FIREBASE_AUTH_EMULATOR_HOST"))
    base_url: str | None = Field(None, validation_alias=AliasChoices("FIREBASE_BASE_URL"))
    signer_key: EnvSecret = Field(None, validation_alias=AliasChoices("FIREBASE_SIGNER_KEY"))
    salt_separator: str = Field("Bw==", validation_alias=AliasChoices("FIREBASE_SALT_SEPARATOR"))
    rounds: int = Field(8, ge=1, le=8, validation_alias=AliasChoices("FIREBASE_ROUNDS"))
    mem_cost: int = Field(14, ge=1, le=14, validation_alias=AliasChoices("FIREBASE_MEM_COST"))
    tenants: dict[str, HashSettings] = Field({}, validation_alias=AliasChoices("FIREBASE_TENANTS"))
    timeout_s: float = Field(30.0, gt=0, validation_alias=AliasChoices("FIREBASE_TIMEOUT_S"))

    @property
    def url(self) -> str:
        """Where the API is served; an emulator's host wins, as in the vendor's SDKs."""
        if self.emulator_host:
            return f"http://{self.emulator_host}/identitytoolkit.googleapis.com"
        return (self.base_url or BASE_URL).rstrip("/")

    def hash_config(self, tenant: str) -> str | None:
        """The hash parameters that the settings give, as they are remembered."""
        if tenant:
            return _firebase_hash.written(self.tenants[tenant]) if tenant in self.tenants else None
        return _firebase_hash.written(
            HashSettings.model_construct(
                signer_key=self.signer_key,
                salt_separator=self.salt_separator,
                rounds=self.rounds,
                mem_cost=self.mem_cost,
            )
        )


def read_settings(settings: Settings) -> FirebaseSettings:
    """Those of [source]. Raises SettingsError."""
    return FirebaseSettings.load(settings.source, "source")


def account_of(found: FirebaseSettings) -> _firebase_login.ServiceAccount | None:
    """The service account; None for an emulator, or where none is set."""
    if found.emulator_host or found.credentials is None:
        return None
    return _firebase_login.read(found.credentials)


def project_of(found: FirebaseSettings, account: _firebase_login.ServiceAccount | None) -> str:
    """The project's id. Raises SettingsError."""
    project = found.project or (account.project if account else None)
    if not project:
        raise SettingsError("firebase: no project; set GOOGLE_CLOUD_PROJECT, or project in [source]")
    return project


class Project:
    """One project: its API and the names of its tenants. `note` hears what it waits for."""

    def __init__(
        self,
        settings: FirebaseSettings,
        account: _firebase_login.ServiceAccount | None,
        memo: Memo,
        clock: Clock,
    ) -> None:
        self.note: Note = quiet
        self.settings, self._memo = settings, memo
        self.id = project_of(settings, account)
        retrying = Retrying(clock, note=self._tell)
        self._login = account and _firebase_login.Login(account, clock, retrying, settings.timeout_s)
        bearer = Bearer(clock, fetch=self._login.fetch) if self._login else Bearer(clock, fixed="owner")
        http = client(settings.url, timeout=settings.timeout_s, allow=ALLOWED)
        pace = Pace(clock, note=self._tell)  # no quota of batchGet is published
        self.api = Api("firebase", http, bearer, retrying, refusal=refusal, throttled=_throttled, pace=pace)

    async def tenants(self) -> list[str]:
        """All of them; none, with a warning, where the project may not list them."""
        found: list[str] = []
        token: str | None = ""
        while token is not None:
            query = {"pageSize": str(TENANTS_PAGE)} | ({"pageToken": token} if token else {})
            response = await self.api.call("GET", f"/v2/projects/{self.id}/tenants", params=query)
            if not response.is_success:
                # A project without Identity Platform has no tenants to list and answers with an error.
                await self.warn("tenants", f"no tenants read: {_message(response)}")
                return found
            body = self.api.object_of(response)
            found += [str(tenant["name"]).rpartition("/")[2] for tenant in body.get("tenants") or []]
            token = body.get("nextPageToken") or None
        return found

    async def warn(self, key: str, text: str) -> None:
        """Remember what people want to know of an export, once."""
        if self._memo.get(f"{_firebase_check.WARNING}{key}") is None:
            await self._memo.put(f"{_firebase_check.WARNING}{key}", printable(text))

    async def close(self) -> None:
        """Close the connections."""
        await self.api.close()
        if self._login:
            await self._login.close()

    def _tell(self, text: str | None) -> None:
        self.note(text)


def open_project(settings: Settings, memo: Memo, clock: Clock) -> Project:
    """The project, ready to be asked; nothing is sent yet. Raises SettingsError."""
    found = read_settings(settings)
    account = account_of(found)
    if account is None and not found.emulator_host:
        raise SettingsError(
            f"firebase: no credentials; set {_firebase_login.VARIABLE} to a service account's key file"
        )
    try:
        return Project(found, account, memo, clock)
    except TransportError as error:
        raise SettingsError(f"firebase: {error}") from None


def _throttled(response: Response) -> bool:
    # Quotas are answered as 403 too (googleapis errors: quotaExceeded, rateLimitExceeded).
    return response.status_code == 403 and any(
        reason in response.text for reason in ("quotaExceeded", "rateLimitExceeded", "RESOURCE_EXHAUSTED")
    )


def refusal(response: Response) -> SourceError:
    """What a reply that is no success means."""
    said = f"{response.request.url.path} answered {response.status_code}: {_message(response)}"
    if response.status_code in (401, 403):
        return refused(
            f"firebase: {said}; the service account needs firebaseauth.users.get, the same command resumes"
        )
    return SourceError(f"firebase: {printable(said)}; nothing was lost, the same command resumes")


def _message(response: Response) -> str:
    try:
        return str(response.json()["error"]["message"])[:200]
    except (ValueError, KeyError, TypeError):
        return json.dumps(response.text[:80])
