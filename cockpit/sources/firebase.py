"""Firebase Authentication and Identity Platform: accounts:batchGet of the project and of each tenant."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from cockpit.clock import Clock
from cockpit.rules.mask import printable
from cockpit.settings import Settings
from cockpit.sources import _firebase_check, _firebase_connections, _firebase_hash, _firebase_mapping
from cockpit.sources._firebase_api import (
    ALLOWED,
    BASE_URL,
    Project,
    account_of,
    open_project,
    project_of,
    read_settings,
    refusal,
)  # fmt: skip
from cockpit.sources._slices import Slice, slices
from cockpit.sources.base import Checkup, Memo, Provider, SourceError
from cockpit.terms import Page, RawItem
from cockpit.transport import Note, Response, quiet

PAGE = 1000
AGAIN = "again "
"""Chains that read a tenant a second time are named so, with when and which."""


def identity(settings: Settings) -> str:
    """firebase: and the project, with its host where that is not Google's."""
    found = read_settings(settings)
    project = project_of(found, account_of(found))
    return f"firebase:{project}" + ("" if found.url == BASE_URL else f"@{found.url.partition('://')[2]}")


class FirebaseSource:
    """One project and its tenants. `note` hears what it waits for."""

    def __init__(self, project: Project, memo: Memo) -> None:
        self.note: Note = quiet
        project.note = lambda text: self.note(text)
        self._open, self._memo = project, memo
        self._api, self._project, self._settings = project.api, project.id, project.settings
        self._chains: list[str] | None = None

    async def chains(self) -> Sequence[str]:
        """ "" for the project's own users, and each tenant: tenants' users are not in the project's list."""
        if self._chains is None:
            self._chains = ["", *await self._open.tenants()]
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
                await self._open.warn(
                    f"redacted:{tenant}", "hashes are REDACTED: the account may not read them"
                )
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
        await self._open.close()

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
    return FirebaseSource(open_project(settings, memo, clock), memo)


PROVIDER = Provider(
    name="firebase",
    title="Firebase",
    passwords="the API itself",
    identity=identity,
    open=open_source,
    mapper=_firebase_mapping.mapper,
    allowed=ALLOWED,
    concurrency=4,
    connections=_firebase_connections.SSO,
)
