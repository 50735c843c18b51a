"""The sandbox as WorkOS of these logins: its connections, and what it tells of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.peers.sso import names
from tests.sandbox.running import Running

KEY, CLIENT_ID = "sk_sandbox", "client_sandbox"
SSO_EVENTS = tuple(f"authentication.sso_{one}" for one in ("started", "succeeded", "failed", "timed_out"))


@dataclass(frozen=True)
class Connection:
    """A connection at WorkOS, by its id, and its callback endpoint."""

    id: str
    organization_id: str
    callback_endpoint: str


class Workos:
    """A client of the sandbox, for the API and for what tests ask."""

    def __init__(self, base_url: str, client: httpx.Client) -> None:
        self.base_url = base_url
        self._client = client
        self.connections: dict[str, Connection] = {}

    def connect(self, tenant: str, options: dict[str, Any]) -> None:
        """An organization with a verified domain, and its connection."""
        verified = [{"domain": f"{tenant}.test", "state": "verified"}]
        organization = {"name": tenant, "external_id": tenant, "domain_data": verified}
        owner = self._call("POST", "/organizations", organization)["id"]
        body = {"organization_id": owner, "name": tenant, "external_id": tenant} | options
        row = self._call("POST", "/connections", body)
        self.connections[tenant] = Connection(row["id"], owner, row["callback_endpoint"])

    def login(self, tenant: str) -> str:
        """Where a login begins at WorkOS."""
        asked = {
            "client_id": CLIENT_ID,
            "redirect_uri": names.REDIRECT_URI,
            "response_type": "code",
            "connection": self.connections[tenant].id,
            "state": "s",
        }
        return f"https://{names.WORKOS}/sso/authorize?{urlencode(asked)}"

    def allow_idp_initiated(self, tenant: str, allowed: bool) -> None:
        """What an administrator sets in the dashboard."""
        path = f"/_sandbox/connections/{self.connections[tenant].id}"
        self._call("POST", path, {"idp_initiated": allowed})

    def story(self, tenant: str) -> list[dict[str, Any]]:
        """The data of all events of sign-ins by that tenant's connection, oldest first."""
        asked = urlencode({"events": ",".join(SSO_EVENTS), "limit": 100})
        data = [event["data"] for event in self._call("GET", f"/events?{asked}")["data"]]
        return [one for one in data if one["sso"]["connection_id"] == self.connections[tenant].id]

    def sessions(self, user_id: str) -> list[str]:
        """The ids of a user's sessions."""
        found = self._call("GET", f"/user_management/users/{user_id}/sessions")["data"]
        return [one["id"] for one in found]

    def seen(self) -> set[str]:
        """The hashes of all SAML responses and OIDC codes that came."""
        return {one["sha256"] for one in self._call("GET", "/_sandbox/sso/arrivals")["arrivals"]}

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return dict(self._client.request(method, path, json=body).raise_for_status().json())


@contextmanager
def workos(trusted: str, idp_address: str) -> Iterator[Workos]:
    """The sandbox at https://WORKOS, which reaches IdPs at that address and trusts that file's authority."""
    options = ("--source", "none", "--limits", "off", "--public-url", f"https://{names.WORKOS}")
    reached = ("--idp-address", idp_address)
    headers = {"Authorization": f"Bearer {KEY}"}
    with (
        Running(*options, *reached, environment={"SSL_CERT_FILE": trusted}) as sandbox,
        httpx.Client(base_url=sandbox.base_url, headers=headers, trust_env=False) as client,
    ):
        client.post("/_sandbox/config", json={"redirect_uris": names.REDIRECT_URI}).raise_for_status()
        yield Workos(sandbox.base_url, client)
