"""A person as GoTrue's admin API shows them (GET /admin/users)."""

import re
from uuid import UUID

from cockpit.sandbox import factors
from cockpit.sandbox.bad import FOREIGN_NOTE, HOSTILE, LONG_NOTE, SHORT_NOTE, Reason
from cockpit.sandbox.clock import iso
from cockpit.sandbox.factors import Totp
from cockpit.sandbox.passwords import bcrypt_hash
from cockpit.sandbox.people import Person
from cockpit.sandbox.web import Json

_PLANS = ("free", "team", "enterprise")
_NUMBER = re.compile(r"[0-9a-f-]{28}([0-9a-f]{8})")


class SupabaseShape:
    """Supabase's records and ids."""

    def record(self, person: Person, reason: Reason | None, other_email: str) -> Json:
        """The user with every field that the SDK's model wants."""
        record = _user(person, has_password(person, reason))
        match reason:
            case Reason.EMAIL_MISSING | Reason.NO_EMAIL_ACCOUNT:
                record |= {"email": "", "email_confirmed_at": None, "is_anonymous": True}
            case Reason.EMAIL_SYNTAX:
                record["email"] = person.email.replace("@", "@@ ")
            case Reason.EMAIL_DUPLICATE:
                record["email"] = other_email.title()
            case Reason.DOMAIN_NOT_DELIVERABLE:
                record["email"] = f"{person.email.partition('@')[0]}@gone.invalid-mx.example"
            case Reason.METADATA_TOO_LONG:
                record["user_metadata"] |= {"note": LONG_NOTE}
            case Reason.METADATA_NOT_ASCII:
                record["user_metadata"] |= {"note": FOREIGN_NOTE}
            case Reason.CONTROL_CHARACTERS:
                record["user_metadata"] |= {"full_name": HOSTILE.replace("\x00", "") + person.full_name}
            case _:
                pass
        return record

    def id_of(self, record: Json) -> str:
        """`id`."""
        return str(record["id"])

    def index_of(self, ident: str) -> int | None:
        """The number inside an id."""
        found = _NUMBER.fullmatch(ident)
        return int(found[1], 16) if found else None

    def patch(self, person: Person, reason: Reason) -> Json:
        """Fields of the record; a broken hash is none that this API shows."""
        match reason:
            case (
                Reason.EMAIL_MISSING
                | Reason.EMAIL_SYNTAX
                | Reason.EMAIL_DUPLICATE
                | Reason.DOMAIN_NOT_DELIVERABLE
            ):
                return {"email": person.email}
            case Reason.METADATA_TOO_LONG | Reason.METADATA_NOT_ASCII:
                return {"user_metadata": _user(person, True)["user_metadata"] | {"note": SHORT_NOTE}}
        return {}

    def password(self, person: Person, reason: Reason | None) -> str | None:
        """That of people who have one."""
        return bcrypt_hash(person.secret)[0] if has_password(person, reason) else None


def has_password(person: Person, reason: Reason | None) -> bool:
    """Whether the person signs in with one."""
    return reason is not Reason.NO_EMAIL_ACCOUNT and (reason is not None or person.kind < 70)


def second_factor(person: Person, totp: Totp | None) -> Json:
    """The field that tells of an authenticator app, enrolled or begun; null removes it."""
    return {"factors": None} | _factors(person, totp.verified if totp else None)


def _factors(person: Person, verified: bool | None) -> Json:
    """GoTrue leaves the field out when there is none, and the secret always."""
    if verified is None:
        return {}
    created = iso(person.created_at)
    factor = {
        "id": str(UUID(int=person.token << 64 | 0x7079 << 48 | person.number)),
        "friendly_name": "phone",
        "factor_type": "totp",
        "status": "verified" if verified else "unverified",
        "created_at": created,
        "updated_at": created,
    }
    return {"factors": [factor]}


def _user(person: Person, password: bool) -> Json:
    ident = str(UUID(int=(person.token << 64 | person.token ^ 0x5DEECE66D) & ~0xFFFFFFFF | person.number))
    created = iso(person.created_at)
    providers = (["email"] if password else []) + (["google"] if not password or person.kind < 5 else [])
    subjects = {"email": ident, "google": f"1{person.token % 10**12:012d}{person.number:08d}"}
    return {
        "id": ident,
        "aud": "authenticated",
        "role": "authenticated",
        "email": person.email,
        "email_confirmed_at": created if person.verified or not password else None,
        "phone": "",
        "confirmed_at": created,
        "last_sign_in_at": iso(person.last_login) if person.last_login else None,
        "app_metadata": {
            "provider": providers[0],
            "providers": providers,
            "plan": _PLANS[person.token % len(_PLANS)],
        },
        "user_metadata": {"full_name": person.full_name},
        "identities": [_identity(ident, name, subjects[name], person, created) for name in providers],
        "created_at": created,
        "updated_at": created,
        "banned_until": "2999-12-31T00:00:00Z" if person.blocked else None,
        "is_anonymous": False,
        **_factors(person, factors.verified(person)),
    }


def _identity(user: str, provider: str, subject: str, person: Person, created: str) -> Json:
    return {
        "identity_id": str(UUID(int=person.token << 64 | person.number << 8 | len(provider))),
        "id": subject,
        "user_id": user,
        "identity_data": {"email": person.email, "sub": subject},
        "provider": provider,
        "last_sign_in_at": created,
        "created_at": created,
        "updated_at": created,
    }
