"""Descope's SSO settings, tenant by tenant: GET /v1/mgmt/tenant/all, then /v2/mgmt/sso/settings?tenantId=.

That is one configuration a tenant; what /v2/mgmt/sso/settings/all answers for tenants with several of them is
published nowhere (UNVERIFIED), so only the one that the former shows is read.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

from cockpit.connections.model import Connection, Oidc, Saml
from cockpit.settings import Settings
from cockpit.sources import _connection_mapping as common
from cockpit.sources import _mapping
from cockpit.sources._api import Api
from cockpit.sources._descope_tenancy import ANSWERS
from cockpit.sources._plain import Plain
from cockpit.sources.base import Raw
from cockpit.terms import Page, RawItem
from cockpit.transport import Allow

SSO_SETTINGS = "/v2/mgmt/sso/settings"
ALLOWED = [Allow("GET", SSO_SETTINGS)]
AT_ONCE = 100
"""Tenants in a page: each of them costs a request."""
_FIELDS = {
    "loginId": "idp_id",
    "email": "email",
    "givenName": "first_name",
    "familyName": "last_name",
    "name": "name",
    "group": "groups",
}
_OTHERS = ("customAttributes", "verifiedEmail", "verifiedPhone", "username")


class SsoSettings(Plain):
    """The settings of all tenants that have any."""

    def __init__(self, api: Api) -> None:
        super().__init__()
        self._api = api

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 100 tenants by their ids; a cursor is the id that the last one ended with."""
        answered = await self._api.records("GET", ANSWERS["organization"].path, "tenants")
        everybody = sorted(item.id for item in answered.items("id") if item.id)
        waiting = [ident for ident in everybody if ident > (cursor or "")]
        at, size = cursor or "", answered.size
        while True:
            part, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
            items = []
            for ident in part:
                response = await self._api.call("GET", SSO_SETTINGS, params={"tenantId": ident})
                if response.status_code == 404:  # it was deleted meanwhile
                    continue
                if _is_set(self._api.object_of(response)):
                    items.append(RawItem(ident, response.text))
                size += len(response.content)
            following = part[-1] if waiting else None
            yield Page(chain, at, following, items, size=size)
            if following is None:
                return
            at, size = following, 0

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()


def _is_set(settings: Mapping[str, Any]) -> bool:
    saml, oidc = _mapping.inner(settings, "saml"), _mapping.inner(settings, "oidc")
    return bool(saml.get("idpSSOUrl") or saml.get("idpMetadataUrl") or oidc.get("clientId"))


def mapper(settings: Settings) -> Callable[[Raw], Connection]:
    """The mapping, which no setting changes."""
    return _connection


def _connection(raw: Raw) -> Connection:
    """`authType` says which side is in use; where it says neither, the one that is filled in."""
    tenant = _mapping.inner(raw, "tenant")
    ident = _mapping.ident(tenant, "id")
    saml, oidc = _mapping.inner(raw, "saml"), _mapping.inner(raw, "oidc")
    kind = _mapping.text(tenant.get("authType")) or "none"
    is_oidc = kind == "oidc" or (kind != "saml" and not saml.get("idpSSOUrl") and bool(oidc.get("clientId")))
    given = _mapping.inner(oidc, "userAttrMapping") if is_oidc else _mapping.inner(saml, "attributeMapping")
    plain = {name: claim for name, claim in given.items() if name not in _OTHERS}
    custom = _mapping.inner(given, "customAttributes")
    return Connection(
        provider="descope",
        source_id=ident,
        name=_mapping.text(tenant.get("name")) or ident,
        protocol="oidc" if is_oidc else "saml",
        kind=kind,
        enabled=kind in ("saml", "oidc"),
        organizations=(ident,),
        organization_name=_mapping.text(tenant.get("name")),
        domains=common.domains(tenant.get("domains")),
        saml=None if is_oidc else _saml(saml),
        oidc=_oidc(oidc) if is_oidc else None,
        attributes=common.attributes({**plain, **custom}, _FIELDS),
        idp=common.makes(saml.get("idpSSOUrl"), saml.get("idpMetadataUrl"), oidc.get("issuer")),
        facts=common.facts(oidc, "authUrl", "tokenUrl", "userDataUrl", "JWKsUrl", "callbackDomain", "prompt")
        if is_oidc
        else common.facts(saml, "groupsMapping", "redirectUrl"),
    )


def _saml(found: Mapping[str, Any]) -> Saml:
    """Whether Descope signs requests, and with which key, is not said; it shows its certificate always."""
    more = found.get("idpAdditionalCertificates")
    return Saml(
        idp_entity_id=_mapping.text(found.get("idpEntityId")),
        idp_sso_url=_mapping.text(found.get("idpSSOUrl")),
        certificates=common.certificates(
            [found.get("idpCertificate"), *(more if isinstance(more, list) else [])]
        ),
        metadata_url=_mapping.text(found.get("idpMetadataUrl")),
        sp_entity_id=_mapping.text(found.get("spEntityId")),
        acs_url=_mapping.text(found.get("spACSUrl")),
    )


def _oidc(found: Mapping[str, Any]) -> Oidc:
    """`clientSecret` is always empty; `redirectUrl` is the application's, not what the IdP knows."""
    grant = _mapping.text(found.get("grantType"))
    return Oidc(
        client_id=_mapping.text(found.get("clientId")),
        client_secret=common.secret(found.get("clientSecret")),
        issuer=_mapping.text(found.get("issuer")),
        response_type="id_token" if grant == "implicit" else None,
        scopes=_mapping.texts(found.get("scope")),
    )
