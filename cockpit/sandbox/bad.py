"""Records that the target refuses for real reasons, and what cures each of them."""

import random
from enum import Enum
from typing import Literal, NamedTuple

from cockpit.sandbox.web import Json

Cure = Literal["correct", "ignore", "retry", "none"]


class Reason(Enum):
    """Why the target refuses a record; the value is what GET /_sandbox/bad says."""

    EMAIL_MISSING = "email_missing"
    NO_EMAIL_ACCOUNT = "no_email_account"
    """Someone who signs in by phone or anonymously, and never had an e-mail."""
    EMAIL_SYNTAX = "email_syntax"
    EMAIL_DUPLICATE = "email_duplicate"
    """Another record has the same e-mail in another case."""
    METADATA_TOO_LONG = "metadata_too_long"
    METADATA_NOT_ASCII = "metadata_not_ascii"
    HASH_BROKEN = "hash_broken"
    ALREADY_AT_TARGET = "already_at_target"
    """The target has had a user of this e-mail, under another external id, since before the migration."""
    DOMAIN_NOT_DELIVERABLE = "domain_not_deliverable"
    """Only the target can know."""
    REFUSED_ONCE = "refused_once"
    """The target answers 422 to the first attempt and takes the second."""
    CONTROL_CHARACTERS = "control_characters"
    """Accepted by the target, hostile to a terminal."""


CURES: dict[Reason, Cure] = {
    Reason.EMAIL_MISSING: "correct",
    Reason.NO_EMAIL_ACCOUNT: "ignore",
    Reason.EMAIL_SYNTAX: "correct",
    Reason.EMAIL_DUPLICATE: "correct",
    Reason.METADATA_TOO_LONG: "correct",
    Reason.METADATA_NOT_ASCII: "correct",
    Reason.HASH_BROKEN: "correct",
    Reason.ALREADY_AT_TARGET: "ignore",
    Reason.DOMAIN_NOT_DELIVERABLE: "correct",
    Reason.REFUSED_ONCE: "retry",
    Reason.CONTROL_CHARACTERS: "none",
}

LONG_NOTE = "a note that somebody kept on writing " * 19
FOREIGN_NOTE = "préfère le café — naïve façade ☕"
SHORT_NOTE = "corrected"
HOSTILE = "\x1b[2J\x1b]0;owned\x07\x00 "
BROKEN_BCRYPT = "$2b$04$truncated-in-the-vendor-file"


class Bad(NamedTuple):
    """One bad record: why, what cures it and the fields that a correction sets."""

    id: str
    reason: Reason
    patch: Json

    def as_json(self) -> Json:
        """An item of GET /_sandbox/bad."""
        return {
            "id": self.id, "reason": self.reason.value, "cure": CURES[self.reason], "patch": self.patch,
        }  # fmt: skip


def choose(seed: int, count: int, share: float) -> dict[int, Reason]:
    """Which of `count` records are bad, and why: every reason in turn, at places decided by the seed."""
    places = sorted(random.Random(seed).sample(range(count), round(count * share)))
    reasons = list(Reason)
    return {place: reasons[turn % len(reasons)] for turn, place in enumerate(places)}
