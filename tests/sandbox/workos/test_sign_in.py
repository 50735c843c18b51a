"""POST /user_management/authenticate verifies the hash that was imported."""

import sys

import pytest

from cockpit.sandbox.config import SandboxConfig
from tests.sandbox.inside import BARE, BCRYPT, Answer, Sandbox, inside

PASSWORD = "correct horse battery"


async def sign_in(sandbox: Sandbox, password: str, email: str = "ana@example.com", **body: object) -> Answer:
    asked = {
        "grant_type": "password",
        "client_id": "client_sandbox",
        "client_secret": "sk_sandbox",
        "email": email,
        "password": password,
    }
    return await sandbox.call("POST", "/user_management/authenticate", None, json=asked | body)


def test_the_right_password_signs_in_and_a_wrong_one_does_not() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.create(email="ana@example.com", password_hash=BCRYPT, password_hash_type="bcrypt")
        right = await sign_in(sandbox, PASSWORD, email="ANA@example.com ")
        assert right.status == 200
        assert right.body["user"]["last_sign_in_at"] is not None
        assert right.body["authentication_method"] == "Password"
        wrong = await sign_in(sandbox, "another one")
        assert (wrong.status, wrong.code) == (400, "invalid_credentials")

    inside(BARE, test)


def test_nobody_signs_in_without_a_password_or_an_account() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.create(email="ana@example.com")
        assert (await sign_in(sandbox, PASSWORD)).code == "invalid_credentials"
        assert (await sign_in(sandbox, PASSWORD, email="bo@example.com")).code == "invalid_credentials"

    inside(BARE, test)


def test_the_key_and_the_grant_are_checked() -> None:
    async def test(sandbox: Sandbox) -> None:
        assert (await sign_in(sandbox, PASSWORD, client_secret="sk_other")).status == 401
        assert (await sign_in(sandbox, PASSWORD, grant_type="magic")).status == 422
        assert (await sign_in(sandbox, PASSWORD, client_id=None)).status == 422

    inside(BARE, test)


def test_an_email_may_try_ten_times_a_minute() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.create(email="ana@example.com", password="a plain password")
        for _ in range(10):
            assert (await sign_in(sandbox, "no")).status == 400
        assert (await sign_in(sandbox, "a plain password")).status == 429
        sandbox.clock.advance(60)
        assert (await sign_in(sandbox, "a plain password")).status == 200

    inside(SandboxConfig(source="none", rate_window="sliding"), test)


@pytest.mark.parametrize("library", ["bcrypt"])
def test_a_missing_library_is_said_clearly(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)

    async def test(sandbox: Sandbox) -> None:
        await sandbox.create(email="ana@example.com", password_hash=BCRYPT, password_hash_type="bcrypt")
        answer = await sign_in(sandbox, PASSWORD)
        assert answer.status == 501
        assert "bcrypt is not installed" in answer.body["message"]

    inside(BARE, test)
