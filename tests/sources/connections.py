"""What tables of connections are made of: a raw record with changes, and one fact of what became of it."""

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from cockpit.connections.model import Connection
from cockpit.sources import base
from tests.sources.memos import settings_with

GONE: Any = object()
"""As a changed value: the field is not there."""


def mapped(provider: str, table: dict[str, Any], raw: Mapping[str, Any]) -> Connection:
    """The connection that a provider's raw record becomes."""
    found = base.find(provider).connections
    assert found is not None
    return found.map(settings_with({"provider": provider, **table}))(raw)


def changed(raw: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The record with the fields changed that are named by their paths ("connection.options.cert")."""
    result = {key: changed(value, {}) if isinstance(value, dict) else value for key, value in raw.items()}
    for path, value in changes.items():
        place = result
        *way, last = path.split(".")
        for name in way:
            place = place.setdefault(name, {})
        if value is GONE:
            place.pop(last, None)
        else:
            place[last] = value
    return result


def look(connection: Connection, path: str) -> Any:
    """What is at a path ("saml.signing.complete"); a secret in clear."""
    found: Any = connection
    for name in path.split("."):
        if found is None:
            return None
        found = (
            found[int(name)]
            if name.isdecimal()
            else found[name]
            if isinstance(found, dict)
            else getattr(found, name)
        )
    return found.get_secret_value() if isinstance(found, SecretStr) else found
