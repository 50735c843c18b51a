"""Stytch's user (consumer), or a person's members of several organizations (B2B) -> User. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cockpit.records import Membership, Password, User
from cockpit.sources import _mapping
from cockpit.sources.base import Mapper, MappingContext
from cockpit.terms import AccountStatus, normal_email

NO_HASH = "Stytch's API gives no hashes; load the file that its support hands out: passwords load FILE"
LOST = Password.unsupported(NO_HASH)
_OWN = ("password", "phone_numbers", "webauthn_registrations", "biometric_registrations", "crypto_wallets")
"""What a consumer signs in with by themselves; Stytch does not tell of e-mail links."""
_FACTORS = (
    ("totp", "totps"),
    ("sms", "phone_numbers"),
    ("passkey", "webauthn_registrations"),
    ("biometrics", "biometric_registrations"),
)
_MEMBER_FACTORS = (("totp", "totp_registration_id"), ("sms", "mfa_phone_number"))
"""Second factors, and where a consumer's and a member's record tells of them."""
_FOREIGN = ("sso_registrations", "oauth_registrations")


def mapper(context: MappingContext) -> Mapper:
    """A mapping under these policies. A B2B person is the object of their members by member_id."""
    keys, split_names = context.mapping.metadata, context.mapping.split_names

    def to_user(raw: Mapping[str, Any]) -> User:
        if isinstance(raw.get("user_id"), str):
            return _consumer(raw, keys)
        members = _members(raw)
        if not members:
            raise ValueError("neither a user nor members")
        return _person(members, keys, split_names)

    return to_user


def person_id(member: Mapping[str, Any]) -> str:
    """What tells the person of a member from others: the e-mail, or the member where there is none."""
    email = member.get("email_address")
    return normal_email(email) if isinstance(email, str) and email else str(member["member_id"])


def memberships(raw: Mapping[str, Any]) -> Iterator[Membership]:
    """What a person is in each organization, active where one of several members there is; none of a user."""
    theirs: dict[str, Membership] = {}
    for member in _members(raw):
        organization = _mapping.text(member.get("organization_id"))
        status = _mapping.text(member.get("status")) or "active"
        roles = (_mapping.text(role.get("role_id")) for role in _mapping.dicts(member.get("roles")))
        if organization and (organization not in theirs or status == "active"):
            theirs[organization] = Membership(
                user=person_id(member),
                organization=organization,
                roles=tuple(role for role in roles if role),
                inactive=None if status == "active" else status,
            )
    yield from theirs.values()


def _members(raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The earliest one, which names the person, is first, whatever the order they were read in."""
    if isinstance(raw.get("user_id"), str):
        return []
    members = [member for member in raw.values() if isinstance(member, dict) and member.get("member_id")]
    return sorted(members, key=lambda member: (str(member.get("created_at") or ""), str(member["member_id"])))


def _consumer(raw: Mapping[str, Any], keys: Sequence[str]) -> User:
    warnings: list[str] = []
    emails = _mapping.dicts(raw.get("emails"))
    best = next((one for one in emails if one.get("verified") is True), next(iter(emails), {}))
    metadata = _begun(raw, keys, warnings)
    others = [str(one.get("email")) for one in emails if one is not best]
    if others:
        metadata["other_emails"] = _mapping.listed(others, "other_emails", warnings)
    if linked := [_linked(one) for one in _mapping.dicts(raw.get("providers"))]:
        metadata["identities"] = _mapping.listed(linked, "identities", warnings)
    name = raw.get("name")
    named = name if isinstance(name, dict) else {}
    fields = {
        "source_id": raw["user_id"],
        "email": _mapping.text(best.get("email")),
        "email_verified": best.get("verified") is True,
        "first_name": _mapping.text(named.get("first_name")),
        "last_name": _mapping.text(named.get("last_name")),
        "name": None,
        "metadata": metadata,
        "password": LOST if raw.get("password") else Password(),
        "status": _status(raw),
        "lost_factors": tuple(
            name for name, field in _FACTORS if any(map(_in_use, _mapping.dicts(raw.get(field))))
        ),
        "federated": bool(raw.get("providers")) and not any(raw.get(own) for own in _OWN),
    }
    return _mapping.build(fields, warnings)


def _person(members: Sequence[Mapping[str, Any]], keys: Sequence[str], split_names: bool) -> User:
    warnings: list[str] = []
    first = members[0]
    metadata = _begun(first, keys, warnings)
    if len(members) > 1:
        idents = (str(member["member_id"]) for member in members)
        metadata["members"] = _mapping.listed(idents, "members", warnings)
    has_password = any(member.get("member_password_id") for member in members)
    name = next((text for member in members if (text := _mapping.text(member.get("name")))), None)
    given, family = _mapping.split(name) if name and split_names else (None, None)
    fields = {
        "source_id": first["member_id"],
        "email": _mapping.text(first.get("email_address")),
        "email_verified": any(member.get("email_address_verified") is True for member in members),
        "first_name": given,
        "last_name": family,
        "name": None if split_names else name,
        "metadata": metadata,
        "password": LOST if has_password else Password(),
        "status": _status_of(members),
        "lost_factors": tuple(
            name for name, field in _MEMBER_FACTORS if any(member.get(field) for member in members)
        ),
        "federated": not has_password and any(member.get(kind) for member in members for kind in _FOREIGN),
    }
    return _mapping.build(fields, warnings)


def _in_use(factor: Mapping[str, Any]) -> bool:
    return factor.get("verified") is not False


def _status(raw: Mapping[str, Any]) -> AccountStatus:
    status = raw.get("status") or "active"
    if raw.get("is_locked") is True or status not in ("active", "pending"):
        return "deleted" if status == "deleted" else "banned"
    return "unconfirmed" if status == "pending" else "active"


def _status_of(members: Sequence[Mapping[str, Any]]) -> AccountStatus:
    """Someone who is still a member anywhere can sign in there."""
    left = [member.get("status") for member in members if member.get("status") != "deleted"]
    if not left:
        return "deleted"
    return "unconfirmed" if all(status in ("pending", "invited") for status in left) else "active"


def _begun(raw: Mapping[str, Any], keys: Sequence[str], warnings: list[str]) -> dict[str, str]:
    metadata = {"provider": "stytch"}
    if created := _mapping.text(raw.get("created_at")):
        metadata["created_at"] = _mapping.ascii_only(created)
    if keys:
        _mapping.chosen(
            keys, (raw.get("trusted_metadata"), raw.get("untrusted_metadata")), metadata, warnings
        )
    return metadata


def _linked(account: Mapping[str, Any]) -> str:
    return f"{account.get('provider_type')}|{account.get('provider_subject')}"
