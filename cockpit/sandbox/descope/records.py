"""A person as Descope shows them (POST /v2/mgmt/user/search)."""

import re

from cockpit.sandbox import factors
from cockpit.sandbox.bad import FOREIGN_NOTE, HOSTILE, LONG_NOTE, SHORT_NOTE, Reason
from cockpit.sandbox.factors import Totp
from cockpit.sandbox.passwords import bcrypt_hash
from cockpit.sandbox.people import Person
from cockpit.sandbox.web import Json

_PLANS = ("free", "team", "enterprise")
_ID = re.compile(r"U2[0-9a-f]{17}([0-9a-f]{8})")


def has_password(person: Person, reason: Reason | None) -> bool:
    """Whether the person signs in with one."""
    return reason is not Reason.NO_EMAIL_ACCOUNT and (reason is not None or person.kind < 70)


class DescopeShape:
    """Descope's users and ids."""

    def record(self, person: Person, reason: Reason | None, other_email: str) -> Json:
        """The user."""
        record = _user(person, has_password(person, reason))
        match reason:
            case Reason.EMAIL_MISSING | Reason.NO_EMAIL_ACCOUNT:
                record |= {"email": "", "loginIds": [f"+1555{person.number:07d}"]}
            case Reason.EMAIL_SYNTAX:
                record["email"] = person.email.replace("@", "@@ ")
            case Reason.EMAIL_DUPLICATE:
                record["email"] = other_email.title()
            case Reason.DOMAIN_NOT_DELIVERABLE:
                record["email"] = f"{person.email.partition('@')[0]}@gone.invalid-mx.example"
            case Reason.METADATA_TOO_LONG:
                record["customAttributes"] |= {"note": LONG_NOTE}
            case Reason.METADATA_NOT_ASCII:
                record["customAttributes"] |= {"note": FOREIGN_NOTE}
            case Reason.CONTROL_CHARACTERS:
                record["givenName"] = HOSTILE + person.first_name
            case _:
                pass
        return record

    def id_of(self, record: Json) -> str:
        """`userId`."""
        return str(record["userId"])

    def index_of(self, ident: str) -> int | None:
        """The number inside an id."""
        found = _ID.fullmatch(ident)
        return int(found[1], 16) if found else None

    def patch(self, person: Person, reason: Reason) -> Json:
        """Fields of the record that correct it."""
        match reason:
            case (
                Reason.EMAIL_MISSING
                | Reason.EMAIL_SYNTAX
                | Reason.EMAIL_DUPLICATE
                | Reason.DOMAIN_NOT_DELIVERABLE
            ):
                return {"email": person.email}
            case Reason.METADATA_TOO_LONG | Reason.METADATA_NOT_ASCII:
                return {"customAttributes": {"plan": _plan(person), "note": SHORT_NOTE}}
        return {}

    def password(self, person: Person, reason: Reason | None) -> str | None:
        """That of people who have one."""
        return bcrypt_hash(person.secret)[0] if has_password(person, reason) else None


def second_factor(person: Person, totp: Totp | None) -> Json:
    """The field that tells of an authenticator app."""
    return {"TOTP": bool(totp and totp.verified)}


def _plan(person: Person) -> str:
    return _PLANS[person.token % len(_PLANS)]


def _user(person: Person, password: bool) -> Json:
    return {
        "userId": f"U2{person.token:016x}0{person.number:08x}",
        "loginIds": [person.email],
        "name": person.full_name,
        "givenName": person.first_name,
        "middleName": "",
        "familyName": person.last_name,
        "email": person.email,
        "verifiedEmail": person.verified,
        "phone": "",
        "verifiedPhone": False,
        "status": "disabled" if person.blocked else "enabled",
        "roleNames": [],
        "userTenants": [],
        "customAttributes": {"plan": _plan(person)},
        "picture": "",
        "createdTime": person.created_at // 1000,
        "test": False,
        "TOTP": bool(factors.verified(person)),
        "SAML": False,
        "SCIM": False,
        "OAuth": {} if password and person.kind >= 5 else {"google": True},
        "webauthn": False,
        "password": password,
        "ssoAppIds": [],
        "externalIds": [person.email],
    }
