"""Rules that fix a whole group: fields in, fields out; nothing else is known or changed. Pure.

Each is idempotent: what it made it leaves alone.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal, NamedTuple, get_args

from cockpit.rules import limits
from cockpit.rules.fields import EDITABLE, NEEDED, Fields, NotEditable, get, known, put, read
from cockpit.rules.mask import printable
from cockpit.terms import KINDS, Kind

Action = Literal[
    "lower",
    "trim",
    "cut",
    "drop",
    "stringify",
    "email_from",
    "drop_hash",
    "unverified",
    "replace",
    "first",
    "skip",
]
ACTIONS: tuple[Action, ...] = get_args(Action)

ABOUT: Mapping[Action, str] = {
    "lower": "lower-case a text",
    "trim": "take white space off both ends of a text",
    "cut": "cut a text to --value characters (the target's limit)",
    "drop": "leave a field or a metadata key out",
    "stringify": "a metadata value as a text of printable ASCII",
    "email_from": "the address in --value, a path in the source's record, where there is one",
    "drop_hash": "send the user without the password hash",
    "unverified": "send the e-mail as not verified",
    "replace": "--value in place of what is there, or only of --match",
    "first": "keep the first of a list",
    "skip": "leave the record out, with --value as the reason",
}

OWN_FIELD: Mapping[Action, str] = {
    "email_from": "email",
    "drop_hash": "password_hash",
    "unverified": "email_verified",
    "skip": "",
}
"""Actions that are about one field by their nature."""

EVERY_KEY = "metadata.*"
"""A field that stands for each key of the metadata."""


class Rule(NamedTuple):
    """What is done to every record that fails for a cause (the fingerprint of a group of errors)."""

    cause: str
    action: Action
    field: str = ""
    value: str = ""
    match: str = ""

    def __str__(self) -> str:
        words = [
            self.action,
            "" if self.action in OWN_FIELD else self.field,
            f"{self.match!r} by" if self.match else "",
            repr(self.value) if self.value else "",
        ]
        return " ".join(filter(None, words))


def made(cause: str, action: str, field: str = "", value: str = "", match: str = "") -> Rule:
    """A rule that makes sense. Raises NotEditable with what is wrong about it."""
    known_action = next((name for name in ACTIONS if name == action), None)
    if known_action is None:
        raise NotEditable(f"no action {action!r}; there are: {', '.join(ACTIONS)}")
    if not cause:
        raise NotEditable("a rule needs the cause it is for: a fingerprint of cockpit errors list")
    own = OWN_FIELD.get(known_action)
    if own is not None and field not in ("", own):
        raise NotEditable(f"{action} is not about {field!r}")
    rule = Rule(cause, known_action, field if own is None else own, value, match)
    if own is None:
        if not field or not kinds(rule):
            raise NotEditable(f"{action} needs a field; nothing that moves has one named {field!r}")
        _fits(rule)
    for name, text in (("value", value), ("match", match)):
        if not _encodable(text):
            raise NotEditable(f"{name} is no text")
    if known_action in ("email_from", "skip") and not value.strip():
        raise NotEditable(f"{action} needs a value: {ABOUT[known_action]}")
    if match and known_action != "replace":
        raise NotEditable(f"{action} takes no match")
    return rule


def kinds(rule: Rule) -> list[Kind]:
    """The kinds that have the rule's field."""
    return [kind for kind in KINDS if _has(kind, rule.field)]


@cache
def _has(kind: Kind, field: str) -> bool:
    try:
        if field:
            known(kind, field)
    except NotEditable:
        return False
    return True


def apply(rule: Rule, kind: Kind, fields: Fields, source: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as the rule would have them. `source` is the record as the provider sent it.

    What the rule can't be about, such as a record without the field, stays as it is.
    """
    if not _has(kind, rule.field) or rule.action == "skip":
        return dict(fields)
    if rule.field == EVERY_KEY:
        each = [rule._replace(field=f"metadata.{key}") for key in fields.get("metadata") or {}]
        return apply_all(each, kind, fields, source)
    if rule.action == "email_from":
        found = found_in(source, rule.value)
        usable = isinstance(found, str) and limits.email_problem(found.strip()) is None
        return put(fields, "email", found.strip()) if usable and isinstance(found, str) else dict(fields)
    if rule.action == "unverified":
        return put(fields, "email_verified", False)
    if (now := get(fields, rule.field)) is None:
        return dict(fields)
    changed = _changed(rule, kind, now)
    return dict(fields) if changed == now else put(fields, rule.field, changed)


def apply_all(rules: Sequence[Rule], kind: Kind, fields: Fields, source: Mapping[str, Any]) -> dict[str, Any]:
    """Several rules, one after another."""
    found = dict(fields)
    for rule in rules:
        found = apply(rule, kind, found, source)
    return found


def found_in(source: Any, path: str) -> Any:
    """What a record has at a path such as `emails.0.address`; None where there is nothing."""
    for part in path.split("."):
        if isinstance(source, Mapping):
            source = source.get(part)
        elif isinstance(source, list) and part.isascii() and part.isdigit() and int(part) < len(source):
            source = source[int(part)]
        else:
            return None
    return source


def _changed(rule: Rule, kind: Kind, now: Any) -> Any:
    match rule.action:
        case "drop" | "drop_hash":
            return None
        case "lower" if isinstance(now, str):
            return now.lower()
        case "trim" if isinstance(now, str):
            return now.strip()
        case "cut" if isinstance(now, str):
            return now[: _length(rule)]
        case "stringify":
            return _text(now)
        case "first" if isinstance(now, list):
            return now[:1]
        case "replace":
            return _replaced(rule, kind, now)
    return now


def _replaced(rule: Rule, kind: Kind, now: Any) -> Any:
    value = read(kind, rule.field, rule.value)
    if not rule.match:
        return value
    match = read(kind, rule.field, rule.match)
    if isinstance(now, list) and len(match) == 1:
        inner = [part for item in now for part in (value if item == match[0] else [item])]
        return [item for n, item in enumerate(inner) if item not in inner[:n]] if match[0] in now else now
    return value if now == match else now


def _text(value: Any) -> str:
    text = printable(value if isinstance(value, str) else json.dumps(value, separators=(",", ":")))
    return "".join(char if char.isascii() else json.dumps(char)[1:-1] for char in text)


def _length(rule: Rule) -> int:
    return int(rule.value) if rule.value else _limit(rule.field)


def _limit(field: str) -> int:
    return limits.EXTERNAL_ID_LENGTH if field == "external_id" else limits.METADATA_VALUE_LENGTH


def _fits(rule: Rule) -> None:
    kind = kinds(rule)[0]
    name = rule.field.partition(".")[0]
    holds = str if name == "metadata" else EDITABLE[kind][name]
    wanted: Mapping[Action, tuple[type, ...]] = {
        "lower": (str,),
        "trim": (str,),
        "cut": (str,),
        "first": (list,),
        "replace": (str, bool, list),
        "drop": (str, list),
        "stringify": (str,) if name == "metadata" else (),
    }
    if holds not in wanted[rule.action] or (rule.action == "drop" and name in NEEDED):
        raise NotEditable(f"{rule.action} can't be done to {rule.field}")
    if rule.action == "drop" and name == "name" and rule.field == "name":
        raise NotEditable("drop can't be done to name: organizations and roles need it")
    if rule.action == "cut" and rule.value and not (rule.value.isascii() and rule.value.isdigit()):
        raise NotEditable(f"cut needs a number of characters, not {rule.value!r}")
    if rule.action == "replace":
        read(kind, rule.field, rule.value)
        if rule.match:
            read(kind, rule.field, rule.match)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
