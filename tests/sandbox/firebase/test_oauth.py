"""A service account's signed assertion is exchanged for a token, and nothing else is."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from cockpit.sandbox.config import SandboxConfig
from tests.sandbox.inside import Answer, Sandbox, inside

CONFIG = SandboxConfig(source="firebase", users=60)
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ACCOUNTS = "/identitytoolkit.googleapis.com/v1/projects/demo-sandbox/accounts:batchGet"


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def signed(account: Any, claims: dict[str, Any], algorithm: str = "RS256") -> str:
    key = serialization.load_pem_private_key(account["private_key"].encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    text = ".".join(encoded(json.dumps(part).encode()) for part in ({"alg": algorithm}, claims))
    return f"{text}.{encoded(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


async def account_of(sandbox: Sandbox) -> tuple[Any, dict[str, Any]]:
    account = (await sandbox.call("GET", "/_sandbox/firebase/service-account.json", None)).body
    now = int(sandbox.clock.now())
    claims = {"iss": account["client_email"], "aud": account["token_uri"], "iat": now, "exp": now + 3600}
    return account, claims


async def exchange(sandbox: Sandbox, assertion: str, grant: str = GRANT) -> Answer:
    form = {"grant_type": grant, "assertion": assertion}
    return await sandbox.call("POST", "/oauth2/token", None, data=form)


def test_a_good_assertion_gives_a_token_of_an_hour() -> None:
    async def test(sandbox: Sandbox) -> None:
        account, claims = await account_of(sandbox)
        assert account["token_uri"] == f"{sandbox.base_url}/oauth2/token"
        answer = await exchange(sandbox, signed(account, claims))
        assert (answer.status, answer.body["expires_in"]) == (200, 3600)
        token = answer.body["access_token"]
        assert (await sandbox.call("GET", ACCOUNTS, token)).status == 200
        sandbox.clock.advance(3601)
        assert (await sandbox.call("GET", ACCOUNTS, token)).status == 401

    inside(CONFIG, test)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "somebody@else.example"},
        {"aud": "https://elsewhere.example/"},
        {"exp": None},
        {"iat": 0},
        {"exp": 1_700_000_000 + 3601},
        {"iat": 1_700_000_000 - 3600, "exp": 1_700_000_000 - 1},
    ],
)
def test_wrong_claims_are_an_invalid_grant(change: dict[str, Any]) -> None:
    async def test(sandbox: Sandbox) -> None:
        account, claims = await account_of(sandbox)
        answer = await exchange(sandbox, signed(account, claims | change))
        assert (answer.status, answer.body["error"]) == (400, "invalid_grant")

    inside(CONFIG, test)


def test_a_forged_assertion_is_an_invalid_grant() -> None:
    async def test(sandbox: Sandbox) -> None:
        account, claims = await account_of(sandbox)
        good = signed(account, claims)
        forged = [
            "",
            "a.b.c",
            good[:-8] + "AAAAAAAA",
            good.rpartition(".")[0] + ".",
            signed(account, claims, algorithm="HS256"),
        ]
        for assertion in forged:
            assert (await exchange(sandbox, assertion)).body["error"] == "invalid_grant"
        assert (await exchange(sandbox, good, "password")).body["error"] == "unsupported_grant_type"

    inside(CONFIG, test)
