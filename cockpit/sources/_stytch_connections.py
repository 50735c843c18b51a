"""Stytch's SSO connections (B2B): organization by organization, of those that have an active one.

POST /v1/b2b/organizations/search names the active connections of each (sso_active_connections); GET
/v1/b2b/sso/{organization_id} has them whole, those that are pending too (SDK stytch).
"""

import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from cockpit.clock import Clock
from cockpit.connections.model import Connection, KeyPair, Oidc, Protocol, Saml
from cockpit.settings import Settings
from cockpit.sources import _connection_mapping as common
from cockpit.sources import _mapping
from cockpit.sources._plain import Plain
from cockpit.sources._slices import slices
from cockpit.sources._stytch_api import ORGS, SSO_OF, project, searched
from cockpit.sources.base import Connections, Memo, Raw, Source
from cockpit.terms import Page, RawItem

LISTS: Mapping[str, Protocol] = {
    "saml_connections": "saml",
    "oidc_connections": "oidc",
    "external_connections": "other",
}
"""External ones are another organization's, lent to this one."""
_FIELDS = {
    "idp_user_id": "idp_id",
    "email": "email",
    "first_name": "first_name",
    "last_name": "last_name",
    "full_name": "name",
    "groups": "groups",
}
_MAKES = {"google-workspace": "google", "microsoft-entra": "entra", "pingfederate": "ping"}


class SsoConnections(Plain):
    """The connections of all organizations, a page of organizations at a time."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        super().__init__()
        self._project = project(settings, clock, self.hear)
        self._b2b = self._project.b2b

    async def chains(self) -> Sequence[str]:
        """One of a B2B project, none of a consumer project."""
        return [""] if await self._project.is_b2b() else []

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 1,000 organizations."""
        search = searched(
            self._b2b, "organizations", lambda body: self._b2b.call("POST", ORGS, json=body), cursor
        )
        async with aclosing(search) as pages:
            async for page in pages:
                items: list[RawItem] = []
                for organization in page.answered.found:
                    value = organization.value if isinstance(organization.value, dict) else {}
                    if value.get("sso_active_connections"):
                        items += await self._of(value)
                yield Page(chain, page.cursor, page.next_cursor, items, size=page.answered.size)

    async def close(self) -> None:
        """Close the connections."""
        await self._project.close()

    async def _of(self, organization: Mapping[str, Any]) -> list[RawItem]:
        ident = _mapping.text(organization.get("organization_id")) or ""
        response = await self._b2b.call("GET", f"{SSO_OF}/{quote(ident, safe='')}")
        if response.status_code == 404:  # it was deleted meanwhile
            return []
        self._b2b.object_of(response)
        kept = ("organization_id", "organization_name", "email_allowed_domains", "claimed_email_domains")
        head = json.dumps({key: organization.get(key) for key in kept})
        items = []
        for key in LISTS:
            for one in slices(response.text, key)[0]:
                name = _mapping.text(one.value.get("connection_id")) if isinstance(one.value, dict) else None
                body = f'{{"organization":{head},"list":"{key}","connection":{one.text}}}'
                items.append(RawItem(name or "", body))
        return items


def mapper(settings: Settings) -> Callable[[Raw], Connection]:
    """The mapping, which no setting changes."""
    return _connection


def _connection(raw: Raw) -> Connection:
    found, organization = _mapping.inner(raw, "connection"), _mapping.inner(raw, "organization")
    protocol = LISTS[_mapping.ident(raw, "list")]
    ident = _mapping.ident(found, "connection_id")
    make = _mapping.text(found.get("identity_provider"))
    owner = _mapping.text(organization.get("organization_id"))
    return Connection(
        provider="stytch",
        source_id=ident,
        name=_mapping.text(found.get("display_name")) or ident,
        protocol=protocol,
        kind="external" if protocol == "other" else protocol,
        enabled=found.get("status") == "active",
        organizations=(owner,) if owner else (),
        organization_name=_mapping.text(organization.get("organization_name")),
        domains=common.domains(
            organization.get("claimed_email_domains"), organization.get("email_allowed_domains")
        ),
        saml=_saml(found) if protocol == "saml" else None,
        oidc=_oidc(found) if protocol == "oidc" else None,
        attributes=common.attributes(_mapping.inner(found, "attribute_mapping"), _FIELDS),
        idp=None if make in (None, "generic") else _MAKES.get(make, make),
        facts=common.facts(
            found, "authorization_url", "token_url", "userinfo_url", "jwks_url", "external_organization_id",
            "external_connection_id", "saml_connection_implicit_role_assignments",
            "saml_group_implicit_role_assignments", "allow_gateway_callback",
        ),
    )  # fmt: skip


def _saml(found: Mapping[str, Any]) -> Saml:
    """The alternative addresses are what an IdP knows from before Stytch.

    `signing_certificates` are said to be of the key that signs requests, which Stytch keeps; whether every
    connection has such is UNVERIFIED. Of what decrypts the key is shown, but no certificate.
    """
    own = [one.get("certificate") for one in _mapping.dicts(found.get("signing_certificates"))]
    theirs = [one.get("certificate") for one in _mapping.dicts(found.get("verification_certificates"))]
    keys = _mapping.dicts(found.get("encryption_private_keys"))
    decryption = tuple(pair for one in keys if (pair := common.pair(one, "private_key")))
    signing = _mapping.text(own[0]) if own else None
    return Saml(
        idp_entity_id=_mapping.text(found.get("idp_entity_id")),
        idp_sso_url=_mapping.text(found.get("idp_sso_url")),
        certificates=common.certificates(theirs),
        sp_entity_id=_mapping.text(found.get("alternative_audience_uri"))
        or _mapping.text(found.get("audience_uri")),
        acs_url=_mapping.text(found.get("alternative_acs_url")) or _mapping.text(found.get("acs_url")),
        name_id_format=_mapping.text(found.get("nameid_format")),
        signs_requests=bool(own),
        signing=KeyPair(certificate=signing) if signing else None,
        encrypts_assertions=True if decryption else None,
        decryption=decryption,
        idp_initiated=found.get("idp_initiated_auth_disabled") is False,
    )


def _oidc(found: Mapping[str, Any]) -> Oidc:
    return Oidc(
        client_id=_mapping.text(found.get("client_id")),
        client_secret=common.secret(found.get("client_secret")),
        issuer=_mapping.text(found.get("issuer")),
        redirect_uri=_mapping.text(found.get("redirect_url")),
        scopes=tuple((_mapping.text(found.get("custom_scopes")) or "").split()),
    )


async def open_connections(settings: Settings, memo: Memo, clock: Clock) -> Source:
    """The project's connections, ready to read; nothing is sent yet. Raises SettingsError."""
    return SsoConnections(settings, clock)


SSO = Connections(open=open_connections, map=mapper)
