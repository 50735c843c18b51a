"""What the mappings of all providers share. Pure."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from cockpit.records import Domain, Organization, User
from cockpit.rules.limits import METADATA_VALUE_LENGTH
from cockpit.rules.mask import printable
from cockpit.rules.names import split as split

FULL = METADATA_VALUE_LENGTH
SOURCE_STATUS = "source_status"


def text(value: Any) -> str | None:
    """A string that says something, trimmed; None for everything else."""
    return (value.strip() or None) if isinstance(value, str) else None


def iso(at_ms: Any) -> str | None:
    """Milliseconds since 1970, as a number or in digits, as UTC; None for what is no such time."""
    try:
        at = datetime.fromtimestamp(int(at_ms) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return at.isoformat(timespec="milliseconds")[:-6] + "Z"


def millis(moment: Any) -> int | None:
    """A time in ISO 8601 as milliseconds since 1970; None for what is no such time."""
    try:
        at = datetime.fromisoformat(moment)
    except (TypeError, ValueError):
        return None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def dicts(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; none for what is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(value: Any) -> tuple[str, ...]:
    """The strings of a list that say something, trimmed; none for what is no list."""
    return tuple(filter(None, map(text, value))) if isinstance(value, list) else ()


def inner(raw: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The object under a key; an empty one for what is none."""
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def ident(raw: Mapping[str, Any], key: str) -> str:
    """What a record can't do without. Raises ValueError when it is missing."""
    found = raw.get(key)
    if not isinstance(found, str) or not found:
        raise ValueError(f"no {key}")
    return found


def ascii_only(value: str) -> str:
    r"""Our own metadata on one line of ASCII, as the target wants it; é is written \u00e9, as in JSON."""
    value = printable(value)
    if value.isascii():
        return value
    return "".join(char if char.isascii() else json.dumps(char)[1:-1] for char in value)


def listed(parts: Iterable[str], field: str, warnings: list[str]) -> str:
    """Parts joined by a comma, as many as a metadata value holds; a warning when some did not fit."""
    given = [ascii_only(part) for part in parts]
    joined = ", ".join(given)
    if len(joined) <= FULL:
        return joined
    kept: list[str] = []
    room = FULL - len(f", +{len(given)} more")
    for part in given:
        if room < len(part) + 2:
            break
        kept.append(part)
        room -= len(part) + 2
    warnings.append(f"metadata.{field}: cut to {FULL} characters, {len(given) - len(kept)} left out")
    return ", ".join([*kept, f"+{len(given) - len(kept)} more"])


def chosen(
    keys: Iterable[str], sources: Iterable[Any], metadata: dict[str, str], warnings: list[str]
) -> None:
    """Add the application's own metadata under the keys that the operator chose.

    The first source that has a key wins. A string goes along as it is, whatever it holds: an
    application's data is refused by lint rather than altered. Anything else goes as JSON.
    """
    found = [source for source in sources if isinstance(source, dict)]
    for key in keys:
        value = next((source[key] for source in found if source.get(key) is not None), None)
        if value is None:
            continue
        if key in metadata or key == SOURCE_STATUS:
            warnings.append(f"metadata.{key}: left out, cockpit's own value has that name")
        else:
            metadata[key] = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def left_out(roles: Iterable[str], field: str, warnings: list[str]) -> None:
    """A warning of roles that somebody has outside any organization, where the target has none."""
    if named := ascii_only(", ".join(roles)):
        warnings.append(f"{field}: {named} left out, as roles are held in an organization only")


def build(fields: dict[str, Any], warnings: list[str]) -> User:
    """The user. A status that is not active is told in the metadata, since the target has no field for it.

    Halves of surrogate pairs, which can't be stored or sent, become U+FFFD with a warning.
    """
    metadata: dict[str, str] = fields["metadata"]
    if fields["status"] != "active":
        metadata[SOURCE_STATUS] = fields["status"]
    if not (
        all(_sound(value) for value in fields.values() if isinstance(value, str))
        and all(map(_sound, metadata))
        and all(map(_sound, metadata.values()))
    ):
        warnings.append("text: characters that are none were replaced")
        fields = _repaired(fields)
    return User(**fields, warnings=tuple(warnings))


def organization(
    ident: str,
    name: Any,
    metadata: dict[str, str],
    warnings: Iterable[str] = (),
    domains: Iterable[str] = (),
    verified: Collection[str] = (),
) -> Organization:
    """An organization by its source id; of its domains those are verified that are named so.

    Halves of surrogate pairs become U+FFFD, as in `build`.
    """
    proved = {domain.strip().lower() for domain in verified}
    named = dict.fromkeys(domain.strip().lower() for domain in domains)
    fields = {
        "source_id": ident,
        "name": text(name) or "",
        "domains": tuple(Domain(name=domain, verified=domain in proved) for domain in named if domain),
        "metadata": metadata,
    }
    return Organization(**_repaired(fields), warnings=tuple(warnings))


def _sound(value: str) -> bool:
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _repaired(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_repaired(key): _repaired(inner) for key, inner in value.items()}
    return value
