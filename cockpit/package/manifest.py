"""manifest.json: what a package says of itself. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cockpit import __version__
from cockpit.package.headers import FILES, HEADERS, SCHEMA_VERSION, Template
from cockpit.rules.formulas import GUARD

COUNTED = (*HEADERS["2.5.0"], "warnings", "skippedUsers")
"""What entitiesExported counts: the rows of each CSV file, the lines of each JSONL file."""

_ENTITIES = ("users", "organizations", "memberships", "roles", "totp", "sso")
_SECRETS = ("totp_secrets.csv", "totp_secret")


class NotAManifest(ValueError):
    """The text is no manifest that can be used; the message says why."""


def compose(
    *,
    provider: str,
    tenant: str | None,
    generated_at: str,
    counts: Mapping[str, int],
    template: Template,
    secrets: bool,
    hashes: int,
    warnings: Sequence[str],
    users: int,
) -> dict[str, Any]:
    """The manifest. `users`: distinct ones, since users.csv has a row for each membership."""
    holders = ["users.csv", "workos_upload/users.csv"] if hashes else []
    redaction: dict[str, Any] = {
        "mode": "included" if secrets else "redacted",
        "redacted": not secrets,
        "redactedFields": [] if secrets else [_SECRETS[1]],
        "files": [_SECRETS[0]],
        "notes": [f"{name} holds password hashes" for name in holders],
    }
    named = {"sourceTenant": tenant} if tenant else {}
    return {
        "schemaVersion": SCHEMA_VERSION,
        "provider": provider,
        **named,
        "generatedAt": generated_at,
        "entitiesRequested": list(_ENTITIES),
        "entitiesExported": {key: counts.get(key, 0) for key in COUNTED},
        "files": dict(FILES),
        "importability": {
            **dict.fromkeys(("users", "organizations", "memberships", "roles", "totpSecrets"), "automatic"),
            "ssoConnections": "automatic" if template == "2.6" else "handoff",
        },
        "secretsRedacted": not secrets,
        "secretRedaction": redaction,
        "warnings": list(warnings),
        "metadata": {
            "writer": f"cockpit {__version__}",
            "template": template,
            "formulaGuard": GUARD,
            "distinctUsers": users,
        },
    }


def parse(text: str) -> dict[str, Any]:
    """A manifest of the one schema version there is. Raises NotAManifest."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAManifest("manifest.json is not JSON") from None
    if not isinstance(found, dict):
        raise NotAManifest("manifest.json holds no JSON object")
    if found.get("schemaVersion") != SCHEMA_VERSION:
        raise NotAManifest(f"manifest.json has a schemaVersion other than {SCHEMA_VERSION}")
    return found


def is_guarded(manifest: Mapping[str, Any]) -> bool:
    """Whether texts that look like formulas have a mark before them, as in a package of cockpit's."""
    metadata = manifest.get("metadata")
    return isinstance(metadata, dict) and metadata.get("formulaGuard") == GUARD


def problems(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(field, what is wrong with it) for everything the contract asks of a manifest."""
    found: list[tuple[str, str]] = []

    def must(field: str, holds: bool, what: str) -> None:
        if not holds:
            found.append((field, what))

    provider, at = manifest.get("provider"), manifest.get("generatedAt")
    must("provider", isinstance(provider, str) and bool(provider.strip()), "must be a text")
    must("generatedAt", isinstance(at, str) and at[:4].isdigit() and "T" in at, "must be an ISO 8601 time")
    must("secretsRedacted", isinstance(manifest.get("secretsRedacted"), bool), "must be true or false")
    for field in ("entitiesRequested", "warnings"):
        must(field, isinstance(manifest.get(field), list), "must be an array")
    for field in ("entitiesExported", "files", "importability"):
        must(field, isinstance(manifest.get(field), dict), "must be an object")
    for key, count in table(manifest, "entitiesExported").items():
        whole = isinstance(count, int) and not isinstance(count, bool) and count >= 0
        must(f"entitiesExported.{key}", whole, "must be a number of records")
    for key, path in table(manifest, "files").items():
        if key not in FILES:
            continue
        must(f"files.{key}", path == FILES[key], f"must be {FILES[key]!r}")
    return found


def table(manifest: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    """An object in the manifest; an empty one where it is none."""
    value = manifest.get(field)
    return value if isinstance(value, dict) else {}
