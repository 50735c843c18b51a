"""/connections: list, read and delete everywhere; create and change where the environment has that API.

What is created begins as `validating`; its first sign-in, or a control call, makes it `active`
(documentation: reference/sso/connection/create; SDK 10.8 for the shapes). UNVERIFIED: the statuses of the
errors whose codes are published.
"""

import secrets

from aiohttp import web

from cockpit.sandbox.web import Json, Refused, answer, json_object
from cockpit.sandbox.workos import connection_options
from cockpit.sandbox.workos.connection_options import IdP, Maker
from cockpit.sandbox.workos.connection_store import Connection, Protocol, domains_of
from cockpit.sandbox.workos.errors import not_found, refuse, unprocessable
from cockpit.sandbox.workos.fields import check_shape, text
from cockpit.sandbox.workos.organization_store import Organization
from cockpit.sandbox.workos.paging import envelope, page, place
from cockpit.sandbox.world import World

_TYPES: dict[str, type] = {
    "organization_id": str,
    "name": str,
    "external_id": str,
    "connection_type": str,
    "attribute_maps": dict,
    "saml_options": dict,
    "oidc_options": dict,
}
_OFF = (
    "This operation requires the Connections API migration capabilities, which are not enabled for this "
    "environment."
)
_GENERIC: dict[Protocol, str] = {"saml": "GenericSAML", "oidc": "GenericOIDC"}
_CALLBACKS: dict[Protocol, str] = {"saml": "/sso/saml/acs", "oidc": "/sso/oidc/callback"}
_STANDARD = ("idp_id", "email", "first_name", "last_name", "groups", "name")


