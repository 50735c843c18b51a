"""The target: the calls of WorkOS that a migration needs, each through the limiter."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any
from urllib.parse import quote

from cockpit.clock import Clock
from cockpit.settings import SettingsError, TargetSettings
from cockpit.transport import Allow, Client, Lost, Unsent, client, retry_after
from cockpit.workos import replies
from cockpit.workos.limiter import Kind, Limiter
from cockpit.workos.replies import Reply

USERS = "/user_management/users"
AUTHENTICATE = "/user_management/authenticate"
RESET = "/user_management/password_reset"
MEMBERSHIPS = "/user_management/organization_memberships"
ORGANIZATIONS = "/organizations"
PERMISSIONS = "/authorization/permissions"
CONNECTIONS = "/connections"
WEBHOOK_ENDPOINTS = "/webhook_endpoints"
EVENTS = "/events"


class KeyRefused(Exception):
    """The target refuses the API key (401 or 403): a reason to stop, never a record's fault."""


class WorkOS:
    """A WorkOS environment. Every call waits its turn; a 429 is waited out here and counts as nothing.

    Calls raise KeyRefused, and Unsent or Lost when no reply came. `latency` hears the seconds of each.
    """

    def __init__(
        self, http: Client, limiter: Limiter, clock: Clock, latency: Callable[[float], None]
    ) -> None:
        self._http, self._limiter, self._clock, self._latency = http, limiter, clock, latency

    async def create_user(self, body: str) -> Reply:
        """POST /user_management/users with a JSON body."""
        return await self._send("write", "POST", USERS, content=body)

    async def update_user(self, user: str, fields: dict[str, Any]) -> Reply:
        """PUT /user_management/users/{id}: partial, idempotent."""
        return await self.put_user(user, json.dumps(fields))

    async def put_user(self, user: str, body: str) -> Reply:
        """The same with a JSON body."""
        return await self._send("write", "PUT", f"{USERS}/{user}", content=body)

    async def user_by_external_id(self, external_id: str) -> Reply:
        """GET /user_management/users/external_id/{external_id}; verdict "absent" when there is none."""
        return await self._send("read", "GET", f"{USERS}/external_id/{quote(external_id, safe='')}")

    async def user(self, user: str) -> Reply:
        """GET /user_management/users/{id}."""
        return await self._send("read", "GET", f"{USERS}/{user}")

    async def users_by_email(self, email: str) -> Reply:
        """GET /user_management/users?email=: a list of none or one."""
        return await self._send("read", "GET", USERS, params={"email": email})

    async def list_users(self, after: str | None, limit: int = 100) -> Reply:
        """A page of all users, oldest first, beyond the id `after`."""
        return await self._send("read", "GET", USERS, params=_page(after, limit))

    async def sign_in(self, client_id: str, key: str, email: str, password: str) -> Reply:
        """POST /user_management/authenticate with grant_type=password; refused when it is a wrong one."""
        body = {
            "client_id": client_id,
            "client_secret": key,
            "grant_type": "password",
            "email": email,
            "password": password,
        }
        return await self._send("write", "POST", AUTHENTICATE, content=json.dumps(body))

    async def reset_password(self, email: str) -> Reply:
        """POST /user_management/password_reset: a token and its URL, good for an hour.

        Whether WorkOS itself sends the e-mail is UNVERIFIED.
        """
        return await self._send("write", "POST", RESET, content=json.dumps({"email": email}))

    async def create_organization(self, body: str) -> Reply:
        """POST /organizations with a JSON body."""
        return await self._send("general", "POST", ORGANIZATIONS, content=body)

    async def put_organization(self, organization: str, body: str) -> Reply:
        """PUT /organizations/{id}: partial, but domain_data takes the place of what was there."""
        return await self._send("general", "PUT", f"{ORGANIZATIONS}/{organization}", content=body)

    async def organization_by_external_id(self, external_id: str) -> Reply:
        """GET /organizations/external_id/{external_id}."""
        return await self._send(
            "general", "GET", f"{ORGANIZATIONS}/external_id/{quote(external_id, safe='')}"
        )

    async def list_organizations(self, after: str | None, limit: int = 100) -> Reply:
        """A page of all organizations, oldest first, beyond the id `after`."""
        return await self._send("general", "GET", ORGANIZATIONS, params=_page(after, limit))

    async def organization(self, organization: str) -> Reply:
        """GET /organizations/{id}."""
        return await self._send("general", "GET", f"{ORGANIZATIONS}/{quote(organization, safe='')}")

    async def create_connection(self, body: str) -> Reply:
        """POST /connections with a JSON body: idempotent on its external_id within the organization."""
        return await self._send("general", "POST", CONNECTIONS, content=body)

    async def list_connections(self, after: str | None, limit: int = 100) -> Reply:
        """A page of all SSO connections, oldest first, beyond the id `after`."""
        return await self._send("general", "GET", CONNECTIONS, params=_page(after, limit))

    async def connection(self, connection: str) -> Reply:
        """GET /connections/{id}."""
        return await self._send("general", "GET", f"{CONNECTIONS}/{quote(connection, safe='')}")

    async def sessions_of(self, user: str) -> Reply:
        """GET /user_management/users/{id}/sessions: the newest hundred."""
        url = f"{USERS}/{quote(user, safe='')}/sessions"
        return await self._send("read", "GET", url, params={"limit": "100", "order": "desc"})

    async def it_contacts(self, organization: str) -> Reply:
        """GET /organizations/{id}/it_contacts."""
        return await self._send("general", "GET", f"{ORGANIZATIONS}/{organization}/it_contacts")

    async def create_it_contact(self, organization: str, body: str) -> Reply:
        """POST /organizations/{id}/it_contacts with a JSON body ({"email"})."""
        url = f"{ORGANIZATIONS}/{organization}/it_contacts"
        return await self._send("general", "POST", url, content=body)

    async def invite_it_contact(self, organization: str, contact: str, body: str) -> Reply:
        """POST .../it_contacts/{id}/invite with a JSON body ({"intents"}): WorkOS sends an e-mail."""
        url = f"{ORGANIZATIONS}/{organization}/it_contacts/{quote(contact, safe='')}/invite"
        return _done(await self._send("general", "POST", url, content=body))

    async def portal_link(self, body: str) -> Reply:
        """POST /portal/generate_link with a JSON body: a link that is good for five minutes."""
        return await self._send("general", "POST", "/portal/generate_link", content=body)

    async def create_permission(self, body: str) -> Reply:
        """POST /authorization/permissions with a JSON body."""
        return await self._send("general", "POST", PERMISSIONS, content=body)

    async def permission(self, slug: str) -> Reply:
        """GET /authorization/permissions/{slug}."""
        return await self._send("general", "GET", f"{PERMISSIONS}/{quote(slug, safe='')}")

    async def list_permissions(self, after: str | None, limit: int = 100) -> Reply:
        """A page of all permissions, oldest first, beyond the id `after`."""
        return await self._send("general", "GET", PERMISSIONS, params=_page(after, limit))

    async def list_roles(self, organization: str | None) -> Reply:
        """All roles of the environment, or those an organization may use, in one unpaged answer."""
        return await self._send("general", "GET", _roles(organization))

    async def create_role(self, organization: str | None, body: str) -> Reply:
        """POST a role of the environment, or of one organization, with a JSON body."""
        return await self._send("general", "POST", _roles(organization), content=body)

    async def role(self, organization: str | None, slug: str) -> Reply:
        """GET a role of the environment, or of one organization, by its slug."""
        return await self._send("general", "GET", f"{_roles(organization)}/{quote(slug, safe='')}")

    async def set_role_permissions(self, organization: str | None, slug: str, body: str) -> Reply:
        """PUT {"permissions": [slug]}: idempotent."""
        url = f"{_roles(organization)}/{quote(slug, safe='')}/permissions"
        return await self._send("general", "PUT", url, content=body)

    async def create_membership(self, body: str) -> Reply:
        """POST /user_management/organization_memberships with a JSON body."""
        return await self._send("write", "POST", MEMBERSHIPS, content=body)

    async def put_membership(self, membership: str, body: str) -> Reply:
        """PUT /user_management/organization_memberships/{id}: its roles."""
        return await self._send("write", "PUT", f"{MEMBERSHIPS}/{membership}", content=body)

    async def memberships_of(self, user: str, organization: str) -> Reply:
        """GET the memberships of a user in an organization, whatever their status."""
        params = {
            "user_id": user,
            "organization_id": organization,
            "statuses": "active,inactive,pending",
            "limit": "100",
        }
        return await self._send("read", "GET", MEMBERSHIPS, params=params)

    async def list_memberships(self, organization: str, after: str | None, limit: int = 100) -> Reply:
        """A page of an organization's memberships of every status, oldest first."""
        params = {"organization_id": organization, "statuses": "active,inactive,pending"}
        return await self._send("read", "GET", MEMBERSHIPS, params={**params, **_page(after, limit)})

    async def create_factor(self, user: str, body: str) -> Reply:
        """POST /user_management/users/{id}/auth_factors: not idempotent, every send makes one."""
        return await self._send("factor", "POST", f"{USERS}/{user}/auth_factors", content=body)

    async def factors_of(self, user: str) -> Reply:
        """GET /user_management/users/{id}/auth_factors."""
        return await self._send("read", "GET", f"{USERS}/{user}/auth_factors", params={"limit": "100"})

    async def delete_organization(self, organization: str) -> Reply:
        """DELETE /organizations/{id}."""
        return _done(await self._send("general", "DELETE", f"{ORGANIZATIONS}/{quote(organization, safe='')}"))

    async def list_webhook_endpoints(self, after: str | None, limit: int = 100) -> Reply:
        """A page of all webhook endpoints, oldest first; their secrets are among what it shows."""
        return await self._send("general", "GET", WEBHOOK_ENDPOINTS, params=_page(after, limit))

    async def set_webhook_endpoint(self, endpoint: str, status: str) -> Reply:
        """PATCH /webhook_endpoints/{id} {"status": enabled or disabled}: idempotent."""
        url = f"{WEBHOOK_ENDPOINTS}/{quote(endpoint, safe='')}"
        return await self._send("general", "PATCH", url, content=json.dumps({"status": status}))

    async def list_events(self, params: dict[str, str]) -> Reply:
        """GET /events: a page of the events that are named, oldest first."""
        return await self._send("general", "GET", EVENTS, params=params)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _send(self, kind: Kind, method: str, url: str, **kwargs: Any) -> Reply:
        while True:
            async with self._limiter.slot(kind):
                began = perf_counter()
                response = await self._http.request(method, url, **kwargs)
                self._latency(perf_counter() - began)
            reply = replies.read(response.status_code, response.content, response.headers.get("x-request-id"))
            if reply.verdict == "throttled":
                told = retry_after(response.headers, self._clock.now())
                self._limiter.told_429(replies.retry_after(response.content) if told is None else told)
                continue
            self._limiter.went_well()
            if reply.verdict == "unauthorized":
                raise KeyRefused(f"WorkOS refused the API key (HTTP {reply.status}: {reply.message})")
            return reply


