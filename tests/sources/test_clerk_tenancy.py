"""Clerk's organizations: what is asked for, what it costs, and instances that have none."""

import json
from collections import Counter
from typing import Any

import pytest
from aiohttp import web

from cockpit.records import Domain, Membership, Organization, Permission, Role
from cockpit.settings import MappingSettings, PasswordSettings
from cockpit.sources._clerk_tenancy_mapping import mappers
from cockpit.sources.base import MappingContext, Source, SourceError
from cockpit.terms import Kind
from tests.sources.memos import ids
from tests.sources.scripted import Clerk, Reply, Row

MAPPERS = mappers(MappingContext(MappingSettings(metadata=("plan",)), PasswordSettings(), {}))
KINDS: list[Kind] = ["organization", "permission", "role", "membership"]


class Instance(Clerk):
    """Organizations with `domains` of each, and as many memberships, roles and permissions."""

    def __init__(self, rows: int, domains: int = 0) -> None:
        self.domains = domains
        super().__init__(rows)

    def row(self, number: int) -> Row:
        organization, user = {"id": f"org_{number:05}"}, {"user_id": f"user_{number:05}"}
        return {"id": f"it_{number:05}", "organization": organization, "public_user_data": user}

    def answer(self, path: str, asked: dict[str, Any]) -> Any:
        offset, limit = int(asked["offset"]), int(asked["limit"])
        rows = self.rows
        if path == "/organization_domains":
            rows = [{} for _ in range(self.domains * len(self.rows))]
        elif path.endswith("/domains"):
            rows = [{"name": f"{path.split('/')[2]}-{n}.example"} for n in range(self.domains)]
        return {"data": rows[offset : offset + limit], "total_count": len(rows)}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in Instance.environment.items():
        monkeypatch.setenv(name, value)


async def count(source: Source) -> int | None:
    return await source.count()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_oldest_first_with_pages_that_overlap(kind: Kind) -> None:
    instance = Instance(700)
    pages = instance.pages(kind=kind)
    assert len(set(ids(pages))) == 700
    listed = [path for path in instance.paths if "domains" not in path]
    assert all("order_by=%2Bcreated_at" in path for path in listed)
    assert [path.partition("offset=")[2].partition("&")[0] for path in listed] == ["0", "480", "680"]
    assert instance.asking(count, kind=kind) == 700
    assert {page.total for page in pages} == {700}


@pytest.mark.parametrize("missing", [0, 3])
def test_all_are_read_again_by_other_pages_only_where_some_are_missing(missing: int) -> None:
    async def sweep(source: Source) -> list[str]:
        return list(await source.sweep(1234, missing))

    chains = Instance(3).asking(sweep, kind="membership")
    assert chains == (["again 1234"] if missing else [])
    for chain in chains:
        instance = Instance(700)
        assert len(set(ids(instance.pages(kind="membership", chain=chain)))) == 700
        assert {int(asked["limit"]) for asked in instance.asked} == {250 + 1234 % 250}


def test_a_membership_is_named_by_organization_and_user_and_held_without_them() -> None:
    instance = Instance(3)
    instance.rows[1]["public_user_data"] = None
    assert ids(instance.pages(kind="membership"))[:3] == ["org_00000/user_00000", "", "org_00002/user_00002"]


def test_where_there_are_domains_each_organization_is_asked_for_all_of_its_own() -> None:
    instance = Instance(30, domains=501)
    pages = instance.pages(kind="organization")
    bodies = {item.id: json.loads(item.body) for page in pages for item in page.items}
    assert bodies["it_00007"]["organization"] == instance.rows[7]
    assert len({domain["name"] for domain in bodies["it_00007"]["domains"]}) == 501


def test_where_there_are_none_at_all_nobody_is_asked() -> None:
    instance = Instance(30)
    instance.pages(kind="organization")
    asked = Counter(path.partition("?")[0] for path in instance.paths)
    assert asked == {"/organizations": 2, "/organization_domains": 1}


