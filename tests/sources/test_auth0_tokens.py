"""Auth0's tokens and settings."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from cockpit.settings import SettingsError
from cockpit.sources.auth0 import PROVIDER
from cockpit.sources.base import SourceRefused
from tests.clocks import FakeClock
from tests.sources.auth0_tenant import Reply, Tenant, everybody, exported
from tests.sources.memos import FakeMemo, ids, opened, settings_with

pytestmark = pytest.mark.usefixtures("auth0_credentials")


# tokens


def test_a_token_is_renewed_before_its_end() -> None:
    tenant, clock = Tenant(), FakeClock()
    tenant.token_lives = 100
    tenant.keep_waiting(*["pending"] * 8)
    exported(tenant, FakeMemo(), clock)
    assert tenant.tokens == 2  # after 40 of the 55 s that the job took


def test_a_token_refused_before_its_time_is_renewed_once() -> None:
    tenant = Tenant()

    async def before(request: web.Request) -> Reply:
        old = request.headers.get("authorization") == "Bearer t1"
        return web.json_response({"message": "Expired"}, status=401) if old else None

    tenant.before = before
    assert ids(exported(tenant, FakeMemo())) == everybody()
    assert tenant.tokens == 2


def test_a_refused_secret_says_so_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH0_CLIENT_SECRET", "wr0ng-s3cret")
    with pytest.raises(SourceRefused, match="AUTH0_CLIENT_SECRET are refused") as caught:
        exported(Tenant(), FakeMemo())
    assert "wr0ng-s3cret" not in str(caught.value)


def test_a_token_given_as_it_is_ends_resumably(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH0_TOKEN", "s3cret-token")
    tenant = Tenant()

    async def before(request: web.Request) -> Reply:
        if request.path.startswith("/file"):
            return None
        assert request.headers["authorization"] == "Bearer s3cret-token"
        return web.json_response({"message": "Expired token received"}, status=401)

    tenant.before = before
    with pytest.raises(
        SourceRefused, match=r"AUTH0_TOKEN is no longer accepted.*same command resumes"
    ) as caught:
        exported(tenant, FakeMemo())
    assert "s3cret-token" not in str(caught.value)
    assert tenant.tokens == 0


# settings


@pytest.mark.parametrize(
    ("table", "identity"),
    [
        ({"domain": "acme.us.auth0.com"}, "auth0:acme.us.auth0.com"),
        ({"domain": "https://acme.us.auth0.com/"}, "auth0:acme.us.auth0.com"),
        ({"domain": "acme.example", "base_url": "http://127.0.0.1:1/auth0"}, "auth0:acme.example"),
        ({"base_url": "http://127.0.0.1:1/auth0"}, "auth0:127.0.0.1:1/auth0"),
    ],
)
def test_identity(table: dict[str, Any], identity: str) -> None:
    assert PROVIDER.identity(settings_with(table)) == identity


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="AUTH0_DOMAIN"):
        PROVIDER.identity(settings_with({}))
    monkeypatch.delenv("AUTH0_CLIENT_SECRET")
    with pytest.raises(SettingsError, match="no credentials"):
        asyncio.run(opened("auth0", {"domain": "acme.example"}, FakeMemo(), FakeClock()))


def test_a_secret_in_the_file_is_refused() -> None:
    with pytest.raises(SettingsError, match="client_secret") as caught:
        PROVIDER.identity(settings_with({"domain": "acme.example", "client_secret": "s3cret"}))
    assert "s3cret" not in str(caught.value)
