"""inboundSamlConfigs and oauthIdpConfigs of the project and of its tenants."""

from cockpit.sandbox import certificates
from cockpit.sandbox.firebase.records import PROJECT, TENANT_IDS
from cockpit.sandbox.idps import Published
from cockpit.sandbox.sso import Connection
from cockpit.sandbox.web import Json
from cockpit.sandbox.world import World

SAML, OIDC = "inboundSamlConfigs", "oauthIdpConfigs"
KINDS = (SAML, OIDC)


def configs(kind: str, world: World, tenant: str) -> list[Connection]:
    """The connections of a kind: every other one is a tenant's, of its company, where there are tenants."""
    found = world.idps.saml if kind == SAML else world.idps.oidc
    return [one for one in found if tenant_of(one, world) == tenant]


def tenant_of(one: Connection, world: World) -> str:
    """The tenant that has a connection, or the project."""
    if not one.companies or one.number % 2 == 0:
        return PROJECT
    return TENANT_IDS.of(one.companies[0])


def config(one: Connection, where: Published, project: str, tenant: str) -> Json:
    """A configuration, by its protocol."""
    root = f"projects/{project}" + (f"/tenants/{tenant}" if tenant else "")
    head: Json = {"displayName": one.name, "enabled": True}
    ident = f"{one.protocol}.{one.slug}"
    if one.protocol == "saml":
        return head | {"name": f"{root}/{SAML}/{ident}"} | _saml(one, project)
    return head | {"name": f"{root}/{OIDC}/{ident}"} | _oidc(one, where)


def _saml(one: Connection, project: str) -> Json:
    begins, ends = certificates.moment(2022), certificates.moment(2040)
    own = certificates.pair("identity platform", "ec", "google", begins, ends).cert
    return {
        "idpConfig": {
            "idpEntityId": one.entity_id,
            "ssoUrl": one.sso_url,
            "signRequest": one.signed,
            "idpCertificates": [{"x509Certificate": cert} for cert in one.certificates],
        },
        "spConfig": {
            "spEntityId": f"urn:{project}",
            "callbackUri": f"https://{project}.firebaseapp.com/__/auth/handler",
            "spCertificates": [{"x509Certificate": own, "expiresAt": ends.isoformat()}],
        },
    }


def _oidc(one: Connection, where: Published) -> Json:
    shown: Json = {
        "clientId": one.client_id,
        "issuer": where.issuer,
        "responseType": {"code": True, "idToken": False},
    }
    return shown | ({"clientSecret": one.client_secret} if one.client_secret else {})
