"""What to do about a group of failures: lint's own word, else what is known of the target's code. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from cockpit.rules.lint import RULES
from cockpit.terms import ErrorClass

LINT = "lint:"
"""Fingerprints of failures that lint found begin so."""


class Advice(NamedTuple):
    """A suggested action in words, and the actions of `cockpit errors fix` that fit, the likeliest first."""

    todo: str
    actions: tuple[str, ...] = ()


_OF_RULE: Mapping[str, tuple[str, ...]] = {
    "email_missing": ("email_from", "skip"),
    "email_syntax": ("trim", "email_from", "skip"),
    "email_too_long": ("email_from", "skip"),
    "email_duplicate": ("email_from", "skip"),
    "external_id_duplicate": ("skip",),
    "external_id_too_long": ("skip",),
    "metadata_too_many": ("drop",),
    "metadata_key_too_long": ("drop",),
    "metadata_value_too_long": ("cut", "drop"),
    "metadata_not_ascii": ("stringify", "drop"),
    "hash_invalid": ("drop_hash", "skip"),
    "organization_nameless": ("replace", "skip"),
    "domain_syntax": ("drop", "skip"),
    "domain_duplicate": ("drop", "skip"),
    "factor_unsupported": ("skip",),
}

_TAKEN = Advice(
    "the target has a user with this e-mail: adopt it, link the memberships to it, or skip", ("skip",)
)
_HASH = Advice("send them without the hash (drop_hash) and mark them for a reset", ("drop_hash",))
_ROLE = "create the role at the target and retry, or replace it by one that is there"

_OF_CODE: Mapping[str, Advice] = {
    "email_not_available": _TAKEN,
    "user_already_exists": _TAKEN,
    "external_id_already_used": Advice(
        "the target has this id under another e-mail: link, or skip; or set another external_id",
        ("skip",),
    ),
    "multiple_roles_not_enabled": Advice(
        "turn on multiple roles in the target's settings and retry, or keep one role (first role_slugs)",
        ("first", "replace"),
    ),
    "invalid_role": Advice(_ROLE, ("replace", "first")),
    "sub_resource_scoped_role_not_allowed": Advice(
        "that role belongs to a resource: replace it by one of the organization", ("replace",)
    ),
    "invalid_password_hash": _HASH,
    "invalid_password_hash_type": _HASH,
    "password_strength_error": _HASH,
    "password_salt_position_requires_password_hash": _HASH,
    "invalid_metadata": Advice(
        "cut, stringify or drop the key that the answer names (cut metadata.*)", ("cut", "stringify", "drop")
    ),
    "email_domain_not_deliverable": Advice(
        "use another e-mail of the record (email_from), or skip", ("email_from", "skip")
    ),
    "invalid_email": Advice("trim it, or use another e-mail of the record", ("trim", "email_from", "skip")),
    "email_change_not_allowed": Advice("change the e-mail at the target by hand, or skip", ("skip",)),
    "email_already_verified": Advice("it is verified at the target already: skip", ("skip",)),
    "invalid_request_parameters": Advice(
        "the answer names the field: set it on one record, or a rule for all", ("trim", "drop", "replace")
    ),
}
"""Codes of the target's answers (OpenAPI of user management and organization memberships, and its SDKs)."""

_OF_CLASS: Mapping[ErrorClass, Advice] = {
    "transient": Advice("the target was busy or away: retry"),
    "fixable": Advice("set the field on one record, or a rule for all; or correct it at the source"),
    "permanent": Advice("the target will not take it: correct it at the source, or ignore with a reason"),
    "conflict": Advice("someone else is in its place: look at both, then merge, retry or ignore"),
}


def of(fingerprint: str, klass: ErrorClass, code: str | None) -> Advice:
    """What is suggested for a group of failures."""
    rule = fingerprint.removeprefix(LINT)
    if rule != fingerprint and rule in RULES:
        return Advice(RULES[rule].todo, _OF_RULE.get(rule, ()))
    return _OF_CODE.get(code or "", _OF_CLASS[klass])
