"""Clerk's enterprise connections, each SAML one with what only the older listing shows of it.

GET /enterprise_connections by offset; GET /saml_connections/{id} has the certificate, the metadata and the
mapping of attributes, which the former leaves out (SDK clerk-backend-api). Nothing shows a client secret.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from cockpit.clock import Clock
from cockpit.connections.model import Connection, Oidc, Saml
from cockpit.settings import Settings
from cockpit.sources import _connection_mapping as common
from cockpit.sources import _mapping, _offset
from cockpit.sources._clerk_api import LIMIT, OVERLAP, open_api
from cockpit.sources._plain import Plain
from cockpit.sources._slices import Slice
from cockpit.sources.base import Connections, Memo, Raw, Source
from cockpit.terms import Page, RawItem

CONNECTIONS, SAML = "/enterprise_connections", "/saml_connections"
GONE = (404, 410)
"""The older listing is deprecated: where it is gone, its part stays unknown."""
_FIELDS = {
    "user_id": "idp_id",
    "email_address": "email",
    "first_name": "first_name",
    "last_name": "last_name",
}
_MAKES = {"okta": "okta", "microsoft": "entra", "google": "google"}


class EnterpriseConnections(Plain):
    """All connections of an instance, active or not."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        super().__init__()
        self._api = open_api(settings, clock, self.hear)

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 500 that overlap, since no order is published."""

        async def fetch(offset: int, limit: int) -> _offset.Rows:
            query = {"limit": str(limit), "offset": str(offset)}
            answered = await self._api.records("GET", CONNECTIONS, "data", params=query)
            total = answered.others.get("total_count")
            items = [await self._item(one) for one in answered.found]
            return _offset.Rows(items, answered.size, total if isinstance(total, int) else None)

        async with aclosing(_offset.pages(fetch, chain, cursor, limit=LIMIT, overlap=OVERLAP)) as pages:
            async for page in pages:
                yield page

    async def count(self) -> int | None:
        """total_count."""
        query = {"limit": "1", "offset": "0"}
        answered = await self._api.records("GET", CONNECTIONS, "data", params=query)
        total = answered.others.get("total_count")
        return total if isinstance(total, int) else None

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    async def _item(self, connection: Slice) -> RawItem:
        value = connection.value if isinstance(connection.value, dict) else {}
        saml = _mapping.text(_mapping.inner(value, "saml_connection").get("id"))
        older = await self._older(saml) if saml else "null"
        body = f'{{"connection":{connection.text},"saml_connection":{older}}}'
        return RawItem(_mapping.text(value.get("id")) or "", body)

    async def _older(self, ident: str) -> str:
        response = await self._api.call("GET", f"{SAML}/{quote(ident, safe='')}")
        if response.status_code in GONE:
            return "null"
        self._api.object_of(response)
        return response.text


def mapper(settings: Settings) -> Callable[[Raw], Connection]:
    """The mapping, which no setting changes."""
    return _connection


def _connection(raw: Raw) -> Connection:
    found, older = _mapping.inner(raw, "connection"), _mapping.inner(raw, "saml_connection")
    ident, kind = _mapping.ident(found, "id"), _mapping.text(found.get("provider")) or ""
    given, config = _mapping.inner(found, "saml_connection"), _mapping.inner(found, "oauth_config")
    saml = _saml(given, older) if given else None
    oidc = _oidc(config) if config and not saml else None
    organization = _mapping.text(found.get("organization_id"))
    custom = {
        key: path
        for one in _mapping.dicts(found.get("custom_attributes"))
        if (key := _mapping.text(one.get("key"))) and (path := _mapping.text(one.get("sso_path")))
    }
    return Connection(
        provider="clerk",
        source_id=ident,
        name=_mapping.text(found.get("name")) or ident,
        protocol="saml" if saml else "oidc" if oidc else "other",
        kind=kind,
        enabled=found.get("active") is True,
        organizations=(organization,) if organization else (),
        domains=common.domains(found.get("domains")),
        saml=saml,
        oidc=oidc,
        attributes=common.attributes(_mapping.inner(older, "attribute_mapping"), _FIELDS).model_copy(
            update={"custom": custom}
        ),
        idp=_make(kind, given.get("idp_sso_url"), config.get("auth_url")),
        facts=common.facts(given, "allow_subdomains", "force_authn", "login_hint", "sp_metadata_url")
        | common.facts(
            found, "sync_user_attributes", "allow_organization_account_linking",
            "disable_additional_identifications",
        )
        | common.facts(config, "provider_key", "auth_url", "token_url", "user_info_url"),
    )  # fmt: skip


def _make(kind: str, *addresses: str | None) -> str | None:
    """Clerk's own word has it at its end, unless that is `custom`."""
    return _MAKES.get(kind.rpartition("_")[2]) or common.makes(*addresses)


def _saml(given: Mapping[str, Any], older: Mapping[str, Any]) -> Saml:
    """Clerk tells neither whether it signs requests nor of any decryption."""
    return Saml(
        idp_entity_id=_mapping.text(given.get("idp_entity_id")),
        idp_sso_url=_mapping.text(given.get("idp_sso_url")),
        certificates=common.certificates([older.get("idp_certificate")]),
        metadata_url=_mapping.text(given.get("idp_metadata_url")),
        metadata_xml=_mapping.text(older.get("idp_metadata")),
        sp_entity_id=_mapping.text(given.get("sp_entity_id")),
        acs_url=_mapping.text(given.get("acs_url")),
        idp_initiated=given.get("allow_idp_initiated") is True,
    )


def _oidc(config: Mapping[str, Any]) -> Oidc:
    pkce = config.get("requires_pkce")
    return Oidc(
        client_id=_mapping.text(config.get("client_id")),
        discovery_endpoint=_mapping.text(config.get("discovery_url")),
        pkce=pkce if isinstance(pkce, bool) else None,
    )


async def open_connections(settings: Settings, memo: Memo, clock: Clock) -> Source:
    """The instance's connections, ready to read; nothing is sent yet. Raises SettingsError."""
    return EnterpriseConnections(settings, clock)


SSO = Connections(open=open_connections, map=mapper)