def _done(reply: Reply) -> Reply:
    """204 has no body, and is a success all the same."""
    return replace(reply, verdict="ok", data={}) if reply.status == 204 else reply


def _page(after: str | None, limit: int) -> dict[str, str]:
    return {"limit": str(limit), "order": "asc", **({"after": after} if after else {})}


def _roles(organization: str | None) -> str:
    return f"/authorization/{f'organizations/{organization}/' if organization else ''}roles"


async def patiently(call: Callable[[], Awaitable[Reply]], wait: Callable[[str], Awaitable[None]]) -> Reply:
    """Ask until there is an answer that means something; `wait` is awaited after each failure.

    Whoever waits decides when it is enough, by raising.
    """
    while True:
        try:
            reply = await call()
        except (Lost, Unsent) as error:
            await wait(str(error))
            continue
        if reply.verdict != "unwell":
            return reply
        await wait(f"HTTP {reply.status}")


def connect(
    settings: TargetSettings,
    limiter: Limiter,
    clock: Clock,
    latency: Callable[[float], None] = lambda _: None,
    *,
    allow: Sequence[Allow] | None = None,
) -> WorkOS:
    """The environment that the settings name; `allow`: only these requests are ever sent (None: any).

    Raises SettingsError when the key is missing, TransportError for an address that can't be one.
    """
    if settings.api_key is None:
        raise SettingsError("no WorkOS API key; set WORKOS_API_KEY")
    http = client(
        settings.base_url,
        headers={
            "authorization": f"Bearer {settings.api_key.get_secret_value()}",
            "content-type": "application/json",
        },
        timeout=settings.timeout_s,
        allow=allow,
        max_connections=50,
    )
    return WorkOS(http, limiter, clock, latency)
