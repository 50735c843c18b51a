"""Descope's user (user/search) -> User. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from cockpit.records import Membership, Password, User
from cockpit.sources import _mapping
from cockpit.sources.base import Mapper, MappingContext
from cockpit.terms import AccountStatus

NO_HASH = "Descope's API gives no hashes; load the CSV that its support hands out: passwords load FILE"
_STATUS: dict[str, AccountStatus] = {"disabled": "banned", "expired": "banned", "invited": "unconfirmed"}

_FACTORS = (("TOTP", "totp"), ("webauthn", "passkey"))
"""What the record has flags of, and nothing that could be taken along."""


def mapper(context: MappingContext) -> Mapper:
    """A mapping under these policies."""
    keys, split_names = context.mapping.metadata, context.mapping.split_names
    lost, absent = Password.unsupported(NO_HASH), Password()

    def to_user(raw: Mapping[str, Any]) -> User:
        ident, email = raw.get("userId"), _mapping.text(raw.get("email"))
        if not isinstance(ident, str):
            raise ValueError("no userId")
        warnings: list[str] = []
        has_password = raw.get("password") is True
        has_own = has_password or raw.get("webauthn") is True  # Descope does not tell of codes and links
        metadata = {"provider": "descope"}
        created = raw.get("createdTime")  # in seconds
        if isinstance(created, int) and (at := _mapping.iso(created * 1000)):
            metadata["created_at"] = at
        logins = raw.get("loginIds")
        others = [str(one) for one in logins if one != email] if isinstance(logins, list) else []
        if others:
            metadata["login_ids"] = _mapping.listed(others, "login_ids", warnings)
        social = raw.get("OAuth")
        linked = [name for name, on in social.items() if on] if isinstance(social, dict) else []
        if linked:
            metadata["identities"] = _mapping.listed(linked, "identities", warnings)
        _mapping.left_out(_mapping.texts(raw.get("roleNames")), "roleNames", warnings)
        if keys:
            _mapping.chosen(keys, (raw.get("customAttributes"),), metadata, warnings)
        first, last = _mapping.text(raw.get("givenName")), _mapping.text(raw.get("familyName"))
        name = None if first or last else _mapping.text(raw.get("name"))
        if name and split_names:
            first, last = _mapping.split(name)
        fields = {
            "source_id": ident,
            "email": email,
            "email_verified": raw.get("verifiedEmail") is True,
            "first_name": first,
            "last_name": last,
            "name": None if split_names else name,
            "metadata": metadata,
            "password": lost if has_password else absent,
            "status": _STATUS.get(str(raw.get("status")), "active"),
            "federated": bool(linked or raw.get("SAML")) and not has_own,
            "lost_factors": tuple(name for field, name in _FACTORS if raw.get(field) is True),
        }
        return _mapping.build(fields, warnings)

    return to_user


def memberships(raw: Mapping[str, Any]) -> Iterator[Membership]:
    """A user's tenants, with the names of the roles there."""
    for tenant in _mapping.dicts(raw.get("userTenants")):
        if ident := _mapping.text(tenant.get("tenantId")):
            roles = _mapping.texts(tenant.get("roleNames"))
            yield Membership(user=str(raw.get("userId")), organization=ident, roles=roles)
