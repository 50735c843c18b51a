"""ListIdentityProviders and DescribeIdentityProvider: keys are the pool's and never shown."""

from aiohttp import web

from cockpit.sandbox import certificates
from cockpit.sandbox.cognito.paging import error, page
from cockpit.sandbox.idps import Published, published
from cockpit.sandbox.sso import Case, Connection
from cockpit.sandbox.web import Json, Refused
from cockpit.sandbox.world import World

SOCIAL = "Google"
"""What a pool may have beside its customers' IdPs."""


class Providers:
    """A pool's identity providers: a pool knows SAML and OpenID Connect only."""

    def __init__(self, world: World, pool: str) -> None:
        self._world, self._pool = world, pool

    def listed(self, body: Json) -> Json:
        """ListIdentityProviders."""
        heads = [{"ProviderName": SOCIAL, "ProviderType": SOCIAL}, *(_head(one) for one in self._all())]
        found, token = page(body, "NextToken", "ListIdentityProviders", heads)
        return {"Providers": found, **token}

    def describe(self, request: web.Request, body: Json) -> Json:
        """DescribeIdentityProvider."""
        name = body.get("ProviderName")
        for one in self._all():
            if name_of(one) == name:
                return {"IdentityProvider": self._provider(one, published(self._world, request, one))}
        raise Refused(400, error("ResourceNotFoundException", f"Identity provider {name} does not exist."))

    def _all(self) -> list[Connection]:
        return [one for one in self._world.idps.all() if one.protocol in ("saml", "oidc")]

    def _provider(self, one: Connection, where: Published) -> Json:
        mapping = {"email": "email", "given_name": "firstName", "custom:plan": "plan"}
        return _head(one) | {
            "UserPoolId": self._pool,
            "ProviderDetails": self._saml(one, where) if one.protocol == "saml" else _oidc(one, where),
            "AttributeMapping": {**mapping, "username": "sub"} if one.protocol == "oidc" else mapping,
            "IdpIdentifiers": list(one.domains),
        }

    def _saml(self, one: Connection, where: Published) -> Json:
        details = {"IDPSignout": "false", "SSORedirectBindingURI": one.sso_url}
        if where.metadata_url:
            details["MetadataURL"] = where.metadata_url
        else:
            details["MetadataFile"] = one.metadata_xml
        if one.signed:
            details["RequestSigningAlgorithm"] = "rsa-sha256"
        if one.encrypted:
            begins, ends = certificates.moment(2022), certificates.moment(2040)
            pool = certificates.pair(f"pool {self._pool}", "ec", "cognito", begins, ends)
            details |= {
                "EncryptedResponses": "true",
                "ActiveEncryptionCertificate": certificates.bare(pool.cert),
            }
        if one.idp_initiated:
            details["IDPInit"] = "true"
        return details


def name_of(one: Connection) -> str:
    """A provider's name, which is its id: at most 32 characters."""
    return f"{one.maker}-{one.number:04}-{one.hex[:8]}"


def _head(one: Connection) -> Json:
    at = one.created_at / 1000
    return {
        "ProviderName": name_of(one),
        "ProviderType": one.protocol.upper(),
        "CreationDate": at,
        "LastModifiedDate": at,
    }


def _oidc(one: Connection, where: Published) -> Json:
    """Cognito always has an issuer, and endpoints where it can't discover them; a secret, or an empty one."""
    details = {
        "client_id": one.client_id,
        "oidc_issuer": where.issuer,
        "authorize_scopes": "openid email profile",
        "attributes_request_method": "GET",
    }
    if one.client_secret:
        details["client_secret"] = one.client_secret
    if one.case is Case.NO_DISCOVERY:
        endpoints = {"authorize_url": "authorize", "token_url": "token", "attributes_url": "userinfo"}
        details |= {name: f"{where.issuer}/{path}" for name, path in endpoints.items()}
    return details
