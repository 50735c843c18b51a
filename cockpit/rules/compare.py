"""What of a resource both sides can show: our request and the target's object, made comparable. Pure."""

from collections.abc import Mapping
from typing import Any

from cockpit.terms import Kind

JsonObject = Mapping[str, Any]


def differences(kind: Kind, ours: JsonObject, theirs: JsonObject) -> dict[str, list[Any]]:
    """The fields that differ, as {field: [ours, theirs]}; fields that our request leaves open don't count."""
    left, right = _ours(kind, ours), _theirs(kind, theirs)
    return {field: [value, right.get(field)] for field, value in left.items() if value != right.get(field)}


def changes(kind: Kind, before: JsonObject, now: JsonObject) -> dict[str, list[Any]]:
    """What changed between two mappings of one record, as {field: [before, now]}."""
    left, right = _ours(kind, before), _ours(kind, now)
    fields = [*left, *(field for field in right if field not in left)]
    return {f: [left.get(f), right.get(f)] for f in fields if left.get(f) != right.get(f)}


def roles_of(membership: JsonObject) -> list[str]:
    """The slugs of a membership at the target, sorted: `roles`, or the one `role`."""
    roles = membership.get("roles") or [membership.get("role")]
    return sorted({str(role["slug"]) for role in roles if isinstance(role, Mapping) and "slug" in role})


def wanted_roles(request: JsonObject) -> list[str]:
    """The slugs of a mapped membership, sorted; none where it leaves the role to the target's default."""
    named = request.get("role_slugs") or [request.get("role_slug")]
    return sorted({str(slug) for slug in named if slug})


def _ours(kind: Kind, request: JsonObject) -> dict[str, Any]:
    match kind:
        case "organization":
            return {
                "name": request.get("name"),
                "domains": sorted(_domain(item) for item in request.get("domain_data") or ()),
                "metadata": request.get("metadata") or {},
            }
        case "role":
            # A role is what it permits; one that was there before us keeps its own name.
            permissions = sorted(request.get("permissions") or ())
            return {"permissions": permissions} if permissions else {}
        case "membership":
            roles = wanted_roles(request)
            return {"roles": roles} if roles else {}
    return {}


def _theirs(kind: Kind, body: JsonObject) -> dict[str, Any]:
    match kind:
        case "organization":
            return {
                "name": body.get("name"),
                "domains": sorted(_domain(item) for item in body.get("domains") or ()),
                "metadata": body.get("metadata") or {},
            }
        case "role":
            return {"permissions": sorted(body.get("permissions") or ())}
        case "membership":
            return {"roles": roles_of(body)}
    return {}


def _domain(item: JsonObject) -> str:
    """Name and whether it is verified: only a verified one lets people in."""
    verified = item.get("state") in ("verified", "legacy_verified")
    return f"{item.get('domain')}{'' if verified else ' (not verified)'}"
