"""/user_management/password_reset: a person who lost the password chooses a new one."""

from cockpit.sandbox.config import SandboxConfig
from cockpit.sandbox.workos.resets import LIFE_MS
from tests.sandbox.inside import BARE, Answer, Sandbox, inside
from tests.sandbox.workos.test_sign_in import sign_in

CREATE, CONFIRM = "/user_management/password_reset", "/user_management/password_reset/confirm"
CHOSEN = "another battery staple"


async def reset(sandbox: Sandbox, email: str = "ana@example.com") -> Answer:
    return await sandbox.call("POST", CREATE, json={"email": email})


async def confirm(sandbox: Sandbox, token: str) -> Answer:
    return await sandbox.call("POST", CONFIRM, json={"token": token, "new_password": CHOSEN})


def test_the_chosen_password_signs_in_and_the_token_serves_once() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.create(email="ana@example.com")
        token = (await reset(sandbox)).body["password_reset_token"]
        assert (await confirm(sandbox, token)).status == 200
        assert (await sign_in(sandbox, CHOSEN)).status == 200
        assert (await confirm(sandbox, token)).status == 404

    inside(BARE, test)


def test_a_token_expires() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.create(email="ana@example.com")
        token = (await reset(sandbox)).body["password_reset_token"]
        sandbox.clock.advance(LIFE_MS / 1000 + 1)
        assert (await confirm(sandbox, token)).status == 404

    inside(BARE, test)


def test_nobody_has_a_reset_who_is_not_there() -> None:
    async def test(sandbox: Sandbox) -> None:
        assert (await reset(sandbox)).code == "entity_not_found"

    inside(BARE, test)


def test_an_email_has_three_a_minute() -> None:
    async def test(sandbox: Sandbox) -> None:
        for name in ("ana", "bo"):
            await sandbox.create(email=f"{name}@example.com")
        answers = [(await reset(sandbox)).status for _ in range(4)]
        assert answers == [201, 201, 201, 429]
        assert (await reset(sandbox, "bo@example.com")).status == 201

    inside(SandboxConfig(source="none", limits="published"), test)
