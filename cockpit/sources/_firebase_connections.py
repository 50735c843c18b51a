"""Identity Platform's SAML and OpenID Connect providers, of the project and of each tenant.

GET inboundSamlConfigs and oauthIdpConfigs (v2), 100 a page; a client secret comes along only with
firebaseauth.configs.getSecret (SDK, documentation).
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from cockpit.connections.model import Connection, KeyPair, Oidc, Saml
from cockpit.settings import Settings
from cockpit.sources import _connection_mapping as common
from cockpit.sources import _mapping
from cockpit.sources._api import Api
from cockpit.sources._plain import Plain
from cockpit.sources.base import Raw
from cockpit.terms import Page, RawItem

PAGE = 100
SAML, OIDC = "inboundSamlConfigs", "oauthIdpConfigs"


class IdpConfigs(Plain):
    """Both kinds of a project and of its tenants, each in a chain of its own."""

    def __init__(
        self,
        api: Api,
        project: str,
        tenants: Callable[[], Awaitable[Sequence[str]]],
        close: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__()
        self._api, self._project, self._tenants, self._close = api, project, tenants, close

    async def chains(self) -> Sequence[str]:
        """KIND for the project and KIND TENANT for each tenant."""
        tenants = ["", *await self._tenants()]
        return [f"{kind} {tenant}".strip() for tenant in tenants for kind in (SAML, OIDC)]

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 100; a tenant's records are kept as TENANT/ID."""
        kind, _, tenant = chain.partition(" ")
        root = f"/v2/projects/{self._project}" + (f"/tenants/{tenant}" if tenant else "")
        token = cursor or None
        while True:
            query = {"pageSize": str(PAGE)} | ({"pageToken": token} if token else {})
            response = await self._api.call("GET", f"{root}/{kind}", params=query)
            if token and token == cursor and response.status_code == 400:
                token = None  # tokens end some day; the state merges what is read again
                continue
            answered = self._api.records_of(response, kind)
            following = _mapping.text(answered.others.get("nextPageToken")) if answered.found else None
            items = [RawItem(_ident(one.value, tenant), one.text) for one in answered.found]
            yield Page(chain, token or "", following, items, size=answered.size)
            if following is None:
                return
            token = following

    async def close(self) -> None:
        """Close the connections."""
        await self._close()


def _ident(value: object, tenant: str) -> str:
    name = _mapping.text(value.get("name")) if isinstance(value, dict) else None
    if name is None:
        return ""
    ident = name.rpartition("/")[2]
    return f"{tenant}/{ident}" if tenant else ident


def mapper(settings: Settings) -> Callable[[Raw], Connection]:
    """The mapping; a configuration's own name says which tenant's it is."""
    return _connection


def _connection(raw: Raw) -> Connection:
    name = _mapping.ident(raw, "name")
    parts = name.split("/")
    tenant = parts[parts.index("tenants") + 1] if "tenants" in parts[:-1] else None
    ident = parts[-1]
    idp, sp = _mapping.inner(raw, "idpConfig"), _mapping.inner(raw, "spConfig")
    saml = _saml(raw) if idp or sp else None
    oidc = None if saml else _oidc(raw)
    return Connection(
        provider="firebase",
        source_id=f"{tenant}/{ident}" if tenant else ident,
        name=_mapping.text(raw.get("displayName")) or ident,
        protocol="saml" if saml else "oidc",
        kind=ident.partition(".")[0],
        enabled=raw.get("enabled") is True,
        organizations=(tenant,) if tenant else (),
        saml=saml,
        oidc=oidc,
        idp=common.makes(idp.get("ssoUrl"), idp.get("idpEntityId"), raw.get("issuer")),
        facts={"id": ident},
    )


def _saml(raw: Raw) -> Saml:
    """`spCertificates` are those of Google's key, which is not handed out."""
    idp, sp = _mapping.inner(raw, "idpConfig"), _mapping.inner(raw, "spConfig")
    own = [_mapping.text(one.get("x509Certificate")) for one in _mapping.dicts(sp.get("spCertificates"))]
    signs = idp.get("signRequest") is True
    return Saml(
        idp_entity_id=_mapping.text(idp.get("idpEntityId")),
        idp_sso_url=_mapping.text(idp.get("ssoUrl")),
        certificates=common.certificates(
            one.get("x509Certificate") for one in _mapping.dicts(idp.get("idpCertificates"))
        ),
        sp_entity_id=_mapping.text(sp.get("spEntityId")),
        acs_url=_mapping.text(sp.get("callbackUri")),
        signs_requests=signs,
        signing=KeyPair(certificate=own[0]) if signs and own else None,
    )


def _oidc(raw: Raw) -> Oidc:
    """The callback is no part of the record. Without the code flow the id token comes by the browser."""
    code = _mapping.inner(raw, "responseType").get("code") is True
    return Oidc(
        client_id=_mapping.text(raw.get("clientId")),
        client_secret=common.secret(raw.get("clientSecret")),
        issuer=_mapping.text(raw.get("issuer")),
        response_type="code" if code else "id_token",
    )
