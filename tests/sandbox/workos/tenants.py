"""What tests of organizations and memberships need in a sandbox."""

from typing import Any

from tests.sandbox.inside import Answer, Sandbox

ORGANIZATIONS = "/organizations"
MEMBERSHIPS = "/user_management/organization_memberships"


async def user(sandbox: Sandbox, name: str = "ana") -> str:
    """A new user's id."""
    return str((await sandbox.create(email=f"{name}@b.example", external_id=name)).body["id"])


async def organization(sandbox: Sandbox, name: str = "Acme", **fields: Any) -> str:
    """A new organization's id."""
    created = await sandbox.call("POST", ORGANIZATIONS, json={"name": name} | fields)
    return str(created.body["id"])


async def join(sandbox: Sandbox, user_id: str, organization_id: str, **fields: Any) -> Answer:
    """POST a membership."""
    body = {"user_id": user_id, "organization_id": organization_id} | fields
    return await sandbox.call("POST", MEMBERSHIPS, json=body)


async def events(sandbox: Sandbox, *names: str) -> list[dict[str, Any]]:
    """What happened of those names, oldest first."""
    asked = await sandbox.call("GET", f"/events?limit=100&events={','.join(names)}")
    return list(asked.body["data"])
