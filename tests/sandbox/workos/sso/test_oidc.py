"""Sign-ins by OpenID Connect: WorkOS redeems the code at the IdP and verifies the ID token."""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

import pytest

from tests.sandbox.inside import BARE, Sandbox, inside
from tests.sandbox.workos.sso.oidc_provider import CLIENT, SECRET, Provider, provider
from tests.sandbox.workos.sso.signing_in import begin, browse, connection, query, state_of, story

LEGACY = "https://app.example/sso/acme/callback"
Test = Callable[[Sandbox, Provider, dict[str, Any]], Awaitable[None]]


def with_provider(test: Test) -> None:
    """Run the test with a connection of such a provider."""

    async def main(sandbox: Sandbox) -> None:
        async with provider(sandbox.clock.now()) as idp:
            options = {
                "discovery_endpoint": idp.issuer,
                "client_id": CLIENT,
                "client_secret": SECRET,
                "redirect_uri": LEGACY,
                "pkce": True,
                "token_authentication_method": "client_secret_basic",
                "fetch_user_info": True,
            }
            await test(sandbox, idp, await connection(sandbox, oidc_options=options))

    inside(BARE, main)


def test_a_sign_in_by_query_or_by_form_post() -> None:
    async def test(sandbox: Sandbox, idp: Provider, row: dict[str, Any]) -> None:
        for method in ("GET", "POST"):
            location = await begin(sandbox, row["id"])
            code = idp.authorized(location)
            assert (idp.asked["redirect_uri"], idp.asked["client_id"]) == (LEGACY, CLIENT)
            sent = {"code": code, "state": state_of(location)}
            options = {"data": sent} if method == "POST" else {"params": sent}
            assert query(await browse(sandbox, method, row["callback_endpoint"], **options)).keys() == {
                "code",
                "state",
            }
        assert await story(sandbox) == ["started", "succeeded"] * 2
        arrivals = (await sandbox.call("GET", "/_sandbox/sso/arrivals", None)).body["arrivals"]
        assert [one["sha256"] for one in arrivals] == [sha256(b"the-code").hexdigest()] * 2

    with_provider(test)


@pytest.mark.parametrize(
    "changes",
    [{"nonce": "another"}, {"aud": "another"}, {"iss": "https://elsewhere.example"}, {"exp": 1_600_000_000}],
)
def test_id_tokens_that_are_not_believed(changes: dict[str, Any]) -> None:
    async def test(sandbox: Sandbox, idp: Provider, row: dict[str, Any]) -> None:
        idp.changes = changes
        await _refused(sandbox, idp, row)

    with_provider(test)


def test_an_id_token_signed_by_a_stranger() -> None:
    async def test(sandbox: Sandbox, idp: Provider, row: dict[str, Any]) -> None:
        idp.signed_by_a_stranger()
        await _refused(sandbox, idp, row)

    with_provider(test)


def test_the_user_info_of_somebody_else() -> None:
    async def test(sandbox: Sandbox, idp: Provider, row: dict[str, Any]) -> None:
        idp.other_subject = True
        await _refused(sandbox, idp, row)

    with_provider(test)


async def _refused(sandbox: Sandbox, idp: Provider, row: dict[str, Any]) -> None:
    location = await begin(sandbox, row["id"])
    sent = {"code": idp.authorized(location), "state": state_of(location)}
    said = query(await browse(sandbox, "GET", row["callback_endpoint"], params=sent))
    assert (said["error"], said["state"]) == ("oauth_failed", "s1")
    assert await story(sandbox) == ["started", "failed:oauth_failed"]


def test_a_code_that_the_provider_refuses_and_an_error_that_it_sends() -> None:
    async def test(sandbox: Sandbox, idp: Provider, row: dict[str, Any]) -> None:
        location = await begin(sandbox, row["id"])
        idp.authorized(location)
        sent = {"code": "another", "state": state_of(location)}
        said = query(await browse(sandbox, "GET", row["callback_endpoint"], params=sent))
        assert said["error"] == "oauth_failed"
        sent = {"error": "access_denied", "state": state_of(await begin(sandbox, row["id"]))}
        said = query(await browse(sandbox, "GET", row["callback_endpoint"], params=sent))
        assert said["error"] == "access_denied"

    with_provider(test)


def test_a_state_of_somebody_else_redeems_nothing() -> None:
    async def test(sandbox: Sandbox, idp: Provider, row: dict[str, Any]) -> None:
        idp.authorized(await begin(sandbox, row["id"]))
        sent = {"code": "the-code", "state": "of-the-legacy-application"}
        answered = await browse(sandbox, "GET", row["callback_endpoint"], params=sent)
        assert answered.status == 400
        assert await story(sandbox) == ["started", "failed:oauth_failed"]

    with_provider(test)


def test_a_provider_that_is_away_sends_nobody_there() -> None:
    async def test(sandbox: Sandbox) -> None:
        options = {"discovery_endpoint": "http://127.0.0.1:9", "client_id": "c", "client_secret": "s"}
        row = await connection(sandbox, oidc_options=options)
        assert "error=oauth_failed" in await begin(sandbox, row["id"])

    inside(BARE, test)
