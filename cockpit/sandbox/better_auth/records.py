"""A person as Better Auth keeps them: the row of user, with those of account beside it."""

import hashlib
import re
from functools import cache

from cockpit.sandbox import factors
from cockpit.sandbox.bad import FOREIGN_NOTE, HOSTILE, LONG_NOTE, SHORT_NOTE, Reason
from cockpit.sandbox.clock import iso
from cockpit.sandbox.factors import Totp
from cockpit.sandbox.passwords import BCRYPT
from cockpit.sandbox.people import Person
from cockpit.sandbox.web import Json

ACCOUNTS = "accounts"
"""Where a record has its rows of account; the API shows none of them."""

_PLANS = ("free", "team", "enterprise")
_ID = re.compile(r"[0-9a-f]{24}([0-9a-f]{8})")


class BetterAuthShape:
    """Better Auth's records and ids; plan and note are additional fields of the application."""

    def record(self, person: Person, reason: Reason | None, other_email: str) -> Json:
        """The user with accounts."""
        record = _user(person, has_password(person, reason))
        match reason:
            case Reason.EMAIL_MISSING | Reason.NO_EMAIL_ACCOUNT:
                record["email"] = ""
            case Reason.EMAIL_SYNTAX:
                record["email"] = person.email.replace("@", "@@ ")
            case Reason.EMAIL_DUPLICATE:
                record["email"] = other_email.title()
            case Reason.DOMAIN_NOT_DELIVERABLE:
                record["email"] = f"{person.email.partition('@')[0]}@gone.invalid-mx.example"
            case Reason.METADATA_TOO_LONG:
                record["note"] = LONG_NOTE
            case Reason.METADATA_NOT_ASCII:
                record["note"] = FOREIGN_NOTE
            case Reason.CONTROL_CHARACTERS:
                record["name"] = HOSTILE.replace("\x00", "") + person.full_name
            case Reason.HASH_BROKEN:
                record[ACCOUNTS][0]["password"] = "cut-short:abc"
            case _:
                pass
        return record

    def id_of(self, record: Json) -> str:
        """`id`."""
        return str(record["id"])

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
                return {"note": SHORT_NOTE}
            case Reason.HASH_BROKEN:
                return {ACCOUNTS: _accounts(person, True)}
        return {}

    def password(self, person: Person, reason: Reason | None) -> str | None:
        """That of people who have one."""
        return BCRYPT[person.secret % len(BCRYPT)][0] if has_password(person, reason) else None


def has_password(person: Person, reason: Reason | None) -> bool:
    """Whether the person has a credential account."""
    return reason is not Reason.NO_EMAIL_ACCOUNT and (reason is not None or person.kind < 70)


def second_factor(person: Person, totp: Totp | None) -> Json:
    """The field that tells of an authenticator app."""
    return {"twoFactorEnabled": bool(totp and totp.verified)}


@cache
def stored(secret: int) -> str:
    """A known password as Better Auth keeps it: scrypt over the hexadecimal text of the salt."""
    salt = hashlib.sha256(f"salt {secret}".encode()).hexdigest()[:32]
    key = hashlib.scrypt(
        BCRYPT[secret][0].encode(), salt=salt.encode(), n=16384, r=16, p=1, maxmem=64 << 20, dklen=64
    )
    return f"{salt}:{key.hex()}"


def _user(person: Person, password: bool) -> Json:
    return {
        "id": f"{person.token:016x}{person.token >> 32 ^ 0x5EED:08x}{person.number:08x}"[-32:],
        "name": person.full_name,
        "email": person.email,
        "emailVerified": person.verified or not password,
        "image": None,
        "createdAt": iso(person.created_at),
        "updatedAt": iso(person.last_login or person.created_at),
        "role": "user",
        "banned": person.blocked,
        "banReason": None,
        "banExpires": None,
        "twoFactorEnabled": bool(factors.verified(person)),
        "plan": _PLANS[person.token % len(_PLANS)],
        "note": None,
        ACCOUNTS: _accounts(person, password),
    }


def _accounts(person: Person, password: bool) -> list[Json]:
    found: list[Json] = []
    if password:
        hashed = stored(person.secret % len(BCRYPT))
        found.append({"providerId": "credential", "accountId": "", "password": hashed})
    if not password or person.kind < 5:
        subject = f"1{person.token % 10**12:012d}{person.number:08d}"
        found.append({"providerId": "google", "accountId": subject, "password": None})
    return found
