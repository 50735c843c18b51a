"""Rules that fields of all objects have: types, external ids, metadata (OpenAPI and documentation)."""

from collections.abc import Mapping
from sys import intern
from typing import Any

from cockpit.sandbox.web import Json, Refused
from cockpit.sandbox.workos.errors import refuse, unprocessable

METADATA_KEYS, METADATA_KEY_LENGTH, METADATA_VALUE_LENGTH = 50, 40, 600
EXTERNAL_ID_LENGTH = 128


def check_shape(body: Json | None, types: Mapping[str, type]) -> Json:
    """The body, when it is an object whose fields have these types or are null; else 422."""
    if body is None:
        raise unprocessable(("body", "must be a JSON object"))
    faults = [
        (field, f"must be {types[field].__name__} or null")
        for field, value in body.items()
        if value is not None and field in types and not isinstance(value, types[field])
    ]
    external_id = body.get("external_id")
    if isinstance(external_id, str) and not _is_external_id(external_id):
        faults.append(("external_id", f"must be 1 to {EXTERNAL_ID_LENGTH} ASCII characters"))
    if faults:
        raise unprocessable(*faults)
    return body


def text(body: Json, field: str) -> str:
    """That field, which must be a string that is not empty; else 422."""
    value = body.get(field)
    if not isinstance(value, str) or not value.strip():
        raise unprocessable((field, "must be a string that is not empty"))
    return value


def check_metadata(metadata: dict[str, Any]) -> dict[str, str]:
    """The metadata; refused beyond its limits or outside ASCII."""
    if len(metadata) > METADATA_KEYS:
        raise _bad_metadata(f"more than {METADATA_KEYS} keys")
    for key, value in metadata.items():
        if not isinstance(value, str):
            raise _bad_metadata(f"the value of {key!r} is not a string")
        if len(key) > METADATA_KEY_LENGTH or len(value) > METADATA_VALUE_LENGTH:
            raise _bad_metadata(f"{key!r} or its value is too long")
        if not (key.isascii() and value.isascii()):
            raise _bad_metadata(f"{key!r} or its value is not ASCII")
    # Keys repeat in every user: one copy of each is enough.
    return {intern(key): value for key, value in metadata.items()}


def merged(old: dict[str, str], changes: dict[str, Any] | None) -> dict[str, str]:
    """Metadata after an update: keys are merged, null deletes one, an empty object or null all."""
    if not changes:
        return {}
    kept = {key: value for key, value in (old | changes).items() if value is not None}
    return check_metadata(kept)


def external_id_used() -> Refused:
    """400: another object of its kind has the external id."""
    return refuse(400, "The external_id is already used.", "external_id_already_used")


def _is_external_id(text: str) -> bool:
    return 0 < len(text) <= EXTERNAL_ID_LENGTH and text.isascii()


def _bad_metadata(why: str) -> Refused:
    return refuse(400, f"Invalid metadata: {why}.", "invalid_metadata")
