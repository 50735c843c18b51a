"""Auth0's organizations: cursors inside cursors, scopes that are missing, and what roles cost."""

import json
from collections import Counter
from typing import Any, ClassVar

import pytest
from aiohttp import web

from cockpit.sources.base import Source, SourceRefused
from cockpit.terms import Kind, Page
from tests.clocks import FakeClock
from tests.sources.memos import FakeMemo, ids
from tests.sources.scripted import KEY, Reply, Row, Scripted

ROOT = "/api/v2/organizations"


class Auth0(Scripted):
    """Organizations in their order, each with members; a checkpoint is the id of what follows."""

    name = "auth0"
    environment: ClassVar = {"AUTH0_DOMAIN": "acme.example", "AUTH0_TOKEN": KEY}

    def __init__(self, members: dict[str, int], roles: int = 0) -> None:
        self.members = {org: [f"auth0|{org}-{n:04}" for n in range(many)] for org, many in members.items()}
        self.roles = [{"id": f"rol_{n}", "name": f"Role {n}"} for n in range(roles)]
        super().__init__(0)

    def row(self, number: int) -> Row:
        return {}

    def answer(self, path: str, asked: dict[str, Any]) -> Any:
        match path.removeprefix("/api/v2/").split("/"):
            case ["organizations"]:
                found = [{"id": org, "name": org.lower()} for org in self.members]
                return self._checkpoint("organizations", found, "id", asked)
            case ["organizations", org, "members"] if org in self.members:
                admin = [{"name": "Admin"}]
                people: list[Row] = [{"user_id": user, "roles": admin} for user in self.members[org]]
                return self._checkpoint("members", people, "user_id", asked)
            case ["organizations", org, "discovery-domains"]:
                return {"domains": [{"domain": f"{org}.example", "status": "verified"}]}
            case ["roles"]:
                return self._offset("roles", self.roles, asked)
            case ["roles", ident, "permissions"]:
                found = [{"permission_name": f"read:{ident}-{n}"} for n in range(120)]
                return self._offset("permissions", found, asked)
        raise web.HTTPNotFound

    def _checkpoint(self, key: str, found: list[Row], ident: str, asked: dict[str, Any]) -> Any:
        start, take = 0, int(asked["take"])
        if "from" in asked:
            place = [row[ident] for row in found]
            if asked["from"] not in place:
                raise web.HTTPBadRequest(text='{"message":"Invalid from"}')
            start = place.index(asked["from"])
        following = found[start + take : start + take + 1]
        return {key: found[start : start + take]} | ({"next": following[0][ident]} if following else {})

    def _offset(self, key: str, found: list[Row], asked: dict[str, Any]) -> Any:
        start, size = int(asked["page"]) * int(asked["per_page"]), int(asked["per_page"])
        if start + size > 1000:
            raise web.HTTPBadRequest(text='{"errorCode":"invalid_paging"}')
        return {key: found[start : start + size], "total": min(1000, len(found)), "start": start}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in Auth0.environment.items():
        monkeypatch.setenv(name, value)


def bodies(pages: list[Page]) -> list[Any]:
    return [json.loads(item.body) for page in pages for item in page.items]


def read(tenant: Auth0, kind: Kind, **how: Any) -> list[Page]:
    return tenant.pages(kind=kind, **how)


# organizations


def test_organizations_come_oldest_first_with_their_domains() -> None:
    tenant = Auth0({f"org_{n:03}": 0 for n in range(45)})
    pages = read(tenant, "organization")
    assert ids(pages) == list(tenant.members)
    assert [len(page.items) for page in pages] == [20, 20, 5]
    assert bodies(pages)[7] == {
        "organization": {"id": "org_007", "name": "org_007"},
        "domains": [{"domain": "org_007.example", "status": "verified"}],
    }
    assert {asked.get("sort") for asked in tenant.asked if asked.get("sort")} == {"created_at:1"}


def test_domains_are_not_asked_for_where_they_are_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH0_ORGANIZATION_DOMAINS", "false")
    tenant = Auth0({f"org_{n:03}": 0 for n in range(45)})
    assert all(body["domains"] == [] for body in bodies(read(tenant, "organization")))
    assert len(tenant.paths) == 1


def test_organizations_and_domains_keep_to_limits_of_their_own() -> None:
    clock = FakeClock()
    began = clock.monotonic()
    read(Auth0({f"org_{n:03}": 0 for n in range(300)}), "organization", clock=clock)
    assert 110 <= clock.monotonic() - began <= 130  # 300 requests for domains, 150 in a minute
    clock = FakeClock()
    began = clock.monotonic()
    read(Auth0({f"org_{n:03}": 0 for n in range(600)}), "membership", clock=clock)
    assert 170 <= clock.monotonic() - began <= 190  # 600 requests for members, 200 in a minute


