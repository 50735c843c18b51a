"""What a token of Auth0 may do, by the scopes that it names, beside what an export needs."""

import base64
import json

from cockpit.findings import Finding, fail, ok, warn

READ, JOB = "read:users", "create:users"
ORGANIZATIONS = (
    "read:organizations", "read:organization_members", "read:organization_member_roles",
    "read:organization_discovery_domains", "read:roles",
)  # fmt: skip
"""What organizations, memberships and roles are read with."""
_GRANT = "grant it to the application: Applications > APIs > Auth0 Management API > Machine to Machine"


def granted(told: str | None, token: str | None) -> frozenset[str] | None:
    """The scopes that POST /oauth/token told, else the token's own claim does; None where neither does."""
    scope = told if told is not None else _claim(token or "")
    return None if scope is None else frozenset(scope.split())


def findings(scopes: frozenset[str] | None, *, one_connection: bool) -> list[Finding]:
    """Each scope that is missing, by its name; one connection can't be kept to without an export job."""
    if scopes is None:
        return []
    found: list[Finding] = []
    if READ not in scopes:
        found.append(fail("scopes", f"the token has no {READ}", "no user can be read without it", _GRANT))
    if JOB not in scopes and one_connection:
        why = "without an export job connection_id can't be kept to"
        found.append(fail("scopes", f"the token has no {JOB}", why, f"{_GRANT}; or take connection_id out"))
    elif JOB not in scopes:
        why = "no export job may be started, so users are searched by windows of created_at, which is slower"
        found.append(warn("scopes", f"the token has no {JOB}", why, _GRANT))
    if lacking := [scope for scope in ORGANIZATIONS if scope not in scopes]:
        why = "organizations, their domains, memberships or roles can't be read without"
        found.append(warn("scopes", f"the token has no {', '.join(lacking)}", why, _GRANT))
    return found or [ok("scopes", "the token has every scope that an export needs")]


def _claim(token: str) -> str | None:
    """`scope` of a JWT's payload (RFC 7519); its signature is for the API to judge."""
    parts = token.split(".")
    try:
        payload = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        scope = payload["scope"]
    except (IndexError, ValueError, KeyError, TypeError):
        return None
    return scope if isinstance(scope, str) else None
