"""An OpenID Connect discovery document and its keys. Pure.

Facts: OpenID Connect Discovery 1.0, section 3 (client_secret_basic is what a document without methods means).
"""

import json
from typing import Any

from cockpit.records import Record

SUFFIX = "/.well-known/openid-configuration"


class NotDiscovery(ValueError):
    """A document that is no discovery document; the message says why."""


class Discovery(Record):
    """What an IdP says of itself. `lacks` names what a login by authorization code needs and is not there."""

    issuer: str
    jwks_uri: str | None
    auth_methods: tuple[str, ...]
    lacks: tuple[str, ...]

    def with_keys(self, document: bytes) -> "Discovery":
        """The same, with a set of keys (JWKS) held against it."""
        try:
            keys = _object(document).get("keys")
        except NotDiscovery as error:
            return self.without_keys(str(error))
        return self if isinstance(keys, list) and keys else self.without_keys("empty")

    def without_keys(self, why: str) -> "Discovery":
        """The same, without keys to verify with."""
        return self.model_copy(update={"lacks": (*self.lacks, f"keys at jwks_uri ({why})")})


def parse(document: bytes) -> Discovery:
    """Read a document. Raises NotDiscovery."""
    body = _object(document)
    endpoints = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    lacks = [name for name in endpoints if not isinstance(body.get(name), str)]
    types = _texts(body.get("response_types_supported"))
    if types and not any("code" in kind.split() for kind in types):
        lacks.append("response type code")
    issuer = body.get("issuer")
    return Discovery(
        issuer=issuer if isinstance(issuer, str) else "",
        jwks_uri=body["jwks_uri"] if "jwks_uri" not in lacks else None,
        auth_methods=_texts(body.get("token_endpoint_auth_methods_supported")) or ("client_secret_basic",),
        lacks=tuple(lacks),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()


def _object(document: bytes) -> dict[str, Any]:
    try:
        body = json.loads(document)
    except (ValueError, RecursionError):
        raise NotDiscovery("not JSON") from None
    if not isinstance(body, dict):
        raise NotDiscovery("JSON, but no object")
    return body
