"""Profiles: what an IdP says of a person, by the connection's attribute map (SDK: Profile)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from cockpit.sandbox.web import Json
from cockpit.sandbox.workos.connection_store import Connection
from cockpit.sandbox.workos.sso.attempts import Rejected

_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_USUAL: dict[str, tuple[str, ...]] = {
    "idp_id": ("id", "sub", f"{_CLAIMS}nameidentifier"),
    "email": ("email", f"{_CLAIMS}emailaddress"),
    "first_name": ("firstName", "given_name", f"{_CLAIMS}givenname"),
    "last_name": ("lastName", "family_name", f"{_CLAIMS}surname"),
    "name": ("name", f"{_CLAIMS}name"),
    "groups": ("groups",),
}
"""Where the names are looked for that a connection does not map (documentation: the SAML and OIDC guides)."""


class Profile(NamedTuple):
    """Somebody as an IdP knows them."""

    id: str
    connection: Connection
    idp_id: str
    email: str
    first_name: str | None
    last_name: str | None
    name: str | None
    groups: tuple[str, ...]
    custom: dict[str, Any]
    raw: dict[str, Any]

    def as_json(self) -> Json:
        """The profile object of POST /sso/token."""
        return {
            "object": "profile",
            "id": self.id,
            "organization_id": self.connection.organization_id,
            "connection_id": self.connection.id,
            "connection_type": self.connection.connection_type,
            "idp_id": self.idp_id,
            "email": self.email,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "name": self.name,
            "groups": list(self.groups),
            "custom_attributes": self.custom,
            "raw_attributes": self.raw,
        }


def profile(ident: str, row: Connection, said: Mapping[str, Any], subject: str) -> Profile:
    """The profile of what an IdP said; `subject`, its NameID or `sub`, is the id if nothing else is.

    Raises Rejected when there is no e-mail.
    """
    maps = row.attribute_maps

    def found(name: str) -> Any:
        mapped = maps["standard_attributes"].get(name)
        return next((said[one] for one in ((mapped,) if mapped else _USUAL[name]) if said.get(one)), None)

    email = _one(found("email"))
    if email is None:
        raise Rejected("profile_email_missing", "The identity provider did not say an e-mail address.")
    groups = found("groups") or ()
    return Profile(
        id=ident,
        connection=row,
        idp_id=_one(found("idp_id")) or subject,
        email=email.strip().lower(),
        first_name=_one(found("first_name")),
        last_name=_one(found("last_name")),
        name=_one(found("name")),
        groups=(groups,) if isinstance(groups, str) else tuple(map(str, groups)),
        custom={name: said.get(claim) for name, claim in maps["custom_attributes"].items()},
        raw=dict(said),
    )


def _one(value: Any) -> str | None:
    """The value, or the first of several."""
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    return None if value is None else str(value)
