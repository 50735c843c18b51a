"""Firebase's tenants as organizations, roles that a custom claim names, and factors without secrets."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from cockpit.records import Membership, User
from cockpit.settings import MappingSettings, PasswordSettings
from cockpit.sources import _firebase_tenancy as tenancy
from cockpit.sources.base import Mappers, MappingContext
from cockpit.sources.firebase import PROVIDER
from cockpit.terms import Page
from tests.clocks import FakeClock
from tests.servers import Handler, serving
from tests.sources.memos import FakeMemo, settings_with
from tests.sources.sides import everybody

WARNING = "firebase.warning:tenants"


def facts(claim: str | None) -> MappingContext:
    known = {tenancy.CLAIM: claim} if claim else {}
    return MappingContext(MappingSettings(), PasswordSettings(), known)


def mappers(claim: str | None = None) -> Mappers:
    assert PROVIDER.tenancy is not None
    return PROVIDER.tenancy.map(facts(claim))


def mapped(claim: str | None, **fields: Any) -> User:
    return PROVIDER.mapper(facts(claim))({"localId": "X7aB", "email": "ana@example.com", **fields})


def read(handler: Handler, memo: FakeMemo, monkeypatch: pytest.MonkeyPatch) -> list[Page]:
    async def main() -> list[Page]:
        async with serving(handler) as url:
            monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", url.removeprefix("http://"))
            settings = settings_with({"project": "p"})
            source = await PROVIDER.openers["organization"](settings, memo, FakeClock())
            try:
                return await everybody(source)
            finally:
                await source.close()

    return asyncio.run(main())


def test_a_tenants_signer_key_is_left_out_of_its_record(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = {"name": "projects/p/tenants/acme-1", "displayName": "Acmé", "hashConfig": {"signerKey": "k3y"}}

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response({"tenants": [tenant]})

    memo = FakeMemo()
    memo.facts[WARNING] = "no tenants read: the role was missing"
    (page,) = read(answer, memo, monkeypatch)
    assert [item.id for item in page.items] == ["acme-1"]
    assert "k3y" not in page.items[0].body and "Acmé" in page.items[0].body
    assert memo.get(WARNING) is None  # it is over


def test_a_project_without_identity_platform_has_none_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": {"message": "OPERATION_NOT_ALLOWED"}}, status=400)

    memo = FakeMemo()
    assert [page.items for page in read(answer, memo, monkeypatch)] == [[]]
    assert memo.get(WARNING) == "no tenants read: OPERATION_NOT_ALLOWED"


# the mapping


def test_a_tenant() -> None:
    to = mappers().organization
    assert to is not None
    made = to({"name": "projects/p/tenants/acme-1", "displayName": "Acme"})
    assert (made.source_id, made.name, made.metadata) == ("acme-1", "Acme", {"provider": "firebase"})
    with pytest.raises(ValueError, match="no name"):
        to({"displayName": "Acme"})


@pytest.mark.parametrize(
    ("claim", "claims", "roles"),
    [
        (None, {"role": "admin"}, ()),
        ("role", {"role": "admin"}, ("admin",)),
        ("roles", {"roles": ["admin", "buyer", "admin", 7]}, ("admin", "buyer")),
        ("roles", {"roles": {"admin": True, "buyer": False}}, ("admin",)),
        ("admin", {"admin": True}, ("admin",)),
        ("admin", {"admin": False}, ()),
        ("role", {}, ()),
        ("role", {"role": 7}, ()),
    ],
)
def test_a_membership_has_the_roles_of_the_claim(claim: str, claims: Any, roles: tuple[str, ...]) -> None:
    to = mappers(claim).of_user
    assert to is not None
    raw = {"localId": "X7aB", "tenantId": "acme-1", "customAttributes": json.dumps(claims)}
    assert list(to(raw)) == [Membership(user="acme-1/X7aB", organization="acme-1", roles=roles)]
    assert list(to(raw | {"tenantId": None})) == []


@pytest.mark.parametrize("written", [None, "", "not JSON", "[]", 7])
def test_claims_that_are_none_name_no_role(written: Any) -> None:
    assert tenancy.roles({"customAttributes": written}, "role") == ()


def test_roles_outside_any_tenant_are_told_of() -> None:
    claims = '{"role":"admin"}'
    assert mapped(None, customAttributes=claims).warnings == ()
    assert mapped("role", customAttributes=claims, tenantId="acme-1").warnings == ()
    (warning,) = mapped("role", customAttributes=claims).warnings
    assert warning == "customAttributes: admin left out, as roles are held in an organization only"


def test_no_second_factor_can_move() -> None:
    enrolled = [{"phoneInfo": "+1555"}, {"phoneInfo": "+1556"}, {"totpInfo": {}}, {"mfaEnrollmentId": "e"}]
    assert mapped(None, mfaInfo=enrolled).lost_factors == ("sms", "totp", "other")
    assert mapped(None, mfaInfo=None).lost_factors == ()
