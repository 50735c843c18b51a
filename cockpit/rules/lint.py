"""A user held against the target's rules before anything is sent. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from cockpit import passwords
from cockpit.rules import limits
from cockpit.rules.mask import printable
from cockpit.terms import ErrorClass

if TYPE_CHECKING:
    from cockpit.records import User  # a face shows the rules and does without pydantic

Severity = Literal["error", "warning", "info"]
"""error: not sent. warning: sent, and worth a look. info: what a policy of [mapping] may decide about."""
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


class Finding(NamedTuple):
    """One rule that a user breaks: at most one a rule and field."""

    rule: str
    severity: Severity
    detail: str
    field: str


class Rule(NamedTuple):
    """What a rule is about, and what the operator can do."""

    title: str
    todo: str
    severity: Severity
    klass: ErrorClass


_AT_SOURCE = "correct it at the source and export again, or ignore the user with a reason"
_HELD, _SENT = "held unless [mapping]", "sent unless [mapping]"
_KEYS = "take the key out of [mapping] metadata, or shorten the value at the source and export again"

RULES: Mapping[str, Rule] = {
    "unmappable": Rule("the record has no usable shape", _AT_SOURCE, "error", "permanent"),
    "email_missing": Rule("no e-mail", _AT_SOURCE, "error", "fixable"),
    "email_syntax": Rule("not an e-mail address", _AT_SOURCE, "error", "fixable"),
    "email_too_long": Rule("e-mail too long", _AT_SOURCE, "error", "fixable"),
    "email_duplicate": Rule(
        "e-mail shared with another user",
        "merge the two at the source and export again, or ignore one with a reason",
        "error",
        "conflict",
    ),
    "email_not_ascii": Rule(
        "e-mail beyond ASCII", "the target may refuse it; see after the import", "warning", "fixable"
    ),
    "external_id_duplicate": Rule(
        "id shared with another user",
        "ignore one with a reason, or give one another id at the source and export again",
        "error",
        "conflict",
    ),
    "external_id_missing": Rule("no id at the source", _AT_SOURCE, "error", "permanent"),
    "external_id_too_long": Rule(
        f"id longer than {limits.EXTERNAL_ID_LENGTH} characters", _AT_SOURCE, "error", "permanent"
    ),
    "external_id_long": Rule(
        f"id longer than {limits.EXTERNAL_ID_LENGTH_ONCE} characters",
        "older environments may refuse it; try a canary",
        "warning",
        "permanent",
    ),
    "external_id_not_ascii": Rule("id beyond ASCII", _AT_SOURCE, "error", "permanent"),
    "metadata_too_many": Rule(f"more than {limits.METADATA_KEYS} metadata keys", _KEYS, "error", "fixable"),
    "metadata_many": Rule(
        f"more than {limits.METADATA_KEYS_ONCE} metadata keys",
        "older environments may refuse it; try a canary",
        "warning",
        "fixable",
    ),
    "metadata_key_too_long": Rule(
        f"metadata key longer than {limits.METADATA_KEY_LENGTH} characters", _KEYS, "error", "fixable"
    ),
    "metadata_value_too_long": Rule(
        f"metadata value longer than {limits.METADATA_VALUE_LENGTH} characters", _KEYS, "error", "fixable"
    ),
    "metadata_not_ascii": Rule("metadata beyond ASCII", _KEYS, "error", "fixable"),
    "hash_invalid": Rule("password hash that the target refuses", _AT_SOURCE, "error", "fixable"),
    "name_control": Rule(
        "control characters in the name", "correct them at the source", "warning", "fixable"
    ),
    "deleted": Rule(
        "deleted at the source",
        f'{_HELD} deleted is "import"; the target would let them in',
        "warning",
        "fixable",
    ),
    "banned": Rule(
        "banned, disabled or locked at the source",
        f'{_HELD} banned is "import"; the target has no such state and would let them in',
        "warning",
        "fixable",
    ),
    "anonymous": Rule(
        "anonymous at the source",
        f'{_HELD} anonymous is "import"; the target takes nobody without an e-mail',
        "warning",
        "fixable",
    ),
    "unconfirmed": Rule(
        "never finished signing up",
        f'{_HELD} unconfirmed is "import"; most never come back',
        "warning",
        "fixable",
    ),
    "federated": Rule(
        "signs in by a social or enterprise identity only",
        f'{_SENT} federated is "hold"; then they are made at their next login there',
        "info",
        "fixable",
    ),
    "unverified": Rule(
        "e-mail not verified at the source",
        f'{_SENT} unverified is "hold"; they go along as not verified',
        "info",
        "fixable",
    ),
    "second_factor_lost": Rule(
        "a second factor that can't move",
        "tell the user to enrol again; see: cockpit passwords plan",
        "warning",
        "permanent",
    ),
    "organization_nameless": Rule("organization without a name", _AT_SOURCE, "error", "fixable"),
    "domain_syntax": Rule("not a domain", _AT_SOURCE, "error", "fixable"),
    "domain_free_mail": Rule(
        "a domain where anybody has a mailbox",
        "the target may refuse it; see after the import",
        "warning",
        "fixable",
    ),
    "domain_duplicate": Rule(
        "domain of another organization, too",
        "leave it to one of them at the source and export again",
        "error",
        "conflict",
    ),
    "slug_missing": Rule(
        "role or permission without a slug", "name one in [mapping.roles] of cockpit.toml", "error", "fixable"
    ),
    "membership_inactive": Rule(
        "membership not in force at the source", "invite the user anew, or leave it", "warning", "permanent"
    ),
    "factor_unsupported": Rule(
        "authenticator app that the target does not take", "the user enrols again", "error", "permanent"
    ),
    "cut": Rule("something was left out", "see the record; raw records are kept", "warning", "fixable"),
}

_OF_TRAIT = {"federated": "identities", "unverified": "email_verified"}
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


SECOND_FACTOR_LOST = "second_factor_lost"
"""The rule whose fields name the second factors that stay behind."""


def lint(user: "User") -> list[Finding]:
    """Everything that the rules have to say of one user; what needs other users is the state's to find."""
    found = [*_email(user.email), *check_external_id(user.source_id), *check_metadata(user.metadata)]
    for field in ("name", "first_name", "last_name"):
        value = getattr(user, field)
        if value and not value.isprintable() and _CONTROL.search(value):
            found.append(finding("name_control", field, printable(value[:80])))
    password = user.password
    if password.hash is not None and password.type is not None:
        problem = passwords.validate(password.type, password.hash.get_secret_value())
        if problem is not None:
            found.append(finding("hash_invalid", "password_hash", problem))
    found += [finding(trait, _OF_TRAIT.get(trait, "status"), RULES[trait].title) for trait in user.traits]
    for factor in user.lost_factors:
        found.append(finding(SECOND_FACTOR_LOST, factor, "enrolled at the source"))
    for warning in user.warnings:
        field, _, text = warning.partition(": ")
        found.append(finding("cut", field, text or warning))
    return found


