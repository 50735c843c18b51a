"""GET /connections, and which of them an organization has enabled."""

from aiohttp import web

from cockpit.sandbox import certificates
from cockpit.sandbox.auth0.api import Api, refused
from cockpit.sandbox.auth0.paging import offset_page, page
from cockpit.sandbox.auth0.records import CONNECTIONS
from cockpit.sandbox.idps import Published, published
from cockpit.sandbox.sso import Case, Connection
from cockpit.sandbox.web import Json, answer
from cockpit.sandbox.world import World

OTHERS: list[Json] = [
    {"id": ident, "name": name, "strategy": strategy, "realms": [name], "options": {}}
    for ident, name, strategy in CONNECTIONS
    if strategy in ("auth0", "google-oauth2", "sms")
]
"""What the tenant has beside the connections of enterprises."""
_TEMPLATE = (
    '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="@@ID@@" Version="2.0">'
    '<samlp:NameIDPolicy Format="{format}" AllowCreate="true"/></samlp:AuthnRequest>'
)


class Connections:
    """Reading connections; their options need a scope of their own."""

    def __init__(self, api: Api, world: World) -> None:
        self._api, self._world = api, world

    def routes(self) -> list[web.RouteDef]:
        """Both lists."""
        root = "/auth0/api/v2"
        return [
            web.get(f"{root}/connections", self.connections),
            web.get(f"{root}/organizations/{{id}}/enabled_connections", self.enabled),
        ]

    async def connections(self, request: web.Request) -> web.Response:
        """GET /api/v2/connections of the strategies that are named, or all."""
        headers = self._api.admit(request, "read:connections", "read:connections_options")
        wanted = set(request.query.getall("strategy", []))
        shown = [
            *OTHERS,
            *(record(one, published(self._world, request, one)) for one in self._world.idps.all()),
        ]
        found = [one for one in shown if not wanted or one["strategy"] in wanted]
        return answer(page(request, "connections", found, range(len(found)), dict), headers=headers)

    async def enabled(self, request: web.Request) -> web.Response:
        """GET /api/v2/organizations/{id}/enabled_connections, by offset only."""
        headers = self._api.admit(request, "read:organization_connections")
        number = self._world.companies.find(request.match_info["id"])
        if number is None:
            message = "No organization found by that id or name"
            raise refused(404, "Not Found", message, "inexistent_organization")
        theirs = [OTHERS[0], *(_head(one) for one in self._world.idps.of_company(number))]
        return answer(offset_page(request, "enabled_connections", theirs, _enabled), headers=headers)


def connection_id(one: Connection) -> str:
    """The id of a connection."""
    return f"con_{one.hex}"


def strategy(one: Connection) -> str:
    """Auth0's word for what it is."""
    if one.protocol == "saml":
        return "samlp"
    if one.protocol == "wsfed":
        return "adfs"
    return "okta" if one.maker == "okta" and one.case is not Case.NO_DISCOVERY else "oidc"


def record(one: Connection, where: Published) -> Json:
    """A connection with its options."""
    options = {"samlp": _saml, "adfs": _adfs}.get(strategy(one), _oidc)(one, where)
    if one.domains:
        options["domain_aliases"] = list(one.domains)
    return _head(one) | {
        "display_name": one.name,
        "options": options,
        "realms": [one.slug],
        "is_domain_connection": False,
        "show_as_button": True,
    }


def _head(one: Connection) -> Json:
    return {"id": connection_id(one), "name": one.slug, "strategy": strategy(one)}


def _enabled(connection: Json) -> Json:
    return {
        "connection_id": connection["id"],
        "assign_membership_on_login": False,
        "show_as_button": True,
        "is_signup_enabled": False,
        "connection": {"name": connection["name"], "strategy": connection["strategy"]},
    }


def _saml(one: Connection, where: Published) -> Json:
    options: Json = {
        "signInEndpoint": one.sso_url,
        "signSAMLRequest": one.signed,
        "protocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
        "signatureAlgorithm": "rsa-sha256",
        "digestAlgorithm": "sha256",
        "fieldsMap": {"email": "email", "given_name": ["firstName", "first"], "family_name": "lastName"},
    }
    if one.certificates:
        options["signingCert"] = certificates.encoded(one.certificates[0])
        options["metadataXml"] = one.metadata_xml
    if where.metadata_url:
        options["metadataUrl"] = where.metadata_url
    if one.signing:
        options["signing_key"] = one.signing._asdict()
    if one.case is Case.KEY_WITHOUT_CERTIFICATE and one.decryption:
        options["decryptionKey"] = one.decryption.key
    elif one.decryption:
        options["decryptionKey"] = one.decryption._asdict()
    elif one.encrypted:
        options["assertion_decryption_settings"] = {"algorithm_profile": "v2026-1"}
    if one.case in (Case.TRANSIENT_NAME_ID, Case.PERSISTENT_NAME_ID):
        options["requestTemplate"] = _TEMPLATE.format(format=one.name_id)
    if one.idp_initiated:
        options["idpinitiated"] = {"enabled": True, "client_id": "sandbox", "client_protocol": "oauth2"}
    return options


def _oidc(one: Connection, where: Published) -> Json:
    options: Json = {"client_id": one.client_id, "type": "back_channel", "scope": "openid profile email"}
    if one.client_secret:
        options["client_secret"] = one.client_secret
    if one.by_key:
        options["token_endpoint_auth_method"] = "private_key_jwt"
    if where.discovery_url is None:
        return options | {
            "authorization_endpoint": f"{where.issuer}/authorize",
            "token_endpoint": f"{where.issuer}/token",
            "jwks_uri": f"{where.issuer}/keys",
        }
    if strategy(one) == "okta":
        options["domain"] = one.host
    options["issuer"] = where.issuer
    options["discovery_url"] = where.discovery_url
    options["attribute_map"] = {
        "mapping_mode": "use_map",
        "attributes": {"email": "${context.tokenset.email}", "name": "${context.tokenset.name}"},
    }
    return options


def _adfs(one: Connection, where: Published) -> Json:
    return {"adfs_server": f"https://{one.host}/FederationMetadata/2007-06/FederationMetadata.xml"}
