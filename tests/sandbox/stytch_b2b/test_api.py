"""Stytch's B2B searches: organizations must be named, members come by cursor, a person is several of them."""

import json
from collections import Counter
from typing import Any

import pytest

from cockpit.sandbox.config import SandboxConfig
from cockpit.sandbox.stytch.api import basic
from cockpit.sandbox.stytch_b2b.records import ORGANIZATIONS
from tests.sandbox.inside import Answer, Sandbox, inside

USERS = 300
CONFIG = SandboxConfig(source="stytch_b2b", users=USERS, limits="off")
ORGS, MEMBERS = "/v1/b2b/organizations/search", "/v1/b2b/organizations/members/search"
POLICY = "/v1/b2b/rbac/policy"


async def ask(sandbox: Sandbox, path: str, body: Any, header: str | None = None) -> Answer:
    return await sandbox.call("POST", path, None, json=body, headers={"Authorization": header or basic()})


async def walk(sandbox: Sandbox, path: str, key: str, **body: Any) -> list[Any]:
    """Everything, by pages, each at most as long as asked for; the total must agree."""
    found: list[Any] = []
    while True:
        page = (await ask(sandbox, path, body)).body
        found += page[key]
        assert len(page[key]) <= body["limit"]
        if (cursor := page["results_metadata"]["next_cursor"]) is None:
            assert page["results_metadata"]["total"] == len(found)
            return found
        body = body | {"cursor": cursor}


async def organizations(sandbox: Sandbox) -> list[str]:
    return [one["organization_id"] for one in await walk(sandbox, ORGS, "organizations", limit=50)]


def test_every_member_of_every_organization_comes_once() -> None:
    async def test(sandbox: Sandbox) -> None:
        named = await organizations(sandbox)
        assert len(set(named)) == len(named) == ORGANIZATIONS
        members = await walk(sandbox, MEMBERS, "members", limit=70, organization_ids=named)
        assert len({member["member_id"] for member in members}) == len(members)
        each = Counter(member["email_address"] for member in members)
        assert len(each) == USERS and set(each.values()) == {1, 2, 3}
        places = {(member["email_address"], member["organization_id"]) for member in members}
        assert len(places) == len(members)

    inside(CONFIG, test)


def test_only_members_of_the_organizations_that_are_named_come() -> None:
    async def test(sandbox: Sandbox) -> None:
        named = (await organizations(sandbox))[:3]
        page = (await ask(sandbox, MEMBERS, {"organization_ids": named, "limit": 1000})).body
        assert page["members"] and {member["organization_id"] for member in page["members"]} == set(named)
        assert page["organizations"].keys() == set(named)

    inside(CONFIG, test)


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({}, 400, "missing_organization_ids"),
        ({"organization_ids": []}, 400, "missing_organization_ids"),
        ({"organization_ids": ["organization-live-none"]}, 404, "organization_not_found"),
        ({"organization_ids": ["organization-live-00000001"], "limit": 1001}, 400, "invalid_limit"),
        ({"organization_ids": ["organization-live-00000001"], "cursor": "made up"}, 400, "invalid_cursor"),
    ],
)
def test_what_is_refused(body: Any, status: int, kind: str) -> None:
    async def test(sandbox: Sandbox) -> None:
        refused = await ask(sandbox, MEMBERS, body)
        assert (refused.status, refused.body["error_type"]) == (status, kind)
        assert (await ask(sandbox, MEMBERS, body, "Basic bm8=")).status == 401
        assert (await ask(sandbox, "/v1/users/search", {})).status == 404

    inside(CONFIG, test)


def test_both_searches_share_a_hundred_requests_a_minute() -> None:
    async def test(sandbox: Sandbox) -> None:
        sandbox.clock.advance(-sandbox.clock.now() % 60)
        for _ in range(50):
            assert (await ask(sandbox, ORGS, {"limit": 1})).status == 200
            body = {"organization_ids": ["organization-live-00000001"], "limit": 1}
            assert (await ask(sandbox, MEMBERS, body)).status == 200
        refused = await ask(sandbox, ORGS, {"limit": 1})
        assert (refused.status, refused.body["error_type"]) == (429, "too_many_requests")
        assert "Retry-After" not in refused.headers
        sandbox.clock.advance(60)
        assert (await ask(sandbox, ORGS, {"limit": 1})).status == 200

    inside(SandboxConfig(source="stytch_b2b", users=1), test)


