"""Cognito's identity providers by SAML and OpenID Connect: ListIdentityProviders, and each one described."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

from cockpit.connections.model import Connection, KeyPair, Oidc, Saml
from cockpit.settings import Settings
from cockpit.sources import _connection_mapping as common
from cockpit.sources import _mapping
from cockpit.sources._cognito_api import EXPIRED, Pool, kind, refusal
from cockpit.sources._plain import Plain
from cockpit.sources.base import Raw, SourceError
from cockpit.terms import Page, RawItem

LIMIT = 60
TYPES = ("SAML", "OIDC")
"""All other types are social ones, of which a pool has one each."""
LIST, DESCRIBE, DESCRIBE_POOL = "ListIdentityProviders", "DescribeIdentityProvider", "DescribeUserPool"
_FIELDS = {
    "username": "idp_id",
    "email": "email",
    "given_name": "first_name",
    "family_name": "last_name",
    "name": "name",
}


class IdentityProviders(Plain):
    """The identity providers of one pool."""

    def __init__(self, pool: Pool) -> None:
        super().__init__()
        self._pool = pool

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of up to 60; an earlier run's token that has ended begins anew."""
        domain = await self._domain()
        token = cursor or None
        while True:
            body = {"MaxResults": LIMIT} | ({"NextToken": token} if token else {})
            response = await self._pool.call(LIST, body)
            if token and token == cursor and kind(response) == EXPIRED:
                token = None
                continue
            if not response.is_success:
                raise refusal(LIST, response)
            answered = _object(response.content, LIST)
            following = _mapping.text(answered.get("NextToken"))
            items, size = [], len(response.content)
            for provider in _mapping.dicts(answered.get("Providers")):
                name = _mapping.text(provider.get("ProviderName"))
                if name and provider.get("ProviderType") in TYPES:
                    item = await self._item(name, domain)
                    items.append(item)
                    size += len(item.body)
            yield Page(chain, token or "", following, items, size=size)
            if following is None:
                return
            token = following

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close()

    async def _item(self, name: str, domain: Mapping[str, Any]) -> RawItem:
        response = await self._pool.call(DESCRIBE, {"ProviderName": name})
        if not response.is_success:
            raise refusal(DESCRIBE, response)
        _object(response.content, DESCRIBE)
        return RawItem(name, f'{{"described":{response.text},"pool":{json.dumps(domain)}}}')

    async def _domain(self) -> dict[str, Any]:
        """The pool's own host names; without the permission they stay unknown."""
        response = await self._pool.call(DESCRIBE_POOL, {})
        pool = (
            _mapping.inner(_object(response.content, DESCRIBE_POOL), "UserPool")
            if response.is_success
            else {}
        )
        return {name: pool[name] for name in ("Domain", "CustomDomain") if pool.get(name)}


def _object(content: bytes, operation: str) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SourceError(f"cognito: {operation} answered no JSON object; nothing was lost")
    return found


def mapper(settings: Settings) -> Callable[[Raw], Connection]:
    """The mapping; a described provider names its pool, which its addresses are made of."""

    def to_connection(raw: Raw) -> Connection:
        found = _mapping.inner(_mapping.inner(raw, "described"), "IdentityProvider")
        name = _mapping.ident(found, "ProviderName")
        host = _host(_mapping.text(found.get("UserPoolId")) or "", _mapping.inner(raw, "pool"))
        details = _mapping.inner(found, "ProviderDetails")
        saml = _saml(found, details, host) if found.get("ProviderType") == "SAML" else None
        oidc = _oidc(details, host) if found.get("ProviderType") == "OIDC" else None
        return Connection(
            provider="cognito",
            source_id=name,
            name=name,
            protocol="saml" if saml else "oidc" if oidc else "other",
            kind=_mapping.text(found.get("ProviderType")) or "",
            domains=tuple(one for one in common.domains(found.get("IdpIdentifiers")) if "." in one),
            saml=saml,
            oidc=oidc,
            attributes=common.attributes(_mapping.inner(found, "AttributeMapping"), _FIELDS),
            idp=common.makes(
                details.get("SSORedirectBindingURI"), details.get("MetadataURL"), details.get("oidc_issuer")
            ),
            facts=common.facts(
                details, "RequestSigningAlgorithm", "IDPSignout", "SLORedirectBindingURI", "authorize_url",
                "token_url", "attributes_url", "attributes_request_method", "jwks_uri",
            )
            | common.facts(found, "IdpIdentifiers"),
        )  # fmt: skip

    return to_connection


def _host(pool: str, names: Mapping[str, Any]) -> str | None:
    """The host that IdPs answer to: the custom domain, else Amazon's."""
    custom, domain = _mapping.text(names.get("CustomDomain")), _mapping.text(names.get("Domain"))
    if custom or domain is None:
        return custom
    return f"{domain}.auth.{pool.partition('_')[0]}.amazoncognito.com"


def _saml(found: Mapping[str, Any], details: Mapping[str, Any], host: str | None) -> Saml:
    """Keys are the pool's, which hands out none of them (botocore: CreateIdentityProvider)."""
    encrypts = _is_true(details.get("EncryptedResponses"))
    kept_back = _mapping.text(details.get("ActiveEncryptionCertificate"))
    return Saml(
        idp_sso_url=_mapping.text(details.get("SSORedirectBindingURI")),
        metadata_url=_mapping.text(details.get("MetadataURL")),
        metadata_xml=_mapping.text(details.get("MetadataFile")),
        sp_entity_id=f"urn:amazon:cognito:sp:{found.get('UserPoolId')}",
        acs_url=f"https://{host}/saml2/idpresponse" if host else None,
        signs_requests=bool(_mapping.text(details.get("RequestSigningAlgorithm"))),
        encrypts_assertions=encrypts,
        decryption=(KeyPair(certificate=kept_back),) if encrypts and kept_back else (),
        idp_initiated=_is_true(details.get("IDPInit")),
    )


def _oidc(details: Mapping[str, Any], host: str | None) -> Oidc:
    return Oidc(
        client_id=_mapping.text(details.get("client_id")),
        client_secret=common.secret(details.get("client_secret")),
        issuer=_mapping.text(details.get("oidc_issuer")),
        redirect_uri=f"https://{host}/oauth2/idpresponse" if host else None,
        scopes=tuple((_mapping.text(details.get("authorize_scopes")) or "").split()),
    )


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"
