"""/_sandbox/idp: what the customers' IdPs publish, and which connections there are."""

from typing import NamedTuple

from aiohttp import web

from cockpit.sandbox.sso import LOCAL, Connection
from cockpit.sandbox.web import Json, Refused, answer
from cockpit.sandbox.world import World


class Published(NamedTuple):
    """Where an IdP publishes what it says of itself; None where it does not."""

    metadata_url: str | None
    issuer: str
    discovery_url: str | None


def published(world: World, request: web.Request, one: Connection) -> Published:
    """At its own address, which nobody answers at, or at the sandbox when it is switched so."""
    if not world.switches.local_idps:
        return Published(one.metadata_url, one.issuer, one.discovery_url)
    here = f"{request.url.origin()}{LOCAL}/{one.number}"
    return Published(
        f"{here}/metadata" if one.metadata_url else None,
        here,
        f"{here}/.well-known/openid-configuration" if one.discovery_url else None,
    )


class Idps:
    """The IdPs behind the source's connections."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """Metadata, discovery documents and keys; and the list of connections."""
        return [
            web.get("/_sandbox/source/connections", self.connections),
            web.get(f"{LOCAL}/{{number}}/metadata", self.metadata),
            web.get(f"{LOCAL}/{{number}}/.well-known/openid-configuration", self.discovery),
            web.get(f"{LOCAL}/{{number}}/keys", self.keys),
        ]

    async def connections(self, request: web.Request) -> web.Response:
        """All connections of the source by their slugs, each with its case."""
        return answer({"connections": [_brief(one) for one in self._world.idps.all()]})

    async def metadata(self, request: web.Request) -> web.Response:
        """SAML metadata."""
        found = self._found(request)
        return web.Response(text=found.metadata_xml, content_type="application/samlmetadata+xml")

    async def discovery(self, request: web.Request) -> web.Response:
        """OpenID Connect Discovery, with the sandbox's own address as issuer."""
        found = self._found(request)
        here = f"{request.url.origin()}{LOCAL}/{found.number}"
        said = {
            name: value.replace(found.issuer, here) if isinstance(value, str) else value
            for name, value in found.discovery.items()
        }
        return answer(said)

    async def keys(self, request: web.Request) -> web.Response:
        """A JSON Web Key Set, whose one key nobody signs with here."""
        self._found(request)
        return answer(
            {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "n": "AQAB", "e": "AQAB"}]}
        )

    def _found(self, request: web.Request) -> Connection:
        number = request.match_info["number"]
        if not number.isdecimal() or int(number) >= len(self._world.idps):
            raise Refused(404, {"message": f"no IdP {number!r}"})
        return self._world.idps[int(number)]


def _brief(one: Connection) -> Json:
    return {
        "number": one.number,
        "slug": one.slug,
        "case": one.case.name,
        "about": one.case.value,
        "protocol": one.protocol,
        "domains": list(one.domains),
    }
