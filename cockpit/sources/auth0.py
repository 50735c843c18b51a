"""Auth0: users by export job, or by windows of created_at where the token may not start one."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from cockpit.clock import Clock
from cockpit.passwords import auth0_file, totp_file
from cockpit.settings import Settings
from cockpit.sources import (
    _auth0_connections,
    _auth0_mapping,
    _auth0_scopes,
    _auth0_streams,
    _auth0_tenancy,
    _mapping,
)
from cockpit.sources._api import refused
from cockpit.sources._auth0_api import ALLOWED, read_settings, tenant
from cockpit.sources._auth0_job import ExportJob, NoScope
from cockpit.sources._auth0_windows import CAP, PREFIX, Windows
from cockpit.sources.base import Checkup, Look, Memo, Provider
from cockpit.terms import Page
from cockpit.transport import Note, quiet

SINCE = "since "
"""The chain that looks for users created since a time (ms)."""


def identity(settings: Settings) -> str:
    """auth0: and the tenant's domain."""
    return f"auth0:{read_settings(settings).host}"


class Auth0Source:
    """The users of one tenant. `note` hears what it waits for."""

    def __init__(self, settings: Settings, memo: Memo, clock: Clock) -> None:
        self.note: Note = quiet
        self._tenant = tenant(settings, clock, lambda text: self.note(text))
        self._settings = self._tenant.settings
        self._api = self._tenant.api("read:users")
        self._job = ExportJob(
            self._api,
            memo,
            clock,
            self._tenant.retrying,
            lambda text: self.note(text),
            connection_id=self._settings.connection_id,
            page_lines=self._settings.page_lines,
            timeout=self._settings.timeout_s,
        )
        self._windows = Windows(self._api, clock)

    async def chains(self) -> Sequence[str]:
        """One."""
        return [""]

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of the export job, or windows where there can't be one."""
        if chain.startswith(SINCE):
            first = int(chain.removeprefix(SINCE))
            async with aclosing(self._windows.pages(cursor, first)) as pages:
                async for page in pages:
                    yield page._replace(chain=chain)
            return
        if cursor is None or not cursor.startswith(PREFIX):
            try:
                async with aclosing(self._job.pages(cursor)) as pages:
                    async for page in pages:
                        yield page
                return
            except NoScope:
                if self._settings.connection_id:
                    raise refused(
                        "auth0: the token may not start an export job, and without one connection_id can't "
                        "be kept to; grant read:users and create:users, or take connection_id out"
                    ) from None
                cursor = None
        async with aclosing(self._windows.pages(cursor)) as pages:
            async for page in pages:
                yield page

    async def count(self) -> int | None:
        """None: GET /api/v2/users caps its total at 1,000 and a job tells no number of lines."""
        return None

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """A job shows the tenant as it was when it was posted; who came since is searched for."""
        return [] if self._settings.connection_id else [f"{SINCE}{since}"]

    async def check(self) -> Checkup:
        """The token's scopes, and one user; the total is the tenant's while it is below the cap."""
        query = {"per_page": "1", "include_totals": "true"}
        response = await self._api.call("GET", "/api/v2/users", params=query)
        scopes = self._tenant.scopes()
        one = bool(self._settings.connection_id)
        findings = _auth0_scopes.findings(scopes, one_connection=one)
        if response.status_code == 403 and any(finding.level == "fail" for finding in findings):
            return Checkup(findings)
        total = self._api.object_of(response).get("total")
        return Checkup(findings, total if isinstance(total, int) and total < CAP else None)

    async def look(self) -> Look:
        """Who was changed last, which a sign-in is too; the total is the tenant's while below the cap."""
        query = {"per_page": "1", "include_totals": "true", "sort": "updated_at:-1"}
        body = await self._api.json("GET", "/api/v2/users", params=query)
        total, users = body.get("total"), body.get("users")
        newest = users[0] if isinstance(users, list) and users and isinstance(users[0], dict) else {}
        changed_at = _mapping.millis(newest.get("updated_at"))
        return Look(total if isinstance(total, int) and total < CAP else None, changed_at)

    async def close(self) -> None:
        """Close the connections."""
        await self._tenant.close()


async def open_source(settings: Settings, memo: Memo, clock: Clock) -> Auth0Source:
    """The tenant's users, ready to read; nothing is sent yet. Raises SettingsError."""
    return Auth0Source(settings, memo, clock)


PROVIDER = Provider(
    name="auth0",
    title="Auth0",
    passwords="a file that Auth0's support hands out (passwords load FILE)",
    identity=identity,
    open=open_source,
    mapper=_auth0_mapping.mapper,
    allowed=ALLOWED,
    tenancy=_auth0_tenancy.TENANCY,
    connections=_auth0_connections.SSO,
    webhooks=_auth0_streams.WEBHOOKS,
    hash_file=lambda chunks, _: auth0_file.entries(chunks),
    totp_file=lambda chunks, chosen: totp_file.entries(
        chunks, totp_file.AUTH0, chosen.columns, prefix=_auth0_mapping.DATABASE + "|"
    ),
)
