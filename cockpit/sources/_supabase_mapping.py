"""Supabase's user, as the database or as the admin API shows it -> User. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cockpit.passwords.firebase_scrypt import Form
from cockpit.passwords.sniff import sniff
from cockpit.records import Password, User
from cockpit.sources import _mapping, _supabase_tenancy
from cockpit.sources.base import Mapper, MappingContext
from cockpit.terms import AccountStatus

READ_AT = "supabase.read_at"
"""When the last export began, as ISO text: a ban that ended before is over."""

HIDDEN = Password.unsupported(
    "the admin API shows no hashes; export through the database instead: set SUPABASE_DB_URL"
)
UNREADABLE = Password.unsupported("the database's role may not read encrypted_password; grant select on it")
_OWN = ("email", "phone")
_NAMES = ("full_name", "name", "display_name")


def mapper(context: MappingContext) -> Mapper:
    """A mapping under these policies."""
    keys, split_names = context.mapping.metadata, context.mapping.split_names
    form = context.passwords.firebase_format
    read_at = _instant(context.facts.get(READ_AT))

    def to_user(raw: Mapping[str, Any]) -> User:
        ident = raw.get("id")
        if not isinstance(ident, str):
            raise ValueError("no id")
        warnings: list[str] = []
        of_user = raw.get("raw_user_meta_data") or raw.get("user_metadata")
        of_app = raw.get("raw_app_meta_data") or raw.get("app_metadata")
        identities = _mapping.dicts(raw.get("identities"))
        metadata = {"provider": "supabase"}
        if created := _instant(raw.get("created_at")):
            metadata["created_at"] = created.isoformat().replace("+00:00", "Z")
        linked = [
            f"{one.get('provider')}|{one.get('id')}" for one in identities if one.get("provider") != "email"
        ]
        if linked:
            metadata["identities"] = _mapping.listed(linked, "identities", warnings)
        if keys:
            _mapping.chosen(keys, (of_app, of_user), metadata, warnings)
        first, last, name = _names(of_user if isinstance(of_user, dict) else {}, split_names)
        fields = {
            "source_id": ident,
            "email": _mapping.text(raw.get("email")),
            # confirmed_at would be the earlier one of e-mail and phone.
            "email_verified": bool(raw.get("email_confirmed_at")),
            "first_name": first,
            "last_name": last,
            "name": name,
            "metadata": metadata,
            "password": _password(raw, identities, form),
            "status": _status(raw, read_at),
            "federated": bool(linked) and not _has_own(raw, identities),
            "lost_factors": _supabase_tenancy.lost(raw),
        }
        return _mapping.build(fields, warnings)

    return to_user


def _instant(value: Any) -> datetime | None:
    """A time in UTC; the two doors write the same one differently."""
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _status(raw: Mapping[str, Any], read_at: datetime | None) -> AccountStatus:
    if raw.get("deleted_at"):
        return "deleted"
    if _banned(raw.get("banned_until"), read_at):
        return "banned"
    return "anonymous" if raw.get("is_anonymous") is True else "active"


def _has_own(raw: Mapping[str, Any], identities: list[dict[str, Any]]) -> bool:
    """Whether the user has a password, or an e-mail or phone that GoTrue itself sends codes to."""
    return bool(raw.get("encrypted_password")) or any(one.get("provider") in _OWN for one in identities)


def _banned(until: Any, read_at: datetime | None) -> bool:
    end = _instant(until)
    return bool(until) and (end is None or read_at is None or end > read_at)


def _password(raw: Mapping[str, Any], identities: list[dict[str, Any]], form: Form) -> Password:
    if "encrypted_password" in raw:
        stored = raw["encrypted_password"]
        return sniff(stored, form) if isinstance(stored, str) and stored else Password()
    if "identities" in raw and not any(one.get("provider") == "email" for one in identities):
        return Password()
    return HIDDEN if "user_metadata" in raw else UNREADABLE


def _names(data: Mapping[str, Any], split_names: bool) -> tuple[str | None, str | None, str | None]:
    first, last = _mapping.text(data.get("given_name")), _mapping.text(data.get("family_name"))
    if first or last:
        return first, last, None
    name = next((text for key in _NAMES if (text := _mapping.text(data.get(key)))), None)
    if name is None:
        return None, None, None
    return (*_mapping.split(name), None) if split_names else (None, None, name)
