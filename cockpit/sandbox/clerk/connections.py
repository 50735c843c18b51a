"""GET /v1/enterprise_connections, and the older /v1/saml_connections with the certificate of each."""

from aiohttp import web

from cockpit.sandbox import certificates
from cockpit.sandbox.clerk.api import BASE, Api, bounds, error
from cockpit.sandbox.idps import Published, published
from cockpit.sandbox.sso import Connection
from cockpit.sandbox.web import Json, Refused, answer
from cockpit.sandbox.world import World

_FRONT = "https://clerk.sandbox.example"
_HINT: Json = {"mode": "email_address"}
_PROVIDERS = {"okta": "saml_okta", "entra": "saml_microsoft", "generic": "saml_custom"}


class Connections:
    """Reading connections; Clerk knows SAML and OpenID Connect, and shows no secret."""

    def __init__(self, api: Api, world: World) -> None:
        self._api, self._world = api, world

    def routes(self) -> list[web.RouteDef]:
        """The list, and one of the older ones."""
        return [
            web.get(f"{BASE}/enterprise_connections", self.connections),
            web.get(f"{BASE}/saml_connections/{{id}}", self.saml),
        ]

    async def connections(self, request: web.Request) -> web.Response:
        """GET /v1/enterprise_connections, of one organization if it is named."""
        self._api.admit(request)
        offset, limit = bounds(request)
        wanted = request.query.get("organization_id")
        found = [
            row
            for one in self._all()
            if (row := self._connection(one, published(self._world, request, one)))
            and wanted in (None, row["organization_id"])
        ]
        return answer({"data": found[offset : offset + limit], "total_count": len(found)})

    async def saml(self, request: web.Request) -> web.Response:
        """GET /v1/saml_connections/{id}."""
        self._api.admit(request)
        for one in self._world.idps.saml:
            if f"samlc_{one.hex}" == request.match_info["id"]:
                return answer(self._older(one, published(self._world, request, one)))
        raise Refused(404, error(404, "resource_not_found", "not found"))

    def _all(self) -> list[Connection]:
        return [one for one in self._world.idps.all() if one.protocol in ("saml", "oidc")]

    def _connection(self, one: Connection, where: Published) -> Json:
        saml = one.protocol == "saml"
        return {
            "id": f"entconn_{one.hex}",
            "object": "enterprise_connection",
            "name": one.name,
            "provider": _PROVIDERS[one.maker] if saml else "oidc_custom",
            "active": True,
            "domains": list(one.domains),
            "organization_id": self._organization(one),
            "logo_public_url": None,
            "sync_user_attributes": True,
            "disable_additional_identifications": False,
            "allow_organization_account_linking": False,
            "custom_attributes": [],
            "saml_connection": _saml(one, where) if saml else None,
            "oauth_config": None if saml else _oauth(one, where),
            "created_at": one.created_at,
            "updated_at": one.created_at,
        }

    def _older(self, one: Connection, where: Published) -> Json:
        cert = one.certificates[0] if one.certificates else None
        return _saml(one, where) | {
            "object": "saml_connection",
            "domains": list(one.domains),
            "idp_certificate": certificates.bare(cert) if cert and "PRIVATE" not in cert else cert,
            "idp_certificate_issued_at": None,
            "idp_certificate_expires_at": None,
            "idp_metadata": one.metadata_xml,
            "organization_id": self._organization(one),
            "attribute_mapping": {
                "user_id": "",
                "email_address": "mail",
                "first_name": "givenName",
                "last_name": "surname",
            },
            "provider": _PROVIDERS[one.maker],
            "user_count": 0,
            "sync_user_attributes": True,
            "disable_additional_identifications": False,
            "allow_organization_account_linking": False,
            "enterprise_connection_id": f"entconn_{one.hex}",
            "created_at": one.created_at,
            "updated_at": one.created_at,
        }

    def _organization(self, one: Connection) -> str | None:
        """Clerk links a connection to one organization, or to none."""
        return self._world.companies.ident(one.companies[0]) if len(one.companies) == 1 else None


def _saml(one: Connection, where: Published) -> Json:
    return {
        "id": f"samlc_{one.hex}",
        "name": one.name,
        "idp_entity_id": one.entity_id,
        "idp_sso_url": one.sso_url,
        "idp_metadata_url": where.metadata_url,
        "acs_url": f"{_FRONT}/v1/saml/acs/samlc_{one.hex}",
        "sp_entity_id": f"{_FRONT}/saml/samlc_{one.hex}",
        "sp_metadata_url": f"{_FRONT}/v1/saml/metadata/samlc_{one.hex}.xml",
        "active": True,
        "allow_idp_initiated": one.idp_initiated,
        "allow_subdomains": False,
        "force_authn": False,
        "login_hint": _HINT,
    }


def _oauth(one: Connection, where: Published) -> Json:
    return {
        "id": f"oacc_{one.hex}",
        "name": one.name,
        "provider_key": f"oidc_custom_{one.number}",
        "client_id": one.client_id,
        "discovery_url": where.discovery_url,
        "auth_url": f"{where.issuer}/authorize",
        "token_url": f"{where.issuer}/token",
        "user_info_url": f"{where.issuer}/userinfo",
        "requires_pkce": False,
        "logo_public_url": None,
        "created_at": one.created_at,
        "updated_at": one.created_at,
    }
