"""A person as Stytch's consumer API shows them (POST /v1/users/search)."""

import re

from cockpit.sandbox import factors
from cockpit.sandbox.bad import FOREIGN_NOTE, HOSTILE, LONG_NOTE, SHORT_NOTE, Reason
from cockpit.sandbox.clock import iso
from cockpit.sandbox.factors import Totp
from cockpit.sandbox.passwords import bcrypt_hash
from cockpit.sandbox.people import Person
from cockpit.sandbox.web import Json

PLANS = ("free", "team", "enterprise")
_ID = re.compile(r"user-live-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}([0-9a-f]{8})")


def uuid_like(person: Person) -> str:
    """A text like a UUID that ends with the person's number."""
    digits = f"{person.token:016x}{person.token >> 40:06x}"[:20]
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], f"{digits[:4]}{person.number:08x}")
    return "-".join(parts)


def has_password(person: Person, reason: Reason | None) -> bool:
    """Whether the person signs in with one."""
    return reason is not Reason.NO_EMAIL_ACCOUNT and (reason is not None or person.kind < 70)


class StytchShape:
    """Stytch's users and ids."""

    def record(self, person: Person, reason: Reason | None, other_email: str) -> Json:
        """The user with every field that the SDK's model wants."""
        record = _user(person, has_password(person, reason))
        match reason:
            case Reason.EMAIL_MISSING | Reason.NO_EMAIL_ACCOUNT:
                record["emails"] = []
            case Reason.EMAIL_SYNTAX:
                record["emails"] = [_email(person, person.email.replace("@", "@@ "))]
            case Reason.EMAIL_DUPLICATE:
                record["emails"] = [_email(person, other_email.title())]
            case Reason.DOMAIN_NOT_DELIVERABLE:
                local = person.email.partition("@")[0]
                record["emails"] = [_email(person, f"{local}@gone.invalid-mx.example")]
            case Reason.METADATA_TOO_LONG:
                record["trusted_metadata"] |= {"note": LONG_NOTE}
            case Reason.METADATA_NOT_ASCII:
                record["trusted_metadata"] |= {"note": FOREIGN_NOTE}
            case Reason.CONTROL_CHARACTERS:
                record["name"] |= {"first_name": HOSTILE + person.first_name}
            case _:
                pass
        return record

    def id_of(self, record: Json) -> str:
        """`user_id`."""
        return str(record["user_id"])

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
                return {"emails": [_email(person, person.email)]}
            case Reason.METADATA_TOO_LONG | Reason.METADATA_NOT_ASCII:
                return {"trusted_metadata": {"plan": plan(person), "note": SHORT_NOTE}}
        return {}

    def password(self, person: Person, reason: Reason | None) -> str | None:
        """That of people who have one."""
        return bcrypt_hash(person.secret)[0] if has_password(person, reason) else None


def second_factor(person: Person, totp: Totp | None) -> Json:
    """The fields that tell of an authenticator app, enrolled or begun."""
    return _totps(person, totp.verified if totp else None)


def _totps(person: Person, verified: bool | None) -> Json:
    ident = f"totp-live-{uuid_like(person)}"
    return {"totps": [] if verified is None else [{"totp_id": ident, "verified": verified}]}


def plan(person: Person) -> str:
    """What the application keeps of the person."""
    return PLANS[person.token % len(PLANS)]


def _email(person: Person, email: str) -> Json:
    return {"email_id": f"email-live-{uuid_like(person)}", "email": email, "verified": person.verified}


def _user(person: Person, password: bool) -> Json:
    subject = f"1{person.token % 10**12:012d}{person.number:08d}"
    google = {
        "provider_type": "Google",
        "provider_subject": subject,
        "profile_picture_url": "",
        "locale": "en",
        "oauth_user_registration_id": f"oauth-user-live-{uuid_like(person)}",
    }
    return {
        "user_id": f"user-live-{uuid_like(person)}",
        "emails": [_email(person, person.email)],
        "status": "active",
        "phone_numbers": [],
        "webauthn_registrations": [],
        "providers": [] if password and person.kind >= 5 else [google],
        **_totps(person, factors.verified(person)),
        "crypto_wallets": [],
        "biometric_registrations": [],
        "is_locked": person.blocked,
        "roles": ["stytch_user"],
        "name": {"first_name": person.first_name, "middle_name": "", "last_name": person.last_name},
        "created_at": iso(person.created_at),
        "password": {"password_id": f"password-live-{uuid_like(person)}", "requires_reset": False}
        if password
        else None,
        "trusted_metadata": {"plan": plan(person)},
        "untrusted_metadata": {},
        "external_id": None,
        "lock_created_at": None,
        "lock_expires_at": None,
    }
