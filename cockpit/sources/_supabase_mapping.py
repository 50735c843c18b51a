"""Supabase's user, as the database or as the admin API shows it -> User. Pure."""

from collections.abc import Mapping
from typing import Any

from cockpit.passwords.sniff import sniff
from cockpit.records import Password, User
from cockpit.sources import _mapping
from cockpit.sources.base import Mapper, MappingContext

HIDDEN = Password.unsupported(
    "the admin API shows no hashes; export through the database instead: set SUPABASE_DB_URL"
)
_NAMES = ("full_name", "name", "display_name")


def mapper(context: MappingContext) -> Mapper:
    """A mapping under these policies."""
    keys, split_names = context.mapping.metadata, context.mapping.split_names

    def to_user(raw: Mapping[str, Any]) -> User:
        ident = raw.get("id")
        if not isinstance(ident, str):
            raise ValueError("no id")
        warnings: list[str] = []
        of_user = raw.get("raw_user_meta_data") or raw.get("user_metadata")
        of_app = raw.get("raw_app_meta_data") or raw.get("app_metadata")
        identities = _mapping.dicts(raw.get("identities"))
        metadata = {"provider": "supabase"}
        if created := _mapping.text(raw.get("created_at")):
            metadata["created_at"] = _mapping.ascii_only(created)
        linked = [
            f"{one.get('provider')}|{one.get('id')}" for one in identities if one.get("provider") != "email"
        ]
        if linked:
            metadata["identities"] = _mapping.listed(linked, "identities", warnings)
        # Whether a ban is over is the clock's to say; a mapping has none, so each is told.
        blocked = bool(raw.get("banned_until") or raw.get("deleted_at"))
        if blocked:
            metadata["blocked"] = "true"
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
            "password": _password(raw, identities),
            "blocked": blocked,
        }
        return _mapping.build(fields, warnings)

    return to_user


def _password(raw: Mapping[str, Any], identities: list[dict[str, Any]]) -> Password:
    if "encrypted_password" in raw:
        stored = raw["encrypted_password"]
        return sniff(stored) if isinstance(stored, str) and stored else Password()
    return HIDDEN if any(one.get("provider") == "email" for one in identities) else Password()


def _names(data: Mapping[str, Any], split_names: bool) -> tuple[str | None, str | None, str | None]:
    first, last = _mapping.text(data.get("given_name")), _mapping.text(data.get("family_name"))
    if first or last:
        return first, last, None
    name = next((text for key in _NAMES if (text := _mapping.text(data.get(key)))), None)
    if name is None:
        return None, None, None
    return (*_mapping.split(name), None) if split_names else (None, None, name)
