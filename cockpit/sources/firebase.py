"""Firebase Authentication and Identity Platform: accounts:batchGet of the project and of each tenant."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, Field

from cockpit.clock import Clock
from cockpit.rules.mask import printable
from cockpit.settings import Settings, SettingsError, TableSettings
from cockpit.sources import (
    _firebase_check,
    _firebase_connections,
    _firebase_hash,
    _firebase_login,
    _firebase_mapping,
    _firebase_tenancy,
)
from cockpit.sources._firebase_api import ALLOWED, connect, message, refusal
from cockpit.sources._firebase_connections import IdpConfigs
from cockpit.sources._firebase_hash import EnvSecret, HashSettings
from cockpit.sources._firebase_tenancy import TenantSource
from cockpit.sources._slices import Slice, slices
from cockpit.sources.base import Checkup, Connections, Memo, Provider, SourceError, Tenancy
from cockpit.terms import Page, RawItem
from cockpit.transport import Note, Response, quiet

BASE_URL = "https://identitytoolkit.googleapis.com"
PAGE = 1000
AGAIN = "again "
"""Chains that read a tenant a second time are named so, with when and which."""


class FirebaseSettings(TableSettings):
    """[source] with provider = "firebase"; [source.tenants.NAME] for hash parameters of tenants.

    roles_claim: the custom claim that names the roles a tenant's user has there.
    """

    credentials: Path | None = Field(None, validation_alias=AliasChoices(_firebase_login.VARIABLE))
    project: str | None = Field(None, validation_alias=AliasChoices("GOOGLE_CLOUD_PROJECT"))
    emulator_host: str | None = Field(None, validation_alias=AliasChoices("FIREBASE_AUTH_EMULATOR_HOST"))
    base_url: str | None = Field(None, validation_alias=AliasChoices("FIREBASE_BASE_URL"))
    signer_key: EnvSecret = Field(None, validation_alias=AliasChoices("FIREBASE_SIGNER_KEY"))
    salt_separator: str = Field("Bw==", validation_alias=AliasChoices("FIREBASE_SALT_SEPARATOR"))
    rounds: int = Field(8, ge=1, le=8, validation_alias=AliasChoices("FIREBASE_ROUNDS"))
    mem_cost: int = Field(14, ge=1, le=14, validation_alias=AliasChoices("FIREBASE_MEM_COST"))
    tenants: dict[str, HashSettings] = Field({}, validation_alias=AliasChoices("FIREBASE_TENANTS"))
    roles_claim: str | None = Field(None, validation_alias=AliasChoices("FIREBASE_ROLES_CLAIM"))
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


def _read_settings(settings: Settings) -> FirebaseSettings:
    return FirebaseSettings.load(settings.source, "source")


def _account(found: FirebaseSettings) -> _firebase_login.ServiceAccount | None:
    if found.emulator_host or found.credentials is None:
        return None
    return _firebase_login.read(found.credentials)


def _project(found: FirebaseSettings, account: _firebase_login.ServiceAccount | None) -> str:
    project = found.project or (account.project if account else None)
    if not project:
        raise SettingsError("firebase: no project; set GOOGLE_CLOUD_PROJECT, or project in [source]")
    return project


def identity(settings: Settings) -> str:
    """firebase: and the project, with its host where that is not Google's."""
    found = _read_settings(settings)
    project = _project(found, _account(found))
    return f"firebase:{project}" + ("" if found.url == BASE_URL else f"@{found.url.partition('://')[2]}")


