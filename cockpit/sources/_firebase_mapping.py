"""Firebase's record (accounts:batchGet) -> User. Pure.

A localId is unique within a tenant only. It is the external id all the same, since that is what an
application knows its users by; where two tenants share one, lint lets one of the two go along.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cockpit.passwords import firebase_scrypt
from cockpit.records import Password, User
from cockpit.sources import _firebase_hash, _firebase_tenancy, _mapping
from cockpit.sources.base import Mapper, MappingContext
from cockpit.terms import AccountStatus

REDACTED = "UkVEQUNURUQ="
"""base64 of REDACTED: what a caller who may not read hashes gets instead (firebase-admin, B64_REDACTED)."""

_REDACTED = Password.unsupported(
    "REDACTED: the service account lacks the permission to read hashes (firebaseauth.configs.getHashConfig); "
    "grant it and export again"
)
_MISSING = Password.unsupported("no hash at the source")
_NO_SALT = Password.unsupported("a hash without its salt")
_EMULATOR = Password.unsupported("the emulator's own placeholder, not a hash")
_ABSENT = Password()
_FACTORS = (("phoneInfo", "sms"), ("totpInfo", "totp"), ("emailInfo", "email"))
_OWN = (None, "password", "phone")
"""Providers that are Firebase itself; e-mail links have `password` too."""
_IDENTIFIES = ("email", "phoneNumber", "passwordHash", "customAuth")
"""Who has none of these, and no provider, is anonymous."""


def mapper(context: MappingContext) -> Mapper:
    """A mapping under these policies, with the hash parameters that the export remembered."""
    keys, split_names = context.mapping.metadata, context.mapping.split_names
    claim = context.facts.get(_firebase_tenancy.CLAIM)
    form = context.passwords.firebase_format
    known: dict[str, firebase_scrypt.Parameters | None] = {}

    def password(raw: Mapping[str, Any], tenant: str, providers: list[dict[str, Any]]) -> Password:
        digest, salt = raw.get("passwordHash"), raw.get("salt")
        if not isinstance(digest, str) or not digest:
            return _MISSING if _had_password(raw, providers) else _ABSENT
        if digest == REDACTED:
            return _REDACTED
        if digest.startswith("fakeHash:"):
            return _EMULATOR
        if not isinstance(salt, str) or not salt:
            return _NO_SALT
        if tenant not in known:
            known[tenant] = _firebase_hash.remembered(context.facts.get(_firebase_hash.memo_key(tenant)))
        parameters = known[tenant]
        if parameters is None:
            whose = f"tenant {tenant}" if tenant else "the project"
            return Password.unsupported(
                f"no hash parameters for {whose}; set its signer_key and export again"
            )
        return Password.carried("firebase-scrypt", firebase_scrypt.encode(digest, salt, parameters, form))

    def to_user(raw: Mapping[str, Any]) -> User:
        ident = raw.get("localId")
        if not isinstance(ident, str):
            raise ValueError("no localId")
        tenant = _mapping.text(raw.get("tenantId")) or ""
        warnings: list[str] = []
        providers = _providers(raw.get("providerUserInfo"))
        email, verified = _mapping.text(raw.get("email")), raw.get("emailVerified") is True
        if email is None:
            email = next(filter(None, (_mapping.text(p.get("email")) for p in providers)), None)
            verified = False
            if email:
                warnings.append("email: taken from a linked identity, not verified")
        metadata = {"provider": "firebase"}
        if created := _mapping.iso(raw.get("createdAt")):
            metadata["created_at"] = created
        if tenant:
            metadata["tenant"] = _mapping.ascii_only(tenant)
        linked = [f"{p['providerId']}|{p.get('rawId')}" for p in providers if _is_linked(p)]
        if linked:
            metadata["identities"] = _mapping.listed(linked, "identities", warnings)
        if keys:
            claims = _firebase_tenancy.claims(raw.get("customAttributes"))
            _mapping.chosen(keys, [claims], metadata, warnings)
        if claim and not tenant:
            _mapping.left_out(_firebase_tenancy.roles(raw, claim), "customAttributes", warnings)
        name = _mapping.text(raw.get("displayName"))
        first, last = _mapping.split(name) if name and split_names else (None, None)
        fields = {
            "source_id": ident,
            "email": email,
            "email_verified": verified,
            "first_name": first,
            "last_name": last,
            "name": None if split_names else name,
            "metadata": metadata,
            "connection": tenant or None,
            "password": password(raw, tenant, providers),
            "status": _status(raw, providers),
            "federated": _federated(raw, providers),
            "lost_factors": tuple(dict.fromkeys(_lost(raw))),
        }
        return _mapping.build(fields, warnings)

    return to_user


def _lost(raw: Mapping[str, Any]) -> Iterator[str]:
    """Firebase tells what kind a factor is, never its secret (MfaEnrollment)."""
    for factor in _mapping.dicts(raw.get("mfaInfo")):
        yield next((name for field, name in _FACTORS if field in factor), "other")


def _status(raw: Mapping[str, Any], providers: list[dict[str, Any]]) -> AccountStatus:
    if raw.get("disabled") is True:
        return "banned"
    known = providers or any(raw.get(field) for field in _IDENTIFIES)
    return "active" if known else "anonymous"


def _federated(raw: Mapping[str, Any], providers: list[dict[str, Any]]) -> bool:
    foreign = all(provider.get("providerId") not in _OWN for provider in providers)
    return bool(providers) and foreign and not raw.get("passwordHash")


def _had_password(raw: Mapping[str, Any], providers: list[dict[str, Any]]) -> bool:
    """A password provider without a hash: imported with another algorithm, and never signed in since.

    Users of e-mail links have that provider too, without ever having had a password.
    """
    if raw.get("emailLinkSignin") is True:
        return False
    return any(p.get("providerId") == "password" for p in providers)


def _providers(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _is_linked(provider: Mapping[str, Any]) -> bool:
    return provider.get("providerId") not in (None, "password") and bool(provider.get("rawId"))
