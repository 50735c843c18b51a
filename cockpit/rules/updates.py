"""The part of a request that changed, as the target's partial updates take it. Pure."""

from collections.abc import Mapping
from typing import Any

FIXED = ("external_id", "slug")
"""What a record is known by never changes."""


def partial(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that differ, with their new values; a field that is gone is null.

    Metadata is merged by the target: a key that is gone is null there (docs, user management, metadata).
    """
    changed: dict[str, Any] = {}
    for field in (*now, *(field for field in before if field not in now)):
        old, new = before.get(field), now.get(field)
        if old == new or field in FIXED:
            continue
        if field == "metadata":
            changed[field] = {
                key: (new or {}).get(key)
                for key in (*(new or {}), *(old or {}))
                if (old or {}).get(key) != (new or {}).get(key)
            }
        else:
            changed[field] = new
    return changed
