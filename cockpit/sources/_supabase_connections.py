"""Supabase's SAML providers: GET /admin/sso/providers in one answer, or the same out of the database."""

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

from cockpit.clock import Clock
from cockpit.connections.model import Attributes, Connection, Saml
from cockpit.settings import Settings, SettingsError
from cockpit.sources import _connection_mapping as common
from cockpit.sources import _mapping
from cockpit.sources._plain import Plain
from cockpit.sources._rows import PostgresRows
from cockpit.sources._supabase_api import PROVIDERS, open_api
from cockpit.sources._supabase_settings import read_settings
from cockpit.sources.base import Connections, Memo, Raw, Source
from cockpit.terms import Page, RawItem
from cockpit.transport import TransportError

QUERY = """
select p.id::text, (to_jsonb(p) || jsonb_build_object(
    'saml', (select to_jsonb(s) from auth.saml_providers s where s.sso_provider_id = p.id limit 1),
    'domains', (select coalesce(jsonb_agg(to_jsonb(d) order by d.domain), '[]') from auth.sso_domains d
                where d.sso_provider_id = p.id)))::text
from auth.sso_providers p order by p.id
"""
"""As the admin API shows them, whatever columns the project's version has (supabase/auth, migrations)."""
THERE = "select to_regclass('auth.sso_providers')::text"
_FIELDS = {
    "sub": "idp_id",
    "email": "email",
    "given_name": "first_name",
    "first_name": "first_name",
    "family_name": "last_name",
    "last_name": "last_name",
    "name": "name",
    "full_name": "name",
    "groups": "groups",
}


class ApiProviders(Plain):
    """Through the admin API."""

    def __init__(self, base_url: str, key: str, timeout_s: float, clock: Clock) -> None:
        super().__init__()
        self._api = open_api(base_url, key, timeout_s, clock, self.hear)

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """One page. A project whose plan has no SAML answers 404 and has none."""
        response = await self._api.call("GET", PROVIDERS)
        if response.status_code == 404:
            yield Page(chain, "", None, [], size=len(response.content))
            return
        answered = self._api.records_of(response, "items")
        yield Page(chain, "", None, answered.items("id"), size=answered.size)

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()


class DatabaseProviders(Plain):
    """Out of the schema auth."""

    def __init__(self, rows: PostgresRows) -> None:
        super().__init__()
        self._rows = rows

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """One page; an empty one of a project from before single sign-on."""
        ((there,),) = await self._rows.fetch(THERE)
        rows = await self._rows.fetch(QUERY) if there else []
        items = [RawItem(str(ident), str(body)) for ident, body in rows]
        yield Page(chain, "", None, items, size=sum(len(item.body) for item in items))

    async def close(self) -> None:
        """Close the connection."""
        await self._rows.close()


def mapper(settings: Settings) -> Callable[[Raw], Connection]:
    """The mapping: the project's address is in what IdPs know. Raises SettingsError."""
    api = read_settings(settings).public_api

    def to_connection(raw: Raw) -> Connection:
        ident = _mapping.ident(raw, "id")
        found = _mapping.inner(raw, "saml")
        entity = _mapping.text(found.get("entity_id"))
        return Connection(
            provider="supabase",
            source_id=ident,
            name=_mapping.text(raw.get("resource_id")) or entity or ident,
            protocol="saml",
            kind="saml",
            enabled=raw.get("disabled") is not True,
            domains=common.domains([one.get("domain") for one in _mapping.dicts(raw.get("domains"))]),
            saml=_saml(found, api),
            attributes=_attributes(found),
            idp=common.makes(entity, found.get("metadata_url")),
            facts=common.facts(raw, "resource_id"),
        )

    return to_connection


def _saml(found: Mapping[str, Any], api: str | None) -> Saml:
    """Addresses and certificates of the IdP are in its metadata, which GoTrue always has."""
    return Saml(
        idp_entity_id=_mapping.text(found.get("entity_id")),
        metadata_url=_mapping.text(found.get("metadata_url")),
        metadata_xml=_mapping.text(found.get("metadata_xml")),
        sp_entity_id=f"{api}/sso/saml/metadata" if api else None,
        acs_url=f"{api}/sso/saml/acs" if api else None,
        name_id_format=_mapping.text(found.get("name_id_format")),
    )


def _attributes(found: Mapping[str, Any]) -> Attributes:
    """attribute_mapping.keys: {ours: {name, names, default}} (supabase/auth, SAMLAttributeMapping)."""
    given = {
        key: one.get("name") or one.get("names")
        for key, one in _mapping.inner(_mapping.inner(found, "attribute_mapping"), "keys").items()
        if isinstance(one, dict)
    }
    return common.attributes(given, _FIELDS)


async def open_connections(settings: Settings, memo: Memo, clock: Clock) -> Source:
    """The door that the settings open, the database's first; nothing is sent yet. Raises SettingsError."""
    found = read_settings(settings)
    if found.database_url is not None:
        return DatabaseProviders(PostgresRows("supabase", found.database_url.get_secret_value()))
    assert found.service_key is not None
    try:
        source = ApiProviders(found.api, found.service_key.get_secret_value(), found.timeout_s, clock)
    except TransportError as error:
        raise SettingsError(f"supabase: {error}") from None
    return source


SSO = Connections(open=open_connections, map=mapper)
