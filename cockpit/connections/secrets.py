"""A connection in two parts: what may be shown and stored anywhere, and its secrets by their places. Pure."""

from typing import Any

from pydantic import SecretStr

from cockpit.connections.model import Connection
from cockpit.rules.mask import MASK

_DROPPED = object()


def split(connection: Connection) -> tuple[dict[str, Any], dict[str, str]]:
    """(the record as JSON can hold it, without secrets; the secrets by path, such as saml.signing.key)."""
    secrets: dict[str, str] = {}
    return _public(connection.model_dump(exclude_none=True), "", secrets), secrets


def join(public: dict[str, Any], secrets: dict[str, str]) -> Connection:
    """The connection whole again."""
    for path, value in secrets.items():
        *way, last = path.split(".")
        place: Any = public
        for name in way:
            place = place[int(name) if isinstance(place, list) else name]
        place[last] = value
    return Connection.model_validate(public)


def masked(public: dict[str, Any], secrets: dict[str, str]) -> dict[str, Any]:
    """The record to be shown: asterisks where there is a secret."""
    connection = join(public, dict.fromkeys(secrets, MASK))
    shown: dict[str, Any] = connection.model_dump(exclude_none=True, mode="json")
    return shown


def _public(value: Any, path: str, secrets: dict[str, str]) -> Any:
    match value:
        case SecretStr():
            secrets[path] = value.get_secret_value()
            return _DROPPED
        case dict():
            inner = {name: _public(each, _below(path, name), secrets) for name, each in value.items()}
            return {name: each for name, each in inner.items() if each is not _DROPPED}
        case list() | tuple():
            return [_public(each, _below(path, n), secrets) for n, each in enumerate(value)]
    return value


def _below(path: str, name: str | int) -> str:
    return f"{path}.{name}" if path else str(name)
