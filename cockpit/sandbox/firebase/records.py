"""A person as Firebase shows them (Identity Toolkit, accounts:batchGet)."""

import base64
import json
import string

from cockpit.sandbox.bad import FOREIGN_NOTE, HOSTILE, LONG_NOTE, SHORT_NOTE, Reason
from cockpit.sandbox.companies import Ids
from cockpit.sandbox.passwords import firebase_hash, signer_key
from cockpit.sandbox.people import Person
from cockpit.sandbox.web import Json

TENANTS = ("acme-k3v9x", "globex-p0q2z")
"""Ids of the first tenants, of which there are two unless told otherwise."""
PROJECT = ""
"""Stands for the project itself among the tenants."""

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ID_LENGTH, _NUMBER_LENGTH = 28, 5
_EVERY = 50


class TenantIds(Ids):
    """Ids of tenants, which are the companies here."""

    def of(self, number: int, token: int = 0) -> str:
        """The id of that tenant."""
        return TENANTS[number] if number < len(TENANTS) else super().of(number, token)

    def number(self, ident: str) -> int | None:
        """The number of the tenant with that id."""
        return TENANTS.index(ident) if ident in TENANTS else super().number(ident)


TENANT_IDS = TenantIds("tenant-", digits=0)


def tenant_of(index: int, tenants: int) -> str:
    """The tenant that an account of the beginning lives in for good; together they hold one of fifty."""
    lives_in_one = tenants and index % _EVERY == _EVERY - 1
    return TENANT_IDS.of(index // _EVERY % tenants) if lives_in_one else PROJECT


def _base62(value: int, length: int) -> str:
    digits = []
    for _ in range(length):
        value, digit = divmod(value, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))


def local_id(token: int, number: int) -> str:
    """28 characters: 23 that look random, by which accounts are listed, and the number."""
    head = base64.b64encode((token * 0xD1B54A32D192ED03 ^ token << 71).to_bytes(18), altchars=b"xy")
    return head[: _ID_LENGTH - _NUMBER_LENGTH].decode() + _base62(number, _NUMBER_LENGTH)


class FirebaseShape:
    """Firebase's records and ids."""

    def __init__(self, seed: int, tenants: int = len(TENANTS)) -> None:
        self._seed, self._tenants = seed, tenants

    def record(self, person: Person, reason: Reason | None, other_email: str) -> Json:
        """The account with every field."""
        has_password = _has_password(person, reason)
        tenant = tenant_of(person.number, self._tenants)
        record: Json = {
            "localId": local_id(person.token, person.number),
            "email": person.email,
            "emailVerified": person.verified,
            "displayName": person.full_name,
            "validSince": str(person.created_at // 1000),
            "createdAt": str(person.created_at),
            "disabled": person.blocked,
            "providerUserInfo": _providers(person, has_password),
        }
        if person.last_login is not None:
            record["lastLoginAt"] = str(person.last_login)
        if has_password:
            stored = firebase_hash(person.secret, signer_key(self._seed, tenant))
            record["passwordHash"], record["salt"] = stored.digest, stored.salt
            record["version"], record["passwordUpdatedAt"] = 0, person.created_at
        if person.token % 3 == 0:
            record["customAttributes"] = _claims(person)
        if person.token % 20 == 0:
            record["mfaInfo"] = [_second_factor(person)]
        if tenant:
            record["tenantId"] = tenant
        _spoil(record, person, reason, other_email)
        return record

    def id_of(self, record: Json) -> str:
        """`localId`."""
        return str(record["localId"])

    def index_of(self, ident: str) -> int | None:
        """The number at the end of a `localId`."""
        if len(ident) != _ID_LENGTH or not (ident.isascii() and ident.isalnum()):
            return None
        index = 0
        for digit in ident[-_NUMBER_LENGTH:]:
            index = index * len(_DIGITS) + _DIGITS.index(digit)
        return index

    def patch(self, person: Person, reason: Reason) -> Json:
        """Fields of the record."""
        match reason:
            case Reason.METADATA_TOO_LONG | Reason.METADATA_NOT_ASCII:
                return {"customAttributes": _claims(person, SHORT_NOTE)}
            case Reason.HASH_BROKEN:
                key = signer_key(self._seed, tenant_of(person.number, self._tenants))
                return {"passwordHash": firebase_hash(person.secret, key).digest}
            case Reason.EMAIL_MISSING | Reason.EMAIL_SYNTAX | Reason.EMAIL_DUPLICATE:
                return {"email": person.email}
            case Reason.DOMAIN_NOT_DELIVERABLE:
                return {"email": person.email}
        return {}

    def password(self, person: Person, reason: Reason | None) -> str | None:
        """That of people who have one."""
        if not _has_password(person, reason):
            return None
        return firebase_hash(person.secret, signer_key(self._seed, PROJECT)).password


def _has_password(person: Person, reason: Reason | None) -> bool:
    if reason in (Reason.NO_EMAIL_ACCOUNT, Reason.EMAIL_DUPLICATE):
        return False
    return reason is not None or person.kind < 75


def _providers(person: Person, has_password: bool) -> list[Json]:
    providers: list[Json] = []
    if has_password:
        providers.append(
            {
                "providerId": "password",
                "rawId": person.email,
                "federatedId": person.email,
                "email": person.email,
                "displayName": person.full_name,
            }
        )
    if not has_password or person.kind < 10:
        raw = f"1{person.token % 10**20:020d}"
        providers.append(
            {"providerId": "google.com", "rawId": raw, "federatedId": raw, "email": person.email}
        )
    return providers


def _claims(person: Person, note: str | None = None) -> str:
    claims: Json = {"role": "admin" if person.token % 50 == 0 else "member"}
    if note is not None:
        claims["note"] = note
    return json.dumps(claims)


def _second_factor(person: Person) -> Json:
    return {
        "mfaEnrollmentId": f"{person.token:016x}",
        "displayName": "phone",
        "phoneInfo": f"+1555{person.number:07d}",
        "enrolledAt": "2024-05-01T10:00:00.000Z",
    }


def _spoil(record: Json, person: Person, reason: Reason | None, other_email: str) -> None:
    match reason:
        case Reason.EMAIL_MISSING:
            # Phone only: the cure is an e-mail that the person was asked for.
            del record["email"], record["emailVerified"]
            for field in ("passwordHash", "salt", "version", "passwordUpdatedAt"):
                del record[field]
            record["phoneNumber"] = f"+1555{person.number:07d}"
            record["providerUserInfo"] = [{"providerId": "phone", "phoneNumber": record["phoneNumber"]}]
        case Reason.NO_EMAIL_ACCOUNT:
            # Anonymous: nothing but an id.
            for field in ("email", "emailVerified", "displayName", "customAttributes", "mfaInfo"):
                record.pop(field, None)
            record["providerUserInfo"] = []
        case Reason.EMAIL_SYNTAX:
            record["email"] = person.email.replace("@", "@@ ")
        case Reason.EMAIL_DUPLICATE:
            record["email"] = other_email.title()
        case Reason.DOMAIN_NOT_DELIVERABLE:
            record["email"] = f"{person.email.partition('@')[0]}@gone.invalid-mx.example"
        case Reason.METADATA_TOO_LONG:
            record["customAttributes"] = _claims(person, LONG_NOTE)
        case Reason.METADATA_NOT_ASCII:
            record["customAttributes"] = _claims(person, FOREIGN_NOTE)
        case Reason.HASH_BROKEN:
            record["passwordHash"] = "not base64 at all"
        case Reason.CONTROL_CHARACTERS:
            record["displayName"] = HOSTILE + person.full_name
        case _:
            pass
