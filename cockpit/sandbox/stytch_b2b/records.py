"""A person of a B2B project: what their members of organizations have in common, and those members."""

import re

from cockpit.sandbox.bad import FOREIGN_NOTE, HOSTILE, LONG_NOTE, SHORT_NOTE, Reason
from cockpit.sandbox.clock import iso
from cockpit.sandbox.passwords import bcrypt_hash
from cockpit.sandbox.people import Person
from cockpit.sandbox.stytch.records import has_password, plan, uuid_like
from cockpit.sandbox.web import Json

ORGANIZATIONS = 120
"""More than a client should name in one search."""
MEMBERS = "members"
_ID = re.compile(r"member-live-0-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}([0-9a-f]{8})")


def organization_id(number: int) -> str:
    """The id of the organization of that number."""
    return f"organization-live-{number:04}"


class StytchB2bShape:
    """People as their common fields with `members`: organization_id, member_id and created_at of each.

    Who has the e-mail of another is the same person to a client, and a member more of theirs.
    """

    def record(self, person: Person, reason: Reason | None, other_email: str) -> Json:
        """The person; who is bad has one member, so that only one thing is wrong with them."""
        record = _person(person, has_password(person, reason), 1 if reason else _memberships(person))
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
        """The earliest member's id."""
        return str(record[MEMBERS][0]["member_id"])

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


def _memberships(person: Person) -> int:
    """Most are in one organization, a fifth in two and a few in three."""
    return 1 + (person.kind % 5 == 0) + (person.kind % 25 == 0)


def _person(person: Person, password: bool, memberships: int) -> Json:
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
        "is_admin": False,
        "totp_registration_id": "",
        "retired_email_addresses": [],
        "is_locked": person.blocked,
        "mfa_enrolled": False,
        "mfa_phone_number": "",
        "default_mfa_method": "",
        "roles": [{"role_id": "stytch_member", "sources": [{"type": "direct_assignment", "details": {}}]}],
        "trusted_metadata": {"plan": plan(person)},
        "untrusted_metadata": {},
        "external_id": None,
        MEMBERS: [
            {
                "organization_id": organization_id((person.token + turn) % ORGANIZATIONS),
                "member_id": f"member-live-{turn}-{uuid_like(person)}",
                "created_at": iso(person.created_at + turn),
            }
            for turn in range(memberships)
        ],
    }
