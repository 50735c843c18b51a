"""A person as Auth0 shows them (Management API, GET /api/v2/users)."""

import re

from cockpit.sandbox import factors
from cockpit.sandbox.bad import BROKEN_BCRYPT, FOREIGN_NOTE, HOSTILE, LONG_NOTE, SHORT_NOTE, Reason
from cockpit.sandbox.clock import iso
from cockpit.sandbox.factors import Totp
from cockpit.sandbox.passwords import bcrypt_hash
from cockpit.sandbox.people import Person
from cockpit.sandbox.web import Json

DATABASE = "Username-Password-Authentication"
CONNECTIONS: tuple[tuple[str, str, str], ...] = (
    ("con_0000000000000db1", DATABASE, "auth0"),
    ("con_0000000000000go2", "google-oauth2", "google-oauth2"),
    ("con_0000000000000sa3", "acme-okta", "samlp"),
    ("con_0000000000000wa4", "globex-entra", "waad"),
    ("con_0000000000000sm5", "sms", "sms"),
)
"""Id, name and strategy of each connection."""

MULTIFACTOR = ["guardian"]
_PLANS = ("free", "team", "enterprise")
_LOCALES = ("en", "de", "fr", "ja", "ar", "pt-BR")
_ID_WITH_NUMBER = re.compile(
    r"auth0\|[0-9a-f]{16}([0-9a-f]{8})|google-oauth2\|1[0-9]{12}([0-9]{8})|sms\|[0-9a-f]{16}([0-9a-f]{8})"
    r"|(?:samlp\|acme-okta|waad\|globex-entra)\|[^@]*?([0-9]+)@[^|]*"
)
_HEXADECIMAL = (1, 3)


def sign_in_of(person: Person, reason: Reason | None) -> str:
    """How the person signs in; who is bad has a password, so that only one thing is wrong with them."""
    if reason is Reason.NO_EMAIL_ACCOUNT:
        return "sms"
    if reason is Reason.EMAIL_DUPLICATE:
        return "google-oauth2"
    if reason is not None or person.kind < 75:
        return "auth0"
    if person.kind < 92:
        return "google-oauth2"
    return "samlp" if person.kind < 97 else "waad"


class Auth0Shape:
    """Auth0's records and ids."""

    def record(self, person: Person, reason: Reason | None, other_email: str) -> Json:
        """The record with every field; an export job leaves out what is not asked for."""
        how = sign_in_of(person, reason)
        record = _profile(person, how)
        ident = f"{person.token:016x}{person.number:08x}"
        if how == "google-oauth2":
            ident = f"1{person.token % 10**12:012d}{person.number:08d}"
        elif how == "samlp":
            ident = f"acme-okta|{person.email}"
        elif how == "waad":
            ident = f"globex-entra|{person.email}"
        record["user_id"] = f"{how}|{ident}"
        record["identities"] = _identities(person, how, ident)
        _spoil(record, person, reason, other_email)
        return record

    def id_of(self, record: Json) -> str:
        """`user_id`."""
        return str(record["user_id"])

    def index_of(self, ident: str) -> int | None:
        """The number inside a `user_id`."""
        found = _ID_WITH_NUMBER.fullmatch(ident)
        if found is None or found.lastindex is None:
            return None
        return int(found[found.lastindex], 16 if found.lastindex in _HEXADECIMAL else 10)

    def patch(self, person: Person, reason: Reason) -> Json:
        """Fields of the record; `passwordHash` is that of the support team's file."""
        match reason:
            case Reason.EMAIL_MISSING | Reason.EMAIL_SYNTAX | Reason.EMAIL_DUPLICATE:
                return {"email": person.email}
            case Reason.DOMAIN_NOT_DELIVERABLE:
                return {"email": person.email}
            case Reason.METADATA_TOO_LONG | Reason.METADATA_NOT_ASCII:
                return {
                    "user_metadata": {"note": SHORT_NOTE},
                    "app_metadata": _app_metadata(person) | {"note": SHORT_NOTE},
                }
            case Reason.HASH_BROKEN:
                return {"passwordHash": bcrypt_hash(person.secret)[1]}
        return {}

    def password(self, person: Person, reason: Reason | None) -> str | None:
        """That of people in the database connection."""
        return bcrypt_hash(person.secret)[0] if sign_in_of(person, reason) == "auth0" else None


