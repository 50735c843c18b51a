"""Better Auth's user, with accounts from the database or without from the API -> User. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cockpit.passwords import phc, scrypt, sniff
from cockpit.records import Password, User
from cockpit.sources import _better_auth_totp, _mapping
from cockpit.sources.base import Mapper, MappingContext
from cockpit.terms import AccountStatus

HIDDEN = Password.unsupported("the API shows no hashes; export through the database: set DATABASE_URL")
CREDENTIAL = "credential"
_JOINED = ("accounts", "twoFactor", "passkey")
"""What the export joins to a user's row: hashes and secrets, never metadata."""
_OWN = re.compile(r"([0-9a-fA-F]{32}):([0-9a-fA-F]{128})")
N, R, P = 16384, 16, 1
"""Better Auth's scrypt (better-auth, crypto/password)."""


def mapper(context: MappingContext) -> Mapper:
    """A mapping under these policies."""
    keys, split_names = context.mapping.metadata, context.mapping.split_names
    has_keys = _better_auth_totp.KEYS in context.facts

    def to_user(raw: Mapping[str, Any]) -> User:
        ident = raw.get("id")
        if not isinstance(ident, str | int):
            raise ValueError("no id")
        warnings: list[str] = []
        accounts = _mapping.dicts(raw.get("accounts"))
        email, name = _mapping.text(raw.get("email")), _mapping.text(raw.get("name"))
        metadata = {"provider": "better_auth"}
        if created := _mapping.text(raw.get("createdAt")):
            metadata["created_at"] = _mapping.ascii_only(created)
        password = _password(raw, accounts)
        has_own = any(account.get("providerId") == CREDENTIAL for account in accounts)
        linked = [account for account in accounts if account.get("providerId") != CREDENTIAL]
        if linked:
            told = (f"{account.get('providerId')}|{account.get('accountId')}" for account in linked)
            metadata["identities"] = _mapping.listed(told, "identities", warnings)
        if keys:
            own = {name: value for name, value in raw.items() if name not in _JOINED}
            _mapping.chosen(keys, (own,), metadata, warnings)
        if name and email and name.lower() == email.lower():
            name = None
        first, last = _mapping.split(name) if name and split_names else (None, None)
        fields = {
            "source_id": str(ident),
            "email": email,
            "email_verified": raw.get("emailVerified") in (True, 1),
            "first_name": first,
            "last_name": last,
            "name": None if split_names else name,
            "metadata": metadata,
            "password": password,
            "status": _status(raw),
            "federated": bool(linked) and not has_own,
            "lost_factors": tuple(_lost(raw, has_keys)),
        }
        return _mapping.build(fields, warnings)

    return to_user


def _lost(raw: Mapping[str, Any], has_keys: bool) -> Iterator[str]:
    """An app whose secret is out of reach, a passkey (it is bound to a domain), codes for emergencies."""
    kept = raw.get("twoFactor")
    if _better_auth_totp.enrolled(raw) and not (isinstance(kept, dict) and has_keys):
        yield "totp"
    if raw.get("passkey") in (True, 1):
        yield "passkey"
    if isinstance(kept, dict) and kept.get("recoverable") in (True, 1):
        yield "recovery_codes"


def _status(raw: Mapping[str, Any]) -> AccountStatus:
    if raw.get("banned") in (True, 1):
        return "banned"
    # The anonymous plugin makes up an e-mail for whoever only looks around.
    return "anonymous" if raw.get("isAnonymous") in (True, 1) else "active"


def _password(raw: Mapping[str, Any], accounts: list[dict[str, Any]]) -> Password:
    if "accounts" not in raw:
        return HIDDEN
    stored = next((one.get("password") for one in accounts if one.get("providerId") == CREDENTIAL), None)
    if not isinstance(stored, str) or not stored:
        return Password()
    return own(stored) or sniff.sniff(stored)


def own(stored: str) -> Password | None:
    """Better Auth's own `salt:key`; None for another form.

    The salt given to scrypt is the hexadecimal text, not the bytes that it stands for.
    """
    found = _OWN.fullmatch(stored)
    key = phc.of_hex(found[2]) if found else None
    if found is None or key is None:
        return None
    return Password.carried("scrypt", scrypt.encode(N, R, P, found[1].encode(), key))