class Connections:
    """The SSO connections of one environment."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """What is served under /connections."""
        return [
            web.post("/connections", self.create),
            web.get("/connections", self.list_page),
            web.get("/connections/{id}", self.get),
            web.patch("/connections/{id}", self.update),
            web.delete("/connections/{id}", self.delete),
            web.get("/connections/{id}/saml_idp_signing_certs", self.certificates),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """POST /connections: the organization's connection of that external id, made when there is none."""
        self._refuse_where_off()
        body = check_shape(await json_object(request), _TYPES)
        organization = self._organization(text(body, "organization_id"))
        protocol = _protocol(body)
        external_id = body.get("external_id")
        connections = self._world.connections
        if external_id is not None:
            present = connections.by_external_id(organization.id, external_id)
            if present is not None:
                return answer(self._shown(present))
        if connections.of_organization.of(organization.id) and not self._world.switches.multiple_connections:
            self._world.refused["connection_already_exists_for_organization"] += 1
            message = "A connection already exists for this organization."
            raise refuse(409, message, "connection_already_exists_for_organization")
        key = secrets.token_urlsafe(16)
        kind = _type(body.get("connection_type"), protocol)
        row = self._new(request, organization, protocol, kind, key)
        maker = self._maker(request, key, row.callback_endpoint)
        connections.add(
            _with_options(row, body, maker, old=None)._replace(
                name=body.get("name") or organization.name,
                external_id=external_id,
                attribute_maps=self._attribute_maps(body, row.attribute_maps),
            )
        )
        return answer(self._shown(connections[row.id]), 201)

    async def list_page(self, request: web.Request) -> web.Response:
        """GET /connections: by type, domain, organization and a part of the name, in any case."""
        query, rows = request.query, self._world.connections
        search = query.get("search", "").casefold()

        def wanted(row: Connection) -> bool:
            return (
                query.get("connection_type") in (None, row.connection_type)
                and ("domain" not in query or query["domain"].lower() in {name for _, name in row.domains})
                and search in row.name.casefold()
            )

        if (organization := query.get("organization_id")) is not None:
            found = page(rows.of_organization.of(organization), place(request), rows.__getitem__, wanted)
        else:
            found = rows.page(place(request), wanted)
        return answer(envelope(found, self._shown))

    async def get(self, request: web.Request) -> web.Response:
        """GET /connections/{id}."""
        return answer(self._shown(self._found(request)))

    async def update(self, request: web.Request) -> web.Response:
        """PATCH /connections/{id}: what is named changes; null sets what may be null back to its default."""
        self._refuse_where_off()
        body = check_shape(await json_object(request), _TYPES)
        row = self._found(request)
        if body.get("connection_type") not in (None, row.connection_type):
            message = "The connection type can't be changed."
            raise refuse(400, message, "connection_type_not_updatable")
        if body.get(f"{row.protocol}_options") is None and (
            body.get("saml_options") or body.get("oidc_options")
        ):
            raise unprocessable(("options", f"must be those of {row.protocol}"))
        if body.get(f"{row.protocol}_options") is not None:
            maker = self._maker(request, row.external_key, row.callback_endpoint)
            row = _with_options(row, body, maker, old=row.options)
        row = row._replace(
            name=body.get("name") or row.name,
            external_id=body.get("external_id", row.external_id),
            attribute_maps=self._attribute_maps(body, row.attribute_maps),
            updated_at=self._world.ids.now_ms(),
        )
        self._world.connections.replace(row)
        return answer(self._shown(row))

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE /connections/{id}."""
        self._world.connections.remove(self._found(request))
        return web.Response(status=204)

    async def certificates(self, request: web.Request) -> web.Response:
        """GET /connections/{id}/saml_idp_signing_certs: all in one answer."""
        self._refuse_where_off()
        row = self._found(request)
        found = row.options.get("idp_signing_certs", [])
        return answer({"object": "list", "data": found, "list_metadata": {"before": None, "after": None}})

    def _new(
        self, request: web.Request, organization: Organization, protocol: Protocol, kind: str, key: str
    ) -> Connection:
        now = self._world.ids.now_ms()
        return Connection(
            id=self._world.ids.next("conn"),
            organization_id=organization.id,
            connection_type=kind,
            name=organization.name,
            state="validating",
            external_id=None,
            external_key=key,
            protocol=protocol,
            callback_endpoint=f"{self._world.origin(request)}{_CALLBACKS[protocol]}/{key}",
            attribute_maps={"standard_attributes": dict.fromkeys(_STANDARD), "custom_attributes": {}},
            options={},
            secret=None,
            domains=domains_of(organization),
            created_at=now,
            updated_at=now,
        )

    def _maker(self, request: web.Request, key: str, callback: str) -> Maker:
        """`metadata`: this WorkOS reaches no IdPs but those of the sandbox's own customers."""
        origin = self._world.origin(request)

        def metadata(url: str) -> IdP | None:
            found = self._world.idps.by_metadata_url(url.removeprefix(origin))
            return None if found is None else IdP(found.entity_id, found.sso_url, found.certificates)

        return Maker(
            now=self._world.clock.now(),
            ident=self._world.ids.next,
            sp_metadata_url=f"{origin}/sso/saml/{key}/metadata",
            acs_url=callback,
            sp_entity_id=f"https://auth.workos.com/{key}",
            metadata=metadata,
        )

    def _attribute_maps(self, body: Json, old: Json) -> Json:
        given = body.get("attribute_maps") or {}
        standard, custom = given.get("standard_attributes") or {}, given.get("custom_attributes") or {}
        if unknown := custom.keys() - set(self._world.switches.custom_attributes.split()):
            message = f"The custom attribute {min(unknown)} does not exist."
            raise refuse(400, message, "custom_attribute_not_found")
        return {
            "standard_attributes": old["standard_attributes"]
            | {name: standard[name] for name in _STANDARD if name in standard},
            "custom_attributes": old["custom_attributes"] | custom,
        }

    def _shown(self, row: Connection) -> Json:
        return row.as_json() if self._world.switches.connections_api else row.brief()

    def _refuse_where_off(self) -> None:
        if not self._world.switches.connections_api:
            raise Refused(404, {"message": _OFF})

    def _organization(self, ident: str) -> Organization:
        organization = self._world.organizations.get(ident)
        if organization is None:
            raise not_found("Organization", ident)
        return organization

    def _found(self, request: web.Request) -> Connection:
        ident = request.match_info["id"]
        row = self._world.connections.get(ident)
        if row is None:
            raise not_found("Connection", ident)
        return row


def _protocol(body: Json) -> Protocol:
    saml, oidc = body.get("saml_options"), body.get("oidc_options")
    if (saml is None) == (oidc is None):
        raise unprocessable(("saml_options", "or oidc_options is required, and not both"))
    return "oidc" if saml is None else "saml"


def _type(given: str | None, protocol: Protocol) -> str:
    """The connection type; SAML and OIDC ones only, and of the protocol whose options are given."""
    if given is None:
        return _GENERIC[protocol]
    if not given.upper().endswith(protocol.upper()):
        raise unprocessable(("connection_type", f"must be one of {protocol.upper()}"))
    return given


def _with_options(row: Connection, body: Json, maker: Maker, old: Json | None) -> Connection:
    if row.protocol == "saml":
        return row._replace(options=connection_options.saml(body["saml_options"], maker, old))
    options, secret = connection_options.oidc(body["oidc_options"], maker, old)
    return row._replace(options=options, secret=secret or row.secret)