def password_line(record: Json, person: Person, reason: Reason | None) -> Json:
    """The line about this record in the file of password hashes that Auth0's support sends."""
    stored = BROKEN_BCRYPT if reason is Reason.HASH_BROKEN else bcrypt_hash(person.secret)[1]
    line = {
        "_id": {"$oid": str(record["user_id"]).removeprefix("auth0|")},
        "email": record.get("email"),
        "email_verified": record.get("email_verified", False),
        "passwordHash": record.get("passwordHash", stored),
        "password_set_date": {"$date": iso(person.created_at)},
        "tenant": "sandbox",
        "connection": DATABASE,
    }
    return {field: value for field, value in line.items() if value is not None}


def _profile(person: Person, how: str) -> Json:
    updated = person.last_login or person.created_at
    record: Json = {
        "user_id": "",
        "email": person.email,
        "email_verified": person.verified or how != "auth0",
        "name": person.email if how == "auth0" and person.kind < 10 else person.full_name,
        "given_name": person.first_name,
        "family_name": person.last_name,
        "nickname": person.email.partition("@")[0],
        "picture": f"https://cdn.example/avatars/{person.number}.png",
        "created_at": iso(person.created_at),
        "updated_at": iso(updated),
        "logins_count": person.logins,
        "app_metadata": _app_metadata(person),
        "user_metadata": {"locale": _LOCALES[person.token % len(_LOCALES)]},
        "identities": [],
    }
    if person.last_login is not None:
        record["last_login"] = iso(person.last_login)
    if person.blocked:
        record["blocked"] = True
    if factors.verified(person):
        record["multifactor"] = MULTIFACTOR
    return record


def second_factor(person: Person, totp: Totp | None) -> Json:
    """The fields that tell of an authenticator app; null removes one."""
    return {"multifactor": MULTIFACTOR if totp and totp.verified else None}


def _app_metadata(person: Person) -> Json:
    roles = ["admin"] if person.token % 50 == 0 else ["member"]
    return {"plan": _PLANS[person.token % len(_PLANS)], "roles": roles}


def _identities(person: Person, how: str, ident: str) -> list[Json]:
    connection = {provider: name for _, name, provider in CONNECTIONS}[how]
    social = how == "google-oauth2"
    identities: list[Json] = [
        {"connection": connection, "user_id": ident, "provider": how, "isSocial": social}
    ]
    if person.kind < 5 if how == "auth0" else social and person.kind < 78:
        linked = "google-oauth2" if how == "auth0" else "facebook"
        identities.append(
            {
                "connection": linked,
                "user_id": f"9{person.token % 10**19:019d}",
                "provider": linked,
                "isSocial": True,
                "profileData": {"email": person.email, "email_verified": True, "name": person.full_name},
            }
        )
    return identities


def _spoil(record: Json, person: Person, reason: Reason | None, other_email: str) -> None:
    match reason:
        case Reason.EMAIL_MISSING:
            del record["email"]
            record["name"] = person.full_name
        case Reason.NO_EMAIL_ACCOUNT:
            del record["email"], record["email_verified"]
            record["phone_number"] = f"+1555{person.number:07d}"
            record["phone_verified"] = True
            record["name"] = record["phone_number"]
        case Reason.EMAIL_SYNTAX:
            record["email"] = person.email.replace("@", "@@ ")
        case Reason.EMAIL_DUPLICATE:
            record["email"] = other_email.title()
        case Reason.DOMAIN_NOT_DELIVERABLE:
            record["email"] = f"{person.email.partition('@')[0]}@gone.invalid-mx.example"
        case Reason.METADATA_TOO_LONG | Reason.METADATA_NOT_ASCII:
            note = LONG_NOTE if reason is Reason.METADATA_TOO_LONG else FOREIGN_NOTE
            record["user_metadata"] = {"note": note}
            record["app_metadata"] = record["app_metadata"] | {"note": note}
        case Reason.CONTROL_CHARACTERS:
            record["name"] = record["given_name"] = HOSTILE + person.first_name
        case _:
            pass
