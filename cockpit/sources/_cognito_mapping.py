"""Cognito's user (ListUsers) -> User. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from cockpit.records import Password, User
from cockpit.sources import _mapping
from cockpit.sources.base import Mapper, MappingContext
from cockpit.terms import AccountStatus

NO_HASH = "Cognito hands out no password hashes"
FEDERATED = "EXTERNAL_PROVIDER"
READY = ("CONFIRMED", "RESET_REQUIRED", "FORCE_CHANGE_PASSWORD", FEDERATED)
UNCONFIRMED = "UNCONFIRMED"
"""Someone who has never proven the address, and can't sign in at the source."""


def mapper(context: MappingContext) -> Mapper:
    """A mapping under these policies."""
    keys, split_names = context.mapping.metadata, context.mapping.split_names
    lost = Password.unsupported(NO_HASH)

    def to_user(raw: Mapping[str, Any]) -> User:
        values = attributes(raw.get("Attributes"))
        if "sub" not in values:
            raise ValueError("no sub")
        warnings: list[str] = []
        status = raw.get("UserStatus")
        metadata = {"provider": "cognito"}
        if created := _mapping.iso(_millis(raw.get("UserCreateDate"))):
            metadata["created_at"] = created
        username = raw.get("Username")
        if isinstance(username, str) and username != values["sub"]:
            metadata["username"] = _mapping.ascii_only(username)
        if linked := [_linked(one) for one in _mapping.dicts(_parsed(values.get("identities")))]:
            metadata["identities"] = _mapping.listed(linked, "identities", warnings)
        if keys:
            custom = {name.removeprefix("custom:"): value for name, value in values.items()}
            _mapping.chosen(keys, (custom,), metadata, warnings)
        first, last = _mapping.text(values.get("given_name")), _mapping.text(values.get("family_name"))
        name = None if first or last else _mapping.text(values.get("name"))
        if name and split_names:
            first, last = _mapping.split(name)
        fields = {
            "source_id": values["sub"],
            "email": _mapping.text(values.get("email")),
            "email_verified": values.get("email_verified") == "true",
            "first_name": first,
            "last_name": last,
            "name": None if split_names else name,
            "metadata": metadata,
            "password": Password() if status == FEDERATED else lost,
            "status": _status(raw),
            "federated": status == FEDERATED,
            # Of other factors only AdminGetUser would tell, one request for each user.
            "lost_factors": ("sms",) if _mapping.dicts(raw.get("MFAOptions")) else (),
        }
        return _mapping.build(fields, warnings)

    return to_user


def _status(raw: Mapping[str, Any]) -> AccountStatus:
    status = raw.get("UserStatus")
    if raw.get("Enabled") is False or status not in (*READY, UNCONFIRMED):
        return "banned"
    return "unconfirmed" if status == UNCONFIRMED else "active"


def attributes_of(user: Any) -> dict[str, str]:
    """Those of a user; none of what is no user."""
    return attributes(user.get("Attributes")) if isinstance(user, dict) else {}


def attributes(found: Any) -> dict[str, str]:
    """[{"Name", "Value"}] as name -> value; every value is a string."""
    return {
        str(one["Name"]): one["Value"]
        for one in _mapping.dicts(found)
        if "Name" in one and isinstance(one.get("Value"), str)
    }


def _millis(seconds: Any) -> Any:
    return seconds * 1000 if isinstance(seconds, int | float) else None


def _parsed(value: str | None) -> Any:
    try:
        return json.loads(value) if value else None
    except ValueError:
        return None


def _linked(identity: Mapping[str, Any]) -> str:
    return f"{identity.get('providerName')}|{identity.get('userId')}"
