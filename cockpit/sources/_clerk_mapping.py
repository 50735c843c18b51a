"""Clerk's record (GET /v1/users) -> User. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from cockpit.records import Password, User
from cockpit.sources import _mapping
from cockpit.sources.base import Mapper, MappingContext

POLICY = "clerk.external_id"
"""What the export remembers of the setting external_id."""

NO_HASH = "Clerk's API gives no hashes; load the CSV of its dashboard's user export: passwords load FILE"
_BANNED = ("banned", "locked", "deprovisioned")
_OWN = ("passkeys", "phone_numbers", "web3_wallets")
_FOREIGN = ("external_accounts", "enterprise_accounts", "saml_accounts")
_BY_EMAIL = ("email_code", "email_link")
"""How an address was proven by reading its mail, which is a login too (clerk-backend-api, EmailAddress).
What a social login vouched for has `from_oauth_google` or the like."""


def mapper(context: MappingContext) -> Mapper:
    """A mapping under these policies."""
    keys = context.mapping.metadata
    of_application = context.facts.get(POLICY) == "app"
    unsupported, absent = Password.unsupported(NO_HASH), Password()

    def to_user(raw: Mapping[str, Any]) -> User:
        ident = raw.get("id")
        if not isinstance(ident, str):
            raise ValueError("no id")
        warnings: list[str] = []
        metadata = {"provider": "clerk"}
        if created := _mapping.iso(raw.get("created_at")):
            metadata["created_at"] = created
        own = _mapping.text(raw.get("external_id"))
        source_id = own if of_application and own else ident
        if source_id != ident:
            metadata["clerk_id"] = ident
        primary, others = _emails(raw)
        if others:
            metadata["other_emails"] = _mapping.listed(others, "other_emails", warnings)
        if linked := [_linked(account) for account in _mapping.dicts(raw.get("external_accounts"))]:
            metadata["identities"] = _mapping.listed(linked, "identities", warnings)
        if keys:
            sources = (raw.get(f"{kind}_metadata") for kind in ("private", "public", "unsafe"))
            _mapping.chosen(keys, sources, metadata, warnings)
        fields = {
            "source_id": source_id,
            "email": _mapping.text(primary.get("email_address")),
            "email_verified": _verification(primary).get("status") == "verified",
            "first_name": _mapping.text(raw.get("first_name")),
            "last_name": _mapping.text(raw.get("last_name")),
            "name": None,
            "metadata": metadata,
            "password": unsupported.changed(_moment(raw.get("password_last_updated_at")))
            if raw.get("password_enabled") is True
            else absent,
            "status": "banned" if any(raw.get(flag) is True for flag in _BANNED) else "active",
            "federated": _federated(raw, primary),
            "lost_factors": tuple(_lost_factors(raw)),
        }
        return _mapping.build(fields, warnings)

    return to_user


def _lost_factors(raw: Mapping[str, Any]) -> Iterator[str]:
    """An app goes along with the secret in the dashboard's CSV: factors load FILE."""
    if raw.get("totp_enabled") is True:
        yield "totp"
    if any(
        phone.get("reserved_for_second_factor") is True for phone in _mapping.dicts(raw.get("phone_numbers"))
    ):
        yield "sms"
    if raw.get("passkeys"):
        yield "passkey"
    if raw.get("backup_code_enabled") is True:
        yield "recovery_codes"


def _moment(at_ms: Any) -> int | None:
    return at_ms if isinstance(at_ms, int) and at_ms > 0 else None


def _federated(raw: Mapping[str, Any], primary: Mapping[str, Any]) -> bool:
    """Whether somebody else vouches for the user, and nothing that Clerk itself has asked for."""
    if raw.get("password_enabled") is True or any(raw.get(own) for own in _OWN):
        return False
    by_email = _verification(primary).get("strategy") in _BY_EMAIL
    return not by_email and any(raw.get(kind) for kind in _FOREIGN)


def _emails(raw: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[str]]:
    """The primary address, {} where there is none, and the texts of the others."""
    addresses = _mapping.dicts(raw.get("email_addresses"))
    chosen = raw.get("primary_email_address_id")
    primary = next((one for one in addresses if chosen and one.get("id") == chosen), {})
    others = [str(one.get("email_address")) for one in addresses if one is not primary]
    return primary, others


def _verification(address: Mapping[str, Any]) -> Mapping[str, Any]:
    verification = address.get("verification")
    return verification if isinstance(verification, dict) else {}


def _linked(account: Mapping[str, Any]) -> str:
    return f"{account.get('provider')}|{account.get('provider_user_id')}"