@pytest.mark.parametrize(
    ("kind", "denied", "named"),
    [
        ("organization", ROOT, "the token needs read:organizations,"),
        ("organization", "discovery-domains", "read:organization_discovery_domains, or organization_domains"),
        ("membership", "members", "read:organization_members and read:organization_member_roles"),
        ("role", "/api/v2/roles", "the token needs read:roles"),
        ("permission", "permissions", "the token needs read:roles"),
    ],
)
def test_a_scope_that_is_missing_is_named(kind: Kind, denied: str, named: str) -> None:
    tenant = Auth0({"org_1": 1}, roles=1)

    async def deny(request: web.Request) -> Reply:
        if request.path.endswith(denied):
            return web.json_response({"message": "Insufficient scope"}, status=403)
        return None

    tenant.before = deny
    with pytest.raises(SourceRefused, match="Insufficient scope") as refused:
        read(tenant, kind)
    assert named in str(refused.value) and "the same command resumes" in str(refused.value)


# memberships


def test_members_of_one_organization_after_another_are_read_to_their_ends() -> None:
    tenant = Auth0({"org_1": 250, "org_2": 0, "org_3": 3})
    pages = read(tenant, "membership")
    assert [len(page.items) for page in pages] == [100, 100, 50, 0, 3]
    assert ids(pages) == [f"{org}/{user}" for org, users in tenant.members.items() for user in users]
    assert bodies(pages)[0] == {
        "organization_id": "org_1",
        "member": {"user_id": "auth0|org_1-0000", "roles": [{"name": "Admin"}]},
    }
    assert {asked.get("fields") for asked in tenant.asked if "fields" in asked} == {"user_id,email,roles"}


def test_a_resume_goes_on_at_the_very_checkpoint_of_the_very_organization() -> None:
    tenant = Auth0({f"org_{n:03}": 2 for n in range(150)} | {"org_big": 250})
    pages = read(tenant, "membership")
    cursor = pages[-2].cursor
    assert json.loads(cursor) == ["org_100", "org_big", "auth0|org_big-0100"]
    tenant.paths.clear()
    rest = read(tenant, "membership", cursor=cursor)
    assert ids(rest) == [f"org_big/auth0|org_big-{n:04}" for n in range(100, 250)]
    assert Counter(path.partition("?")[0] for path in tenant.paths) == {ROOT: 1, f"{ROOT}/org_big/members": 2}


def test_an_organization_that_was_deleted_meanwhile_costs_no_other() -> None:
    tenant = Auth0({f"org_{n}": 2 for n in range(5)})
    first = read(tenant, "membership", most=2)
    del tenant.members["org_2"]
    assert json.loads(first[1].next_cursor or "") == ["", "org_2", ""]
    rest = ids(read(tenant, "membership", cursor=first[1].next_cursor))
    assert {ident.partition("/")[0] for ident in rest} >= {"org_3", "org_4"}


def test_one_that_is_deleted_between_list_and_members_has_none() -> None:
    tenant = Auth0({f"org_{n}": 2 for n in range(3)})

    async def delete(request: web.Request) -> Reply:
        if request.path.endswith("org_1/members"):
            return web.json_response({"message": "gone"}, status=404)
        return None

    tenant.before = delete
    assert [len(page.items) for page in read(tenant, "membership")] == [2, 0, 2]


def test_checkpoints_of_an_earlier_run_that_are_refused_begin_anew() -> None:
    tenant = Auth0({f"org_{n:03}": 2 for n in range(120)} | {"org_big": 150})
    (last,) = read(tenant, "membership")[-1:]
    del tenant.members["org_100"]
    tenant.members["org_big"].remove("auth0|org_big-0100")
    found = set(ids(read(tenant, "membership", cursor=last.cursor)))
    assert {f"org_big/{user}" for user in tenant.members["org_big"]} <= found


def test_a_tenant_without_organizations_has_one_empty_page() -> None:
    for kind in ("organization", "membership"):
        assert [(page.items, page.next_cursor) for page in read(Auth0({}), kind)] == [([], None)]


# roles


def test_roles_come_with_all_their_permissions_which_are_read_by_themselves_too() -> None:
    tenant = Auth0({}, roles=3)
    found = bodies(read(tenant, "role"))
    assert [len(body["permissions"]) for body in found] == [120, 120, 120]
    assert len(set(ids(read(tenant, "permission")))) == 360


def test_where_there_may_be_more_roles_than_auth0_lists_it_says_so() -> None:
    async def count(source: Source) -> int | None:
        return await source.count()

    few, many = FakeMemo(), FakeMemo()
    assert len(ids(read(Auth0({}, roles=45), "role", memo=few))) == 45
    assert few.facts == {}
    assert len(ids(read(Auth0({}, roles=1200), "role", memo=many))) == 1000
    assert "1,000 roles at most" in many.facts["auth0.warning:roles"]
    assert Auth0({}, roles=45).asking(count, kind="role") == 45
    assert Auth0({}, roles=1200).asking(count, kind="role") is None