class FirebaseSource:
    """One project and its tenants. `note` hears what it waits for."""

    def __init__(
        self,
        settings: FirebaseSettings,
        account: _firebase_login.ServiceAccount | None,
        memo: Memo,
        clock: Clock,
    ) -> None:
        self.note: Note = quiet
        self._settings, self._memo = settings, memo
        self._project = _project(settings, account)
        self._api, self._close = connect(
            settings.url, settings.timeout_s, account, clock, lambda text: self.note(text)
        )
        self._chains: list[str] | None = None

    async def chains(self) -> Sequence[str]:
        """ "" for the project's own users, and each tenant: tenants' users are not in the project's list."""
        if self._chains is None:
            await self._memo.put(_firebase_tenancy.CLAIM, self._settings.roles_claim)
            tenants = TenantSource(self._api, self._project, self._memo, message, self._close)
            self._chains = ["", *await tenants.ids()]
        return self._chains

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 1,000 by localId, until there is no token or there are no users."""
        tenant = chain.removeprefix(AGAIN).partition(" ")[2] if chain.startswith(AGAIN) else chain
        await self._learn_hash_config(tenant)
        token = cursor or None
        while True:
            response = await self._batch(tenant, token)
            if token and response.status_code == 400 and "PAGE" in response.text:
                token = None  # tokens end some day; the state merges what is read again
                response = await self._batch(tenant, token)
            if not response.is_success:
                raise refusal(response)
            text = response.text
            try:
                users, others = slices(text, "users")
            except ValueError as error:
                raise SourceError(
                    f"firebase: accounts:batchGet answered what is not JSON ({error}); nothing was lost, "
                    "the same command resumes"
                ) from None
            if f'"{_firebase_mapping.REDACTED}"' in text:
                await self._warn(f"redacted:{tenant}", "hashes are REDACTED: the account may not read them")
            following = others.get("nextPageToken") if users else None
            items = [_item(tenant, user) for user in users]
            yield Page(chain, token or "", following or None, items, size=len(response.content))
            if not following:
                return
            token = str(following)

    async def count(self) -> int | None:
        """POST accounts:query of each chain; None when the account may not."""
        total = 0
        for chain in await self.chains():
            response = await self._api.call(
                "POST", f"{self._root(chain)}/accounts:query", json={"returnUserInfo": False}
            )
            if not response.is_success:
                return None
            total += int(self._api.object_of(response).get("recordsCount", 0))
        return total

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """Everything again, where the count differs: a list by localId shows nobody who came behind it."""
        return [] if missing == 0 else [f"{AGAIN}{since} {chain}" for chain in await self.chains()]

    async def check(self) -> Checkup:
        """The first page of the project's own users, how their hashes are made, and the number of all."""
        tenants = len(await self.chains()) - 1
        async with aclosing(self.pages("", None)) as pages:
            findings = _firebase_check.findings(self._memo, await anext(pages, None))
        if tenants >= _firebase_check.COUNTED:
            return Checkup(findings, organizations=tenants)
        users = await self.count()
        uncounted = [_firebase_check.uncounted()] if users is None else []
        return Checkup([*findings, *uncounted], users, tenants)

    async def close(self) -> None:
        """Close the connections."""
        await self._close()

    def _root(self, tenant: str) -> str:
        return f"/v1/projects/{self._project}" + (f"/tenants/{tenant}" if tenant else "")

    async def _batch(self, chain: str, token: str | None) -> Response:
        # The request's parameter is called nextPageToken too.
        query = {"maxResults": str(PAGE)} | ({"nextPageToken": token} if token else {})
        return await self._api.call("GET", f"{self._root(chain)}/accounts:batchGet", params=query)

    async def _learn_hash_config(self, tenant: str) -> None:
        config = self._settings.hash_config(tenant) or await self._asked_hash_config(tenant)
        key = _firebase_hash.memo_key(tenant)
        if config is not None and config != self._memo.get(key):
            await self._memo.put(key, config, secret=True)

    async def _asked_hash_config(self, tenant: str) -> str | None:
        if tenant:
            path = f"/v2/projects/{self._project}/tenants/{tenant}"
        else:
            path = f"/admin/v2/projects/{self._project}/config"
        response = await self._api.call("GET", path)
        if not response.is_success:
            return None
        body: Mapping[str, Any] = self._api.object_of(response)
        return _firebase_hash.answered((body if tenant else body.get("signIn") or {}).get("hashConfig"))

    async def _warn(self, key: str, text: str) -> None:
        if self._memo.get(f"{_firebase_check.WARNING}{key}") is None:
            await self._memo.put(f"{_firebase_check.WARNING}{key}", printable(text))


def _item(chain: str, user: Slice) -> RawItem:
    """A tenant's records are kept as TENANT/localId, since localIds are unique within a tenant only."""
    ident = user.value.get("localId") if isinstance(user.value, dict) else None
    if not isinstance(ident, str) or not ident:
        return RawItem("", user.text)
    if user.value.get("tenantId", "") != chain:
        raise SourceError(
            f"firebase: the list of {chain or 'the project'} has user {printable(ident)} of another tenant, "
            "so its hash parameters are not known; please report it"
        )
    return RawItem(f"{chain}/{ident}" if chain else ident, user.text)


async def open_source(settings: Settings, memo: Memo, clock: Clock) -> FirebaseSource:
    """The project, ready to read; nothing is sent yet. Raises SettingsError."""
    return FirebaseSource(*_opened(settings), memo, clock)


async def open_tenants(settings: Settings, memo: Memo, clock: Clock) -> TenantSource:
    """The project's tenants, ready to read; nothing is sent yet. Raises SettingsError."""
    found, account = _opened(settings)
    api, close = connect(found.url, found.timeout_s, account, clock, lambda text: source.note(text))
    source = TenantSource(api, _project(found, account), memo, message, close)
    return source


async def open_connections(settings: Settings, memo: Memo, clock: Clock) -> IdpConfigs:
    """The project's identity providers, ready to read; nothing is sent yet. Raises SettingsError."""
    found, account = _opened(settings)
    api, close = connect(found.url, found.timeout_s, account, clock, lambda text: source.note(text))
    project = _project(found, account)
    source = IdpConfigs(api, project, TenantSource(api, project, memo, message, close).ids, close)
    return source


def _opened(settings: Settings) -> tuple[FirebaseSettings, _firebase_login.ServiceAccount | None]:
    found = _read_settings(settings)
    account = _account(found)
    if account is None and not found.emulator_host:
        raise SettingsError(
            f"firebase: no credentials; set {_firebase_login.VARIABLE} to a service account's key file"
        )
    return found, account


PROVIDER = Provider(
    name="firebase",
    title="Firebase",
    passwords="the API itself",
    identity=identity,
    open=open_source,
    mapper=_firebase_mapping.mapper,
    allowed=ALLOWED,
    tenancy=Tenancy(
        map=_firebase_tenancy.mappers,
        open={"organization": open_tenants},
        inside=frozenset({"membership"}),
    ),
    concurrency=4,
    connections=Connections(open=open_connections, map=_firebase_connections.mapper),
)
