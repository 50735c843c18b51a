"""A person of a B2B project: what their members of organizations have in common."""

import re

from cockpit.sandbox import factors
from cockpit.sandbox.bad import FOREIGN_NOTE, HOSTILE, LONG_NOTE, SHORT_NOTE, Reason
from cockpit.sandbox.companies import Ids
from cockpit.sandbox.factors import Totp
from cockpit.sandbox.passwords import bcrypt_hash
from cockpit.sandbox.people import Person
from cockpit.sandbox.stytch.records import has_password, plan, uuid_like
from cockpit.sandbox.web import Json

ORGANIZATIONS = 120
"""More than a client should name in one search."""
MEMBERSHIPS = (*(1,) * 16, 2, 2, 2, 3)
"""Who is in no organization is nobody here."""
IDS = Ids("organization-live-", digits=0)
_ID = re.compile(r"member-live-0-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}([0-9a-f]{8})")


class StytchB2bShape:
    """People as what their members have in common, with the id of the first of those.

    Who has the e-mail of another is the same person to a client, and a member more of theirs.
    """

    def record(self, person: Person, reason: Reason | None, other_email: str) -> Json:
        """The person."""
        record = _person(person, has_password(person, reason))
        match reason:
            case Reason.EMAIL_MISSING | Reason.NO_EMAIL_ACCOUNT:
                record["email_address"] = ""
            case Reason.EMAIL_SYNTAX:
                record["email_address"] = person.email.replace("@", "@@ ")
            case Reason.EMAIL_DUPLICATE:
                record["email_address"] = other_email.title()
            case Reason.DOMAIN_NOT_DELIVERABLE:
                record["email_address"] = f"{person.email.partition('@')[0]}@gone.invalid-mx.example"
            case Reason.METADATA_TOO_LONG:
                record["trusted_metadata"] |= {"note": LONG_NOTE}
            case Reason.METADATA_NOT_ASCII:
                record["trusted_metadata"] |= {"note": FOREIGN_NOTE}
            case Reason.CONTROL_CHARACTERS:
                record["name"] = HOSTILE + person.full_name
            case _:
                pass
        return record

    def id_of(self, record: Json) -> str:
        """The first member's id."""
        return str(record["member_id"])

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
                return {"email_address": person.email}
            case Reason.METADATA_TOO_LONG | Reason.METADATA_NOT_ASCII:
                return {"trusted_metadata": {"plan": plan(person), "note": SHORT_NOTE}}
        return {}

    def password(self, person: Person, reason: Reason | None) -> str | None:
        """That of people who have one."""
        return bcrypt_hash(person.secret)[0] if has_password(person, reason) else None


def member_id(first: str, turn: int) -> str:
    """The id of another member of the person whose first is this."""
    return first.replace("-live-0-", f"-live-{turn}-", 1)


def second_factor(person: Person, totp: Totp | None) -> Json:
    """The fields that tell of an authenticator app."""
    return _enrolled(person, bool(totp and totp.verified))


def _enrolled(person: Person, enrolled: bool) -> Json:
    ident = f"member-totp-live-{uuid_like(person)}" if enrolled else ""
    return {"totp_registration_id": ident, "mfa_enrolled": enrolled}


def _person(person: Person, password: bool) -> Json:
    google = {
        "provider_type": "Google",
        "provider_subject": f"1{person.token % 10**12:012d}{person.number:08d}",
        "member_oauth_registration_id": f"oauth-member-live-{uuid_like(person)}",
        "profile_picture_url": "",
        "locale": "en",
    }
    return {
        "email_address": person.email,
        "email_address_verified": person.verified,
        "status": "active",
        "name": person.full_name,
        "sso_registrations": [],
        "is_breakglass": False,
        "member_password_id": f"password-live-{uuid_like(person)}" if password else "",
        "oauth_registrations": [] if password and person.kind >= 5 else [google],
        "mfa_phone_number_verified": False,
        "retired_email_addresses": [],
        "is_locked": person.blocked,
        **_enrolled(person, bool(factors.verified(person))),
        "mfa_phone_number": "",
        "default_mfa_method": "",
        "trusted_metadata": {"plan": plan(person)},
        "untrusted_metadata": {},
        "external_id": None,
        "member_id": f"member-live-0-{uuid_like(person)}",
    }