def test_an_organization_that_goes_meanwhile_has_none_and_a_fault_of_one_ends_the_page() -> None:
    instance, status = Instance(5, domains=1), 404

    async def answer(request: web.Request) -> Reply:
        if request.path == "/organizations/it_00002/domains":
            return web.json_response({"errors": [{"message": "no such thing"}]}, status=status)
        return None

    instance.before = answer
    (first, *_) = instance.pages(kind="organization")
    assert [len(json.loads(item.body)["domains"]) for item in first.items] == [1, 1, 0, 1, 1]
    status = 422
    with pytest.raises(SourceError, match="domains answered 422: no such thing; nothing was lost"):
        instance.pages(kind="organization")


@pytest.mark.parametrize("kind", KINDS)
def test_where_organizations_are_off_there_are_none_of_anything(kind: Kind) -> None:
    instance = Instance(5)

    async def off(request: web.Request) -> Reply:
        error = {"code": "organization_not_enabled_in_instance", "message": "access denied"}
        return web.json_response({"errors": [error]}, status=403)

    instance.before = off
    assert ids(instance.pages(kind=kind)) == []
    assert instance.asking(count, kind=kind) == 0


def test_any_other_refusal_names_the_key() -> None:
    instance = Instance(5)

    async def refuse(request: web.Request) -> Reply:
        return web.json_response({"errors": [{"code": "other", "message": "no"}]}, status=403)

    instance.before = refuse
    with pytest.raises(SourceError, match="answered 403: no; check CLERK_SECRET_KEY"):
        instance.pages(kind="role")


# mapping

VERIFIED = {"status": "verified", "strategy": "dns_record"}


@pytest.mark.parametrize(
    ("domain", "proved"),
    [
        ({"verification": VERIFIED}, True),
        ({"ownership_verification": VERIFIED, "verification": None}, True),
        ({"ownership_verification": {"status": "unverified"}}, False),
        ({"verification": {"status": "verified", "strategy": "affiliation_email_code"}}, False),
        ({"affiliation_verification": VERIFIED}, False),
        ({}, False),
    ],
)
def test_a_domain_is_verified_when_it_was_shown_to_be_theirs(domain: Row, proved: bool) -> None:
    assert MAPPERS.organization is not None
    raw = {
        "organization": {
            "id": "org_1",
            "name": "Acme, Inc.",
            "slug": "acme",
            "public_metadata": {"plan": "free"},
            "private_metadata": {"plan": "team"},
        },
        "domains": [{"name": "Acme.Example", **domain}],
    }
    assert MAPPERS.organization(raw) == Organization(
        source_id="org_1",
        name="Acme, Inc.",
        domains=(Domain(name="acme.example", verified=proved),),
        metadata={"provider": "clerk", "slug": "acme", "plan": "team"},
    )


def test_roles_and_permissions_are_called_by_their_keys() -> None:
    assert MAPPERS.role is not None and MAPPERS.permission is not None
    permission = {"key": "org:invoices:pay", "name": "Pay", "description": "Pay invoices", "type": "user"}
    raw = {"key": "org:billing", "name": "Billing", "description": None, "permissions": [permission, {}]}
    assert MAPPERS.role(raw) == Role(slug="org:billing", name="Billing", permissions=("org:invoices:pay",))
    assert MAPPERS.permission(permission) == Permission(
        slug="org:invoices:pay", name="Pay", description="Pay invoices"
    )


@pytest.mark.parametrize(("role", "roles"), [("org:admin", ("org:admin",)), (None, ()), ("", ())])
def test_a_member_has_one_role(role: str | None, roles: tuple[str, ...]) -> None:
    assert MAPPERS.membership is not None
    raw = {"role": role, "organization": {"id": "org_1"}, "public_user_data": {"user_id": "user_1"}}
    assert MAPPERS.membership(raw) == Membership(user="user_1", organization="org_1", roles=roles)


@pytest.mark.parametrize("kind", KINDS)
def test_what_names_nothing_has_no_usable_shape(kind: Kind) -> None:
    with pytest.raises(ValueError, match="no "):
        getattr(MAPPERS, kind)({"organization": None})
