"""A person as Cognito shows them (ListUsers)."""

import json
import re

from cockpit.sandbox.bad import FOREIGN_NOTE, HOSTILE, LONG_NOTE, SHORT_NOTE, Reason
from cockpit.sandbox.passwords import bcrypt_hash
from cockpit.sandbox.people import Person
from cockpit.sandbox.web import Json

_PLANS = ("free", "team", "enterprise")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}([0-9a-f]{8})")
_EXTERNAL, _UNCONFIRMED = 90, 5


class CognitoShape:
    """Cognito's users; the primary id is the attribute sub."""

    def record(self, person: Person, reason: Reason | None, other_email: str) -> Json:
        """The user as ListUsers has it."""
        values = _values(person, reason)
        match reason:
            case Reason.EMAIL_MISSING | Reason.NO_EMAIL_ACCOUNT:
                del values["email"], values["email_verified"]
            case Reason.EMAIL_SYNTAX:
                values["email"] = person.email.replace("@", "@@ ")
            case Reason.EMAIL_DUPLICATE:
                values["email"] = other_email.title()
            case Reason.DOMAIN_NOT_DELIVERABLE:
                values["email"] = f"{person.email.partition('@')[0]}@gone.invalid-mx.example"
            case Reason.METADATA_TOO_LONG:
                values["custom:note"] = LONG_NOTE
            case Reason.METADATA_NOT_ASCII:
                values["custom:note"] = FOREIGN_NOTE
            case Reason.CONTROL_CHARACTERS:
                values["given_name"] = HOSTILE.replace("\x00", "") + person.first_name
            case _:
                pass
        external = reason is None and person.kind >= _EXTERNAL
        status = "EXTERNAL_PROVIDER" if external else "CONFIRMED"
        if reason is None and person.kind < _UNCONFIRMED and not person.verified:
            status = "UNCONFIRMED"
        return {
            "Username": external_name(person.token) if external else values["sub"],
            "Attributes": _listed(values),
            "UserCreateDate": person.created_at / 1000,
            "UserLastModifiedDate": (person.last_login or person.created_at) / 1000,
            "Enabled": not person.blocked,
            "UserStatus": status,
        }

    def id_of(self, record: Json) -> str:
        """The attribute sub."""
        return str(next(one["Value"] for one in record["Attributes"] if one["Name"] == "sub"))

    def index_of(self, ident: str) -> int | None:
        """The number inside a sub."""
        found = _ID.fullmatch(ident)
        return int(found[1], 16) if found else None

    def patch(self, person: Person, reason: Reason) -> Json:
        """The attributes as they should be."""
        values = _values(person, reason)
        if reason in (Reason.METADATA_TOO_LONG, Reason.METADATA_NOT_ASCII):
            values["custom:note"] = SHORT_NOTE
        return {"Attributes": _listed(values)}

    def password(self, person: Person, reason: Reason | None) -> str | None:
        """That of native users, which no export ever shows."""
        external = reason is None and person.kind >= _EXTERNAL
        return None if external else bcrypt_hash(person.secret)[0]


def sub_of(token: int, number: int) -> str:
    """A sub that ends with the person's number."""
    digits = f"{token:016x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[:3]}-{digits[4:8]}{number:08x}"


def external_name(token: int) -> str:
    """The user name of somebody who comes from Google."""
    return f"Google_1{token % 10**12:012d}"


def _values(person: Person, reason: Reason | None) -> dict[str, str]:
    values = {
        "sub": sub_of(person.token, person.number),
        "email": person.email,
        "email_verified": "true" if person.verified else "false",
        "given_name": person.first_name,
        "family_name": person.last_name,
        "custom:plan": _PLANS[person.token % len(_PLANS)],
    }
    if reason is None and person.kind >= _EXTERNAL:
        google = {
            "userId": f"1{person.token % 10**12:012d}",
            "providerName": "Google",
            "providerType": "Google",
            "primary": True,
        }
        values["identities"] = json.dumps([google])
    return values


def _listed(values: dict[str, str]) -> list[Json]:
    return [{"Name": name, "Value": value} for name, value in values.items()]