def test_who_comes_and_who_goes_is_seen_at_once() -> None:
    async def test(sandbox: Sandbox) -> None:
        named = await organizations(sandbox)
        body = {"organization_ids": named, "limit": 1}

        async def total() -> int:
            counted: int = (await ask(sandbox, MEMBERS, body)).body["results_metadata"]["total"]
            return counted

        before = await total()
        added = (await sandbox.call("POST", "/_sandbox/source/sign-up", None)).body["id"]
        assert before < await total() <= before + 3
        await sandbox.call("DELETE", f"/_sandbox/source/users/{added}", None)
        assert await total() == before

    inside(CONFIG, test)


def test_an_organization_has_domains_metadata_and_some_a_role_of_their_own() -> None:
    async def test(sandbox: Sandbox) -> None:
        found = await walk(sandbox, ORGS, "organizations", limit=50)
        for told, company in zip(found, sandbox.world.companies.all(), strict=True):
            assert told["organization_name"] == company.name
            assert told["email_allowed_domains"] == [domain.name for domain in company.domains]
            assert told["claimed_email_domains"] == [one.name for one in company.domains if one.verified]
            assert told["trusted_metadata"] == company.metadata
        assert sum(bool(one["custom_roles"]) for one in found) == ORGANIZATIONS / 10

    inside(CONFIG, test)


def test_members_have_the_roles_of_the_policy() -> None:
    async def test(sandbox: Sandbox) -> None:
        answer = await sandbox.call("GET", POLICY, None, headers={"Authorization": basic()})
        known = {role["role_id"] for role in answer.body["policy"]["roles"]}
        assert known == {"stytch_member", "stytch_admin", "billing", "support"}
        named = await organizations(sandbox)
        members = await walk(sandbox, MEMBERS, "members", limit=70, organization_ids=named)
        held = [{role["role_id"] for role in member["roles"]} for member in members]
        assert set.union(*held) == known and all("stytch_member" in roles for roles in held)
        assert all(
            member["is_admin"] == ("stytch_admin" in roles)
            for member, roles in zip(members, held, strict=True)
        )
        assert (await sandbox.call("GET", POLICY, None)).status == 401

    inside(CONFIG, test)


def test_an_app_is_told_of_in_every_member_and_its_secret_in_none() -> None:
    async def test(sandbox: Sandbox) -> None:
        named = await organizations(sandbox)
        members = await walk(sandbox, MEMBERS, "members", limit=70, organization_ids=named)
        enrolled = [member for member in members if member["totp_registration_id"]]
        assert enrolled and all(member["mfa_enrolled"] for member in enrolled)
        first = next(member for member in enrolled if "-live-0-" in member["member_id"])
        path = f"/_sandbox/source/users/{first['member_id']}/totp"
        secret = (await sandbox.call("GET", path, None)).body["secret"]
        assert secret not in json.dumps(members)
        await sandbox.call("DELETE", path, None)
        again = await walk(sandbox, MEMBERS, "members", limit=70, organization_ids=named)
        gone = [one for one in again if one["email_address"] == first["email_address"]]
        assert {(one["totp_registration_id"], one["mfa_enrolled"]) for one in gone} == {("", False)}

    inside(CONFIG, test)


def test_a_membership_that_is_put_is_one_member_more() -> None:
    async def test(sandbox: Sandbox) -> None:
        named, person = await organizations(sandbox), sandbox.world.population.record(7)["member_id"]
        path = f"/_sandbox/source/organizations/{named[100]}/members/{person}"
        before = await walk(sandbox, MEMBERS, "members", limit=999, organization_ids=named)
        assert (await sandbox.call("PUT", path, None, json={"roles": ["billing"]})).status == 200
        after = await walk(sandbox, MEMBERS, "members", limit=999, organization_ids=named)
        (new,) = [member for member in after if member not in before]
        assert new["organization_id"] == named[100]
        assert len({member["member_id"] for member in after}) == len(before) + 1
        await sandbox.call("DELETE", path, None)
        assert await walk(sandbox, MEMBERS, "members", limit=999, organization_ids=named) == before

    inside(CONFIG, test)
