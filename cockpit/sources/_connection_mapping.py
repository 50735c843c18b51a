"""What the mappings of SSO connections share. Pure."""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import SecretStr

from cockpit.connections.model import Attributes, Certificate, CertificateUse, KeyPair
from cockpit.sources import _mapping

FACT_LENGTH = 600
_BEGIN = "-----BEGIN"


def certificates(values: Iterable[Any], use: CertificateUse | None = None) -> tuple[Certificate, ...]:
    """Those that say something, each once; a PEM that is in Base64 as a whole is taken out of it."""
    found = dict.fromkeys(pem for value in values if (pem := _pem(value)))
    return tuple(Certificate(pem=pem, use=use) for pem in found)


def _pem(value: Any) -> str | None:
    text = _mapping.text(value)
    if text is None or text.startswith(_BEGIN):
        return text
    try:
        inside = base64.b64decode(text, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return text
    return inside.strip() if inside.lstrip().startswith(_BEGIN) else text


def secret(value: Any) -> SecretStr | None:
    """A secret, None for none."""
    text = _mapping.text(value)
    return None if text is None else SecretStr(text)


def pair(value: Any, key: str = "key", cert: str = "cert") -> KeyPair | None:
    """A private key, alone or in an object beside its certificate; None where there is no key."""
    if isinstance(value, str):
        return KeyPair(key=secret(value)) if value.strip() else None
    found = value if isinstance(value, dict) else {}
    private = secret(found.get(key))
    return None if private is None else KeyPair(key=private, certificate=_pem(found.get(cert)))


def attributes(given: Mapping[str, Any], ours: Mapping[str, str]) -> Attributes:
    """Which claim feeds which field: `ours` by the source's names, all others are the application's own.

    Of several claims for one field the first is taken.
    """
    named = {name: claim for name, value in given.items() if (claim := _claim(value))}
    fields: dict[str, Any] = {ours[name]: claim for name, claim in named.items() if name in ours}
    return Attributes(**fields, custom={name: claim for name, claim in named.items() if name not in ours})


def _claim(value: Any) -> str | None:
    return _mapping.text(value[0] if isinstance(value, list) and value else value)


def facts(raw: Mapping[str, Any], *keys: str) -> dict[str, str]:
    """Settings that have no field of ours, as text; what is empty is left out."""
    found = {key: _said(raw[key]) for key in keys if raw.get(key) not in (None, "", [], {})}
    return {key: value[:FACT_LENGTH] for key, value in found.items()}


def _said(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def domains(*values: Any) -> tuple[str, ...]:
    """Names of domains from lists and single ones, in lower case, each once."""
    found: list[str] = []
    for value in values:
        found += _mapping.texts(value) if isinstance(value, list) else filter(None, [_mapping.text(value)])
    return tuple(dict.fromkeys(domain.lower() for domain in found))


def makes(*texts: str | None) -> str | None:
    """The IdP's make, guessed from an address or an identifier of its own."""
    said = " ".join(text.lower() for text in texts if text)
    return next((make for make, signs in _MAKES.items() if any(sign in said for sign in signs)), None)


_MAKES = {
    "okta": ("okta.com", "oktapreview.com"),
    "entra": ("login.microsoftonline.com", "sts.windows.net", "microsoftonline.us"),
    "google": ("accounts.google.com",),
    "onelogin": ("onelogin.com",),
    "jumpcloud": ("jumpcloud.com",),
    "ping": ("pingone.com", "pingidentity.com", "pingone.eu"),
    "duo": ("duosecurity.com",),
    "cyberark": ("cyberark.cloud", "idaptive.app"),
    "salesforce": ("my.salesforce.com",),
    "rippling": ("rippling.com",),
}
