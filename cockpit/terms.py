"""The words that every room shares, and what both sides compare; no imports but the standard library's."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, get_args

HashType = Literal["bcrypt", "firebase-scrypt", "ssha", "ssha256", "scrypt", "pbkdf2", "argon2"]
"""The target's password_hash_type (OpenAPI CreateUserlandUserDto)."""
HASH_TYPES: tuple[HashType, ...] = get_args(HashType)

PasswordState = Literal["carried", "unsupported", "absent"]
"""carried: the hash goes along. unsupported: there was a password, but its hash can't be had or taken
(`reason` says why). absent: the user has no password at the source."""

AccountStatus = Literal["active", "unconfirmed", "anonymous", "banned", "deleted"]
"""What an account is at the source. unconfirmed: its sign-up or invitation was never finished. banned: barred
from signing in, under whatever name (disabled, blocked, locked, expired). deleted: kept there as deleted."""

Trait = Literal["deleted", "banned", "anonymous", "unconfirmed", "federated", "unverified"]
"""What a policy may hold a user back for: a status that is not active, federated (no password of their own,
signs in by a social or enterprise identity only) and unverified (the source never verified the e-mail)."""
TRAITS: tuple[Trait, ...] = get_args(Trait)
"""The gravest first: a user who has several is held back for the first one that is held."""

OpState = Literal["ready", "sending", "imported", "adopted", "failed", "skipped", "unknown"]
OP_STATES: tuple[OpState, ...] = ("ready", "sending", "imported", "adopted", "failed", "skipped", "unknown")

Outcome = Literal["complete", "unverified", "open"]
"""Of an export. complete: the provider's total did not move during the final sweep and equals what was
read. unverified: the provider has no total. open: the total moved, or differs from what was read."""

ErrorClass = Literal["transient", "fixable", "permanent", "conflict"]
ERROR_CLASSES: tuple[ErrorClass, ...] = ("transient", "fixable", "permanent", "conflict")


Kind = Literal["organization", "permission", "role", "user", "membership", "factor"]
"""What moves, in the order it is sent: what comes later may need what came before."""
KINDS: tuple[Kind, ...] = get_args(Kind)

Readable = Literal[Kind, "connection"]
"""What an export reads. SSO connections are handed over by commands of their own, not by an import."""
READABLE: tuple[Readable, ...] = get_args(Readable)

UPDATES: Mapping[Kind, str] = {
    "organization": "organization update",
    "user": "user update",
    "membership": "membership update",
}
"""The kinds of the journal for changes of what was sent before."""


def moved_kind(operation: str) -> Kind | None:
    """The kind of what an operation is about: of an update what it updates; None for a reset e-mail."""
    return next((kind for kind in KINDS if operation in (kind, UPDATES.get(kind))), None)


PLURALS: Mapping[str, str] = {
    "organization": "organizations",
    "permission": "permissions",
    "role": "roles",
    "user": "users",
    "membership": "memberships",
    "factor": "factors",
    "connection": "connections",
    **{update: f"{update}s" for update in UPDATES.values()},
}


class RawItem(NamedTuple):
    """One record as the provider sent it: its primary id and its JSON, byte for byte.

    An item without an id (`""`) is held back: it can't be told apart from another. Where several records
    make one user (a person's memberships of several organizations), `id` names the person and `part` the
    record: the user's raw body is then the JSON object of all parts by their names.
    """

    id: str
    body: str
    part: str = ""


class Page(NamedTuple):
    """A page of raw records.

    `cursor` fetched it, `next_cursor` fetches the following one (None: this was the last). `chain` names
    the independent sequence the cursors belong to ("" where a source has only one). `total` is the
    provider's own count where it tells one, `size` the bytes that came over the wire.
    """

    chain: str
    cursor: str
    next_cursor: str | None
    items: list[RawItem]
    size: int = 0
    total: int | None = None


SignIn = Literal["started", "succeeded", "failed", "timed_out"]
"""What came of a sign-in by SSO: WorkOS's events authentication.sso_..."""
SIGN_INS: Mapping[str, SignIn] = {
    "authentication.sso_started": "started",
    "authentication.sso_succeeded": "succeeded",
    "authentication.sso_failed": "failed",
    "authentication.sso_timed_out": "timed_out",
}
FOLLOWED = (
    *SIGN_INS,
    "connection.activated",
    "connection.deactivated",
    "connection.deleted",
    "connection.saml_certificate_renewed",
    "connection.saml_certificate_renewal_required",
)
"""WorkOS's events that are followed."""


class Event(NamedTuple):
    """One event of the target. `id` is its own, as webhooks have it too; `at` in ms.

    `connection` and `organization` are WorkOS's ids, None where the event names none; `sign_in` is set of
    events that tell of one. `body` is its JSON.
    """

    id: str
    name: str
    at: int
    connection: str | None
    organization: str | None
    sign_in: SignIn | None
    body: str


def normal_email(email: str) -> str:
    """An e-mail as the target stores it: trimmed and lower-cased (WorkOS, create user)."""
    return email.strip().lower()


USER_FIELDS = ("email", "email_verified", "first_name", "last_name", "name", "external_id", "metadata")
"""The fields of a user that both sides can show, in the order they are compared."""


def comparable(user: Mapping[str, Any]) -> dict[str, Any]:
    """The comparable fields of a request or of a target's user, with the target's own normalisation."""
    return {
        "email": normal_email(user.get("email") or ""),
        "email_verified": bool(user.get("email_verified")),
        "first_name": user.get("first_name") or None,
        "last_name": user.get("last_name") or None,
        "name": user.get("name") or None,
        "external_id": user.get("external_id"),
        "metadata": user.get("metadata") or {},
    }


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fingerprint(user: Mapping[str, Any]) -> bytes:
    """16 bytes that are equal exactly when the comparable fields are: one function for both sides."""
    canonical = _CANONICAL.encode(comparable(user))
    return hashlib.blake2b(canonical.encode(errors="surrogatepass"), digest_size=16).digest()
