"""A person as Clerk shows them (Backend API, GET /v1/users)."""

import re

from cockpit.sandbox import factors
from cockpit.sandbox.bad import BROKEN_BCRYPT, FOREIGN_NOTE, HOSTILE, LONG_NOTE, SHORT_NOTE, Reason
from cockpit.sandbox.factors import Totp
from cockpit.sandbox.passwords import bcrypt_hash
from cockpit.sandbox.people import Person
from cockpit.sandbox.web import Json

_ID = re.compile(r"user_2[0-9a-f]{16}([0-9a-f]{8})")
_PLANS = ("free", "team", "enterprise")


def has_password(person: Person, reason: Reason | None) -> bool:
    """Whether the person signs in with one; who is bad does, so that only one thing is wrong with them."""
    if reason is Reason.NO_EMAIL_ACCOUNT:
        return False
    return reason is not None or person.kind < 70


class ClerkShape:
    """Clerk's records and ids."""

    def record(self, person: Person, reason: Reason | None, other_email: str) -> Json:
        """The user with every field that the SDK's model wants."""
        record = _user(person, has_password(person, reason))
        match reason:
            case Reason.EMAIL_MISSING | Reason.NO_EMAIL_ACCOUNT:
                record |= {"primary_email_address_id": None, "email_addresses": []}
            case Reason.EMAIL_SYNTAX:
                record["email_addresses"] = [_address(person, person.email.replace("@", "@@ "))]
            case Reason.EMAIL_DUPLICATE:
                record["email_addresses"] = [_address(person, other_email.title())]
            case Reason.DOMAIN_NOT_DELIVERABLE:
                local = person.email.partition("@")[0]
                record["email_addresses"] = [_address(person, f"{local}@gone.invalid-mx.example")]
            case Reason.METADATA_TOO_LONG:
                record["public_metadata"] |= {"note": LONG_NOTE}
            case Reason.METADATA_NOT_ASCII:
                record["public_metadata"] |= {"note": FOREIGN_NOTE}
            case Reason.CONTROL_CHARACTERS:
                record["first_name"] = HOSTILE + person.first_name
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
        """Fields of the record; `password_digest` is that of the dashboard's CSV."""
        match reason:
            case (
                Reason.EMAIL_MISSING
                | Reason.EMAIL_SYNTAX
                | Reason.EMAIL_DUPLICATE
                | Reason.DOMAIN_NOT_DELIVERABLE
            ):
                address = _address(person, person.email)
                return {"primary_email_address_id": address["id"], "email_addresses": [address]}
            case Reason.METADATA_TOO_LONG | Reason.METADATA_NOT_ASCII:
                return {"public_metadata": {"plan": _plan(person), "note": SHORT_NOTE}}
            case Reason.HASH_BROKEN:
                return {"password_digest": bcrypt_hash(person.secret)[1]}
        return {}

    def password(self, person: Person, reason: Reason | None) -> str | None:
        """That of people who have one."""
        return bcrypt_hash(person.secret)[0] if has_password(person, reason) else None


def second_factor(person: Person, totp: Totp | None) -> Json:
    """The fields that tell of an authenticator app."""
    return {"totp_enabled": bool(totp and totp.verified)}


def digest_of(record: Json, person: Person, reason: Reason | None) -> str:
    """What the dashboard's CSV has as password_digest; "" without one."""
    if not record["password_enabled"]:
        return ""
    stored = BROKEN_BCRYPT if reason is Reason.HASH_BROKEN else bcrypt_hash(person.secret)[1]
    return str(record.get("password_digest", stored))


def _user(person: Person, password: bool) -> Json:
    address = _address(person, person.email)
    social = [] if password and person.kind >= 5 else [_google(person)]
    if not password:
        # Google vouched for the address: nobody ever typed a code that was sent there.
        address["verification"] |= {"object": "verification_from_oauth", "strategy": "from_oauth_google"}
        address["linked_to"] = [{"type": "oauth_google", "id": f"idn_g{person.number:08x}"}]
    return {
        "id": f"user_2{person.token:016x}{person.number:08x}",
        "object": "user",
        "external_id": f"app-{person.number}" if person.kind % 2 else None,
        "primary_email_address_id": address["id"],
        "primary_phone_number_id": None,
        "primary_web3_wallet_id": None,
        "username": None,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "profile_image_url": "",
        "image_url": "",
        "has_image": False,
        "email_addresses": [address],
        "phone_numbers": [],
        "web3_wallets": [],
        "passkeys": [],
        "external_accounts": social,
        "enterprise_accounts": [],
        "saml_accounts": [],
        "password_enabled": password,
        "two_factor_enabled": False,
        "totp_enabled": bool(factors.verified(person)),
        "backup_code_enabled": False,
        "mfa_enabled_at": None,
        "mfa_disabled_at": None,
        "banned": person.blocked,
        "locked": False,
        "lockout_expires_in_seconds": None,
        "verification_attempts_remaining": None,
        "delete_self_enabled": True,
        "bypass_client_trust": False,
        "create_organization_enabled": True,
        "create_organizations_limit": None,
        "legal_accepted_at": None,
        "last_active_at": person.last_login,
        "last_sign_in_at": person.last_login,
        "requires_password_reset": False,
        "public_metadata": {"plan": _plan(person)},
        "private_metadata": {},
        "unsafe_metadata": {},
        "created_at": person.created_at,
        "updated_at": person.last_login or person.created_at,
    }


def _plan(person: Person) -> str:
    return _PLANS[person.token % len(_PLANS)]


def _address(person: Person, email: str) -> Json:
    verified = {"status": "verified", "strategy": "email_code", "attempts": 1, "expire_at": None}
    unverified = {"status": "unverified", "strategy": "email_code", "attempts": 0, "expire_at": None}
    return {
        "id": f"idn_{person.number:08x}",
        "object": "email_address",
        "email_address": email,
        "reserved": False,
        "verification": {"object": "verification_otp", **(verified if person.verified else unverified)},
        "linked_to": [],
        "matches_sso_connection": False,
        "created_at": person.created_at,
        "updated_at": person.created_at,
    }


def _google(person: Person) -> Json:
    return {
        "object": "google_account",
        "id": f"eac_{person.number:08x}",
        "provider": "oauth_google",
        "identification_id": f"idn_g{person.number:08x}",
        "provider_user_id": f"1{person.token % 10**12:012d}{person.number:08d}",
        "approved_scopes": "email profile",
        "email_address": person.email,
        "email_address_verified": True,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "public_metadata": {},
        "created_at": person.created_at,
        "updated_at": person.created_at,
        "verification": None,
    }