def finding(rule: str, field: str, detail: str) -> Finding:
    """What a rule says of a field."""
    return Finding(rule, RULES[rule].severity, detail, field)


def _email(email: str | None) -> Iterator[Finding]:
    email = (email or "").strip()
    if not email:
        yield finding("email_missing", "email", "the record has no e-mail")
    elif len(email) > limits.EMAIL_LENGTH or email.find("@") > limits.EMAIL_LOCAL_LENGTH:
        most = f"{limits.EMAIL_LENGTH}, and {limits.EMAIL_LOCAL_LENGTH} before the @, are allowed"
        yield finding("email_too_long", "email", f"{len(email)} characters; {most}")
    elif problem := limits.email_problem(email):
        yield finding("email_syntax", "email", f"{printable(email)}: {problem}")
    elif not email.isascii():
        yield finding("email_not_ascii", "email", printable(email))


def check_external_id(ident: str) -> Iterator[Finding]:
    """The target's rules for external ids of any kind."""
    if not ident:
        yield finding("external_id_missing", "external_id", "the record has no id")
    elif len(ident) > limits.EXTERNAL_ID_LENGTH:
        yield finding("external_id_too_long", "external_id", f"{len(ident)} characters")
    elif len(ident) > limits.EXTERNAL_ID_LENGTH_ONCE:
        yield finding("external_id_long", "external_id", f"{len(ident)} characters")
    if not ident.isascii():
        yield finding("external_id_not_ascii", "external_id", printable(ident[:80]))


def check_metadata(metadata: Mapping[str, str]) -> Iterator[Finding]:
    """The target's rules for metadata of any kind."""
    if len(metadata) > limits.METADATA_KEYS:
        yield finding("metadata_too_many", "metadata", f"{len(metadata)} keys")
    elif len(metadata) > limits.METADATA_KEYS_ONCE:
        yield finding("metadata_many", "metadata", f"{len(metadata)} keys")
    long_keys, long_values, foreign = [], [], []
    for key, value in metadata.items():
        if len(key) > limits.METADATA_KEY_LENGTH:
            long_keys.append(key)
        if len(value) > limits.METADATA_VALUE_LENGTH:
            long_values.append(key)
        if not (value.isascii() and key.isascii()):
            foreign.append(key)
    for rule, keys in (
        ("metadata_key_too_long", long_keys),
        ("metadata_value_too_long", long_values),
        ("metadata_not_ascii", foreign),
    ):
        if keys:
            yield finding(rule, "metadata", _listed(keys))


def _listed(keys: list[str]) -> str:
    named = ", ".join(printable(key[:60]) for key in keys[:3])
    return named if len(keys) <= 3 else f"{named} and {len(keys) - 3} more"
