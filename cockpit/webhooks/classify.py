"""What a webhook is about, read from its body whatever provider wrote it.

Known shapes: Svix envelopes (Clerk, Stytch), WorkOS, CloudEvents (Auth0's event streams), one record of an
Auth0 log stream, a row of a Supabase database webhook. Anything else is an event without a key: it is kept
and sent like all others, only in no order and never left out.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

UNKNOWN = "unknown"
ACTIONS = {
    "CREATE": "created", "INSERT": "created", "UPDATE": "updated", "DELETE": "deleted",
}  # fmt: skip
"""Stytch's actions and those of a database trigger, as the verbs that the others use."""
UPDATED = ("updated_at", "updatedAt")
LATEST_MS = 1e14
"""The year 5138; what is later is no time."""
LONGEST = 255
"""Characters of an id or a type; what is longer, or has control characters, is none."""
HAPPENED = ("timestamp", "time", "created_at", "date")


class Classified(NamedTuple):
    """`event`: the id by which it comes once. `type`: its class, such as user.updated. `key`: whose order it
    keeps, the user's id, else the organization's, "" without. `subject`: what it is of, "" where unknown.
    `at`: the age of what it tells, in ms: updated_at of the record inside, else when it happened.
    """

    event: str
    type: str
    key: str
    subject: str
    at: int | None

    @property
    def verb(self) -> str:
        """The last word of the type."""
        return verb(self.type)


def verb(type_: str) -> str:
    """What happened: created, updated, deleted, or some other last word."""
    return type_.rpartition(".")[2]


def classify(headers: Mapping[str, str], body: bytes) -> Classified:
    """Read an event. Header names are lower case; an id in a signed header goes before one in the body."""
    given = headers.get("svix-id") or headers.get("webhook-id") or ""
    given = given if usable(given) else ""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return Classified(given or digest(body), UNKNOWN, "", "", None)
    type_, record = _type(found), _record(found)
    noun = type_.rpartition(".")[0]
    ident = _first(record, "id", "user_id", "uid")
    if "action" in found and not ident:
        ident = _first(found, "id")  # a deletion of Stytch's has no record any more
    is_user, is_organization = _ends(noun, "user"), _ends(noun, "organization")
    user = (
        _first(record, "user_id", "userId")
        or _first(_inside(record, "public_user_data"), "user_id")
        or _first(_inside(record, "user"), "user_id", "id")
        or (ident if is_user else "")
        or _first(found, "user_id", "userId")
    )
    organization = (
        _first(record, "organization_id", "org_id")
        or _first(_inside(record, "organization"), "id")
        or (ident if is_organization else "")
    )
    subject = f"{noun}:{ident}" if noun and ident else ""
    return Classified(
        given or _event_id(found) or digest(body), type_, user or organization, subject, _age(found)
    )


def updated(record: Mapping[str, Any]) -> int | None:
    """When a record of a provider was changed last, in ms; None where it does not tell."""
    return next((at for name in UPDATED if (at := moment(record.get(name))) is not None), None)


def moment(value: object) -> int | None:
    """A time in ms: from ISO 8601, or from seconds or milliseconds since the epoch; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        at = value if abs(value) > 1e11 else value * 1000
        return round(at) if 0 <= at < LATEST_MS else None
    if not isinstance(value, str):
        return None
    try:
        told = datetime.fromisoformat(value)
        return round((told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def digest(body: bytes) -> str:
    """The id of a body that brings none."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _type(found: Mapping[str, Any]) -> str:
    if isinstance(found.get("log_id"), str):
        return f"log.{_first(_inside(found, 'data'), 'type') or UNKNOWN}"
    if (noun := _first(found, "object_type")) and (action := _first(found, "action")):
        return f"{noun}.{ACTIONS.get(action, action.lower())}"
    if (table := _first(found, "table")) and (action := _first(found, "type")):
        return f"{table.removesuffix('s')}.{ACTIONS.get(action, action.lower())}"
    return _first(found, "type", "event", "event_type") or UNKNOWN


def _record(found: Mapping[str, Any]) -> Mapping[str, Any]:
    data = _inside(found, "data")
    for record in (
        _inside(data, "object"),
        data,
        _inside(found, _first(found, "object_type")),
        _inside(found, "record"),
        _inside(found, "old_record"),
    ):
        if record:
            return record
    return {}


def _event_id(found: Mapping[str, Any]) -> str:
    return _first(found, "event_id", "log_id") or (_first(found, "id") if "data" in found else "")


def _age(found: Mapping[str, Any]) -> int | None:
    record = _record(found)
    if (at := updated(record)) is not None:
        return at
    for place in (found, record):
        for name in HAPPENED:
            if (at := moment(place.get(name))) is not None:
                return at
    return None


def _ends(noun: str, word: str) -> bool:
    return noun == word or noun.endswith(f".{word}")


def _inside(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = record.get(name)
    return found if isinstance(found, dict) else {}


def _first(record: Mapping[str, Any], *names: str) -> str:
    for name in names:
        found = record.get(name)
        if isinstance(found, str) and usable(found):
            return found
    return ""


def usable(text: str) -> bool:
    """Whether it can be an id or a type: printable, neither empty nor endless."""
    return 0 < len(text) <= LONGEST and text.isprintable()
