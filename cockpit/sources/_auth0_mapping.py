"""Auth0's record -> User. Pure."""

from collections.abc import Mapping
from typing import Any

from cockpit.records import Password, User
from cockpit.sources import _mapping
from cockpit.sources.base import Mapper, MappingContext

NO_HASH = "Auth0's API gives no hashes; load the file that its support hands out: passwords load FILE"
DATABASE = "auth0"
"""The provider of a database connection's identity: the only kind with a password."""
OWN = (DATABASE, "email", "sms")
"""Providers of identities that are Auth0's own: with a password, or by a code or link that it sends."""

_FACTORS = {"google-authenticator": "totp"}
"""What `multifactor` calls other than everybody does. "guardian" is any of an app, SMS, e-mail and push."""


def mapper(context: MappingContext) -> Mapper:
    """A mapping under these policies."""
    keys, split_names = context.mapping.metadata, context.mapping.split_names
    unsupported = Password.unsupported(NO_HASH)
    absent = Password()

    def to_user(raw: Mapping[str, Any]) -> User:
        user_id, email = raw.get("user_id"), _mapping.text(raw.get("email"))
        if not isinstance(user_id, str):
            raise ValueError("no user_id")
        warnings: list[str] = []
        identities = _mapping.dicts(raw.get("identities"))
        database = next((i for i in identities if i.get("provider") == DATABASE), None)
        home = database or next((i for i in identities if _id(i) == user_id), None)
        connection = _mapping.text((home or next(iter(identities), {})).get("connection"))
        metadata = {"provider": "auth0"}
        if created := _mapping.text(raw.get("created_at")):
            metadata["created_at"] = _mapping.ascii_only(created)
        if connection:
            metadata["connection"] = _mapping.ascii_only(connection)
        if len(identities) > 1:
            linked = (_id(identity) for identity in identities)
            metadata["identities"] = _mapping.listed(linked, "identities", warnings)
        if keys:
            sources = (raw.get("app_metadata"), raw.get("user_metadata"))
            _mapping.chosen(keys, sources, metadata, warnings)
        first, last, name = _names(raw, email, split_names)
        fields = {
            "source_id": user_id,
            "email": email,
            # Enterprise connections may hand the claim on as a string.
            "email_verified": raw.get("email_verified") in (True, "true"),
            "first_name": first,
            "last_name": last,
            "name": name,
            "metadata": metadata,
            "connection": connection,
            "password": unsupported.changed(_mapping.millis(raw.get("last_password_reset")))
            if database
            else absent,
            "status": "banned" if raw.get("blocked") is True else "active",
            "lost_factors": tuple(
                _FACTORS.get(name, name) for name in _mapping.texts(raw.get("multifactor"))
            ),
            "federated": bool(identities) and not any(i.get("provider") in OWN for i in identities),
        }
        return _mapping.build(fields, warnings)

    return to_user


def _names(
    raw: Mapping[str, Any], email: str | None, split_names: bool
) -> tuple[str | None, str | None, str | None]:
    """First, last and display name; the latter only where it says what the others don't."""
    first, last = _mapping.text(raw.get("given_name")), _mapping.text(raw.get("family_name"))
    if first or last:
        return first, last, None
    name = _mapping.text(raw.get("name"))
    # Auth0 fills a missing name with the e-mail, or with the phone number of an SMS user.
    if name is None or name == raw.get("phone_number") or (email and name.lower() == email.lower()):
        return None, None, None
    return (*_mapping.split(name), None) if split_names else (None, None, name)


def _id(identity: Mapping[str, Any]) -> str:
    return f"{identity.get('provider')}|{identity.get('user_id')}"
