"""What stands for organizations in a pool, as the operator says; groups as roles, in short pages."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
from aiohttp import web

from cockpit.records import Membership, Organization
from cockpit.settings import MappingSettings, PasswordSettings, SettingsError
from cockpit.sources import _cognito_tenancy as tenancy
from cockpit.sources._cognito_signer import Signer
from cockpit.sources.base import Mappers, MappingContext, SourceRefused
from cockpit.sources.cognito import PROVIDER
from cockpit.terms import Kind
from tests.clocks import LeapingClock
from tests.servers import serving
from tests.sources.memos import FakeMemo, settings_with
from tests.sources.sides import everybody, read

POOL = "eu-central-1_Pool"
GROUPS = {"admin": [0, 1], "buyer": [1, 2, 3], f"{POOL}_Google": [4]}
PEOPLE = 6


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "KEY", "AWS_SECRET_ACCESS_KEY": "a-secret", "COGNITO_USER_POOL_ID": POOL,
        "COGNITO_CHAINS": "1", "COGNITO_REQUESTS_PER_S": "1000",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)


def person(number: int) -> dict[str, Any]:
    attributes = [{"Name": "sub", "Value": f"s{number}"}]
    if number < 4:
        attributes.append({"Name": "custom:tenant", "Value": ("acme", "zenith")[number % 2]})
    return {"Username": f"u{number}", "Attributes": attributes}


class Aws:
    """A pool of six, whose lists come two at a time; `denied` operations are refused."""

    def __init__(self, denied: str = "") -> None:
        self.denied, self.asked = denied, Counter[str]()

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        body = await request.json()
        self.asked[operation] += 1
        if operation == self.denied:
            return web.json_response({"__type": "AccessDeniedException", "message": "no"}, status=400)
        match operation:
            case "DescribeUserPool":
                return web.json_response({"UserPool": {"Id": POOL, "Name": "Shop"}})
            case "ListGroups":
                return self._page("Groups", "NextToken", [{"GroupName": name} for name in GROUPS], body)
            case "ListUsersInGroup":
                return self._page("Users", "NextToken", [person(n) for n in GROUPS[body["GroupName"]]], body)
        return self._page("Users", "PaginationToken", [person(n) for n in range(PEOPLE)], body)

    def _page(self, key: str, token: str, found: list[Any], body: dict[str, Any]) -> web.StreamResponse:
        start = int(body.get(token, 0))
        end = start + 2
        return web.json_response({key: found[start:end], token: str(end) if end < len(found) else None})


def mappers(organizations: str) -> Mappers:
    assert PROVIDER.tenancy is not None
    facts = {tenancy.SETTING: organizations}
    return PROVIDER.tenancy.map(MappingContext(MappingSettings(), PasswordSettings(), facts))


def records(kind: Kind, organizations: str, aws: Aws | None = None) -> list[Any]:
    """What is read of a kind, mapped."""

    async def main() -> list[Any]:
        async with serving(aws or Aws()) as url:
            memo = FakeMemo()
            table = {"base_url": url, "organizations": organizations}
            source = await PROVIDER.openers[kind](settings_with(table), memo, LeapingClock())
            assert memo.get(tenancy.SETTING) == organizations
            try:
                assert await source.count() is None
                first = await everybody(source)
                again = [page for chain in await source.sweep(7, None) for page in await read(source, chain)]
                items = [item for page in first for item in page.items]
                assert {item for page in again for item in page.items} == set(items)
                return [json.loads(item.body) for item in items]
            finally:
                await source.close()

    to = getattr(mappers(organizations), kind)
    return [to(raw) for raw in asyncio.run(main())]


def members(organizations: str) -> list[tuple[str, str, tuple[str, ...]]]:
    found = records("membership", organizations)
    assert all(isinstance(one, Membership) for one in found)
    return [(one.organization, one.user, one.roles) for one in found]


def test_by_default_there_are_no_organizations_and_groups_are_roles() -> None:
    assert records("organization", "none") == records("membership", "none") == []
    # What Cognito makes for the users of an identity provider is nobody's role.
    assert [role.slug for role in records("role", "none")] == ["admin", "buyer"]


def test_the_pool_may_be_one_organization_of_everybody() -> None:
    (organization,) = records("organization", "pool")
    assert (organization.source_id, organization.name) == (POOL, "Shop")
    assert members("pool") == [
        (POOL, "s0", ("admin",)),
        (POOL, "s1", ("admin", "buyer")),
        (POOL, "s2", ("buyer",)),
        (POOL, "s3", ("buyer",)),
        (POOL, "s4", ()),
        (POOL, "s5", ()),
    ]


def test_each_group_may_be_one() -> None:
    assert [one.name for one in records("organization", "groups")] == ["admin", "buyer"]
    assert records("role", "groups") == []
    assert members("groups") == [
        ("admin", "s0", ()),
        ("admin", "s1", ()),
        *(("buyer", f"s{n}", ()) for n in (1, 2, 3)),
    ]


def test_an_attribute_may_name_one() -> None:
    assert members("custom:tenant") == [
        ("acme", "s0", ("admin",)),
        ("zenith", "s1", ("admin", "buyer")),
        ("acme", "s2", ("buyer",)),
        ("zenith", "s3", ("buyer",)),
    ]
    assert records("organization", "custom:tenant") == []  # users tell of it
    told = mappers("custom:tenant").of_user
    assert told is not None
    (organization,) = told(person(1))
    assert isinstance(organization, Organization)
    assert (organization.source_id, organization.name) == ("zenith", "zenith")
    assert list(told(person(5))) == []
    assert mappers("pool").of_user is None


def test_groups_are_read_once_for_all_chains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COGNITO_CHAINS", "16")
    monkeypatch.setenv("COGNITO_SWEEP", "false")
    aws = Aws()

    async def main() -> None:
        async with serving(aws) as url:
            settings = settings_with({"base_url": url, "organizations": "pool"})
            source = await PROVIDER.openers["membership"](settings, FakeMemo(), LeapingClock())
            chains = await source.chains()
            await asyncio.gather(*(read(source, chain) for chain in chains))
            assert len(chains) == 16 and await source.sweep(7, None) == []
            await source.close()

    asyncio.run(main())
    assert aws.asked == {"ListGroups": 2, "ListUsersInGroup": 3, "ListUsers": 48}


@pytest.mark.parametrize(
    ("kind", "organizations", "operation"),
    [
        ("organization", "pool", "DescribeUserPool"),
        ("role", "none", "ListGroups"),
        ("membership", "groups", "ListUsersInGroup"),
    ],
)
def test_a_permission_that_is_missing_is_named(kind: Kind, organizations: str, operation: str) -> None:
    with pytest.raises(SourceRefused, match=f"cognito-idp:{operation} is needed"):
        records(kind, organizations, Aws(operation))


@pytest.mark.parametrize("organizations", ["some", "custom:", "pools", "custom"])
def test_what_stands_for_organizations_is_one_of_four(organizations: str) -> None:
    with pytest.raises(SettingsError, match="organizations"):
        PROVIDER.identity(settings_with({"organizations": organizations}))


@pytest.mark.parametrize(
    "operation", ["AdminCreateUser", "AdminAddUserToGroup", "CreateGroup", "UpdateUserPool"]
)
def test_nothing_that_writes_is_ever_signed(operation: str) -> None:
    with pytest.raises(ValueError, match="nothing was sent"):
        Signer(None, "eu-central-1", "http://127.0.0.1:9").sign(operation, {})


def test_sms_as_a_second_factor_is_told_of() -> None:
    mapper = PROVIDER.mapper(MappingContext(MappingSettings(), PasswordSettings(), {}))
    options = [{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]
    assert mapper(person(1) | {"MFAOptions": options}).lost_factors == ("sms",)
    assert mapper(person(1)).lost_factors == ()
