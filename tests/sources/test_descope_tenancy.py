"""Descope's tenants in one long answer, and what of a user's record is about them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from aiohttp import web

from cockpit.records import Domain, Membership, Role
from cockpit.settings import MappingSettings, PasswordSettings
from cockpit.sources.base import Mappers, MappingContext, Source, SourceError, SourceRefused
from cockpit.sources.descope import PROVIDER
from cockpit.terms import Page
from tests.clocks import FakeClock
from tests.servers import Handler, serving
from tests.sources.memos import FakeMemo, settings_with
from tests.sources.scripted import Descope
from tests.sources.sides import everybody, read, records

T = TypeVar("T")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in Descope.environment.items():
        monkeypatch.setenv(name, value)


def mappers(**mapping: Any) -> Mappers:
    assert PROVIDER.tenancy is not None
    return PROVIDER.tenancy.map(MappingContext(MappingSettings(**mapping), PasswordSettings(), {}))


def answering(body: bytes, status: int = 200) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=status, content_type="application/json")

    return answer


def reading(handler: Handler, work: Callable[[Source], Awaitable[T]]) -> T:
    """What comes of working with the tenants of a server."""

    async def main() -> T:
        async with serving(handler) as url:
            settings = settings_with({"base_url": url})
            source = await PROVIDER.openers["organization"](settings, FakeMemo(), FakeClock())
            try:
                return await work(source)
            finally:
                await source.close()

    return asyncio.run(main())


def test_an_answer_that_breaks_off_keeps_what_came_and_goes_on_there() -> None:
    tenants = [{"id": f"T{number:04}", "name": "Acme"} for number in range(2500)]
    whole = json.dumps({"tenants": tenants}).encode()
    came: list[Page] = []

    async def some(source: Source) -> None:
        async for page in source.pages("", None):
            came.append(page)

    with pytest.raises(SourceError, match="the same command resumes"):
        reading(answering(whole[: len(whole) * 9 // 10]), some)
    assert [len(page.items) for page in came] == [1000, 1000]

    async def others(source: Source) -> list[Page]:
        assert await source.count() == 2500
        return await read(source, "", came[-1].next_cursor)

    rest = reading(answering(whole), others)
    assert len(records(came) | records(rest)) == 2500
    assert [len(page.items) for page in rest] == [500]


@pytest.mark.parametrize("number", [0, 1000, 2000])
def test_a_full_last_page_is_the_last(number: int) -> None:
    whole = json.dumps({"tenants": [{"id": f"T{one}"} for one in range(number)]}).encode()
    pages = reading(answering(whole), everybody)
    assert len(pages) == max(1, number // 1000)
    assert len(records(pages)) == number


def test_a_key_that_may_not_is_a_refusal() -> None:
    body = json.dumps({"errorDescription": "no scope\x1b"}).encode()
    with pytest.raises(SourceRefused, match="tenant/all answered 403: no scope") as told:
        reading(answering(body, 403), everybody)
    assert str(told.value).isprintable()


# the mapping


def test_a_tenant() -> None:
    to = mappers(metadata=("plan",)).organization
    assert to is not None
    raw = {
        "id": "T2acme",
        "name": " Acme ",
        "selfProvisioningDomains": ["Acme.example", "acme.example", " ", 7],
        "customAttributes": {"plan": "team", "note": "x"},
    }
    made = to(raw)
    assert (made.source_id, made.name) == ("T2acme", "Acme")
    # Descope lets whoever runs a tenant name a domain; nobody has proved it.
    assert made.domains == (Domain(name="acme.example", verified=False),)
    assert made.metadata == {"provider": "descope", "plan": "team"}
    assert to({"id": "T2", "name": "\ud800"}).name == "�"
    assert to({"id": "T2", "selfProvisioningDomains": "acme.example"}).domains == ()


def test_a_role_of_one_tenant_is_that_organizations_own() -> None:
    to = mappers().role
    assert to is not None
    raw = {"name": "Buyer", "description": "", "permissionNames": ["Pay invoices"], "tenantId": "T2acme"}
    assert to(raw) == Role(slug="Buyer", name="Buyer", permissions=("Pay invoices",), organization="T2acme")
    assert to(raw | {"tenantId": ""}).organization is None


def test_memberships_come_from_the_users_record() -> None:
    to = mappers().of_user
    assert to is not None
    tenants = [
        {"tenantId": "T2a", "roleNames": ["Admin", "Buyer"], "permissions": ["x"]},
        {"tenantId": "T2b", "roleNames": None},
        {"tenantName": "without an id"},
    ]
    assert list(to({"userId": "U1", "userTenants": tenants})) == [
        Membership(user="U1", organization="T2a", roles=("Admin", "Buyer")),
        Membership(user="U1", organization="T2b"),
    ]
    assert list(to({"userId": "U1", "userTenants": None})) == []


def test_what_can_not_move_is_told_of() -> None:
    mapper = PROVIDER.mapper(MappingContext(MappingSettings(), PasswordSettings(), {}))
    user = mapper({"userId": "U1", "TOTP": True, "webauthn": True, "roleNames": ["Support", "Ünion"]})
    assert user.lost_factors == ("totp", "passkey")
    (warning,) = user.warnings
    assert warning.startswith("roleNames: Support, ") and warning.isascii()
    assert mapper({"userId": "U1", "TOTP": False}).lost_factors == ()
