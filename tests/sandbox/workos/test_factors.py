"""/user_management/users/{id}/auth_factors: TOTP secrets that are imported and can be proved."""

import pytest

from cockpit.sandbox.workos import totp
from tests.sandbox.inside import BARE, Answer, Sandbox, inside
from tests.sandbox.workos.tenants import user

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The ASCII digits 12345678901234567890, RFC 6238's test key for SHA-1."""


async def enroll(sandbox: Sandbox, ident: str, **fields: str) -> Answer:
    path = f"/user_management/users/{ident}/auth_factors"
    return await sandbox.call("POST", path, json={"type": "totp"} | fields)


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_rfc(second: int, code: str) -> None:
    assert totp.code(totp.key(SECRET), second // totp.PERIOD) == code
    assert totp.is_right(totp.key(SECRET), code, second + totp.PERIOD)
    assert not totp.is_right(totp.key(SECRET), code, second + 2 * totp.PERIOD)


@pytest.mark.parametrize(
    "secret", ["", "a", "geza", "GEZ1", "GEZ DGNB", "G", "GEZ", "GEZDGN", "GE=", "GE======="]
)
def test_what_is_no_base32_is_no_secret(secret: str) -> None:
    with pytest.raises(ValueError, match=r"Base32|padding"):
        totp.key(secret)


def test_a_secret_may_have_its_padding() -> None:
    assert totp.key("GE======") == totp.key("GE") == b"1"


def test_a_factor_is_enrolled_with_its_secret_and_shows_it_once() -> None:
    async def test(sandbox: Sandbox) -> None:
        ident = await user(sandbox)
        enrolled = await enroll(sandbox, ident, totp_secret=SECRET, totp_issuer="Acme", totp_user="a b")
        assert enrolled.status == 201
        factor = enrolled.body["authentication_factor"]
        assert factor["totp"]["secret"] == SECRET
        assert factor["totp"]["uri"] == f"otpauth://totp/Acme%3Aa%20b?secret={SECRET}&issuer=Acme"
        assert enrolled.body["authentication_challenge"]["authentication_factor_id"] == factor["id"]
        listed = (await sandbox.call("GET", f"/user_management/users/{ident}/auth_factors")).body["data"]
        assert [(row["id"], row["totp"]) for row in listed] == [
            (factor["id"], {"issuer": "Acme", "user": "a b"})
        ]
        assert listed[0]["created_at"] == factor["created_at"]
        assert (await sandbox.call("GET", f"/auth/factors/{factor['id']}")).body == listed[0]

    inside(BARE, test)


def test_the_same_request_twice_makes_two_factors() -> None:
    async def test(sandbox: Sandbox) -> None:
        ident = await user(sandbox)
        made = [
            (await enroll(sandbox, ident, totp_secret=SECRET)).body["authentication_factor"] for _ in range(2)
        ]
        assert made[0]["totp"] == made[1]["totp"]
        path = f"/user_management/users/{ident}/auth_factors"
        page = (await sandbox.call("GET", f"{path}?limit=1&order=asc")).body
        assert [row["id"] for row in page["data"]] == [made[0]["id"]]
        assert page["list_metadata"]["after"] == made[0]["id"]
        assert (await sandbox.call("DELETE", f"/auth/factors/{made[0]['id']}")).status == 204
        assert [row["id"] for row in (await sandbox.call("GET", path)).body["data"]] == [made[1]["id"]]
        assert (await sandbox.call("DELETE", f"/auth/factors/{made[0]['id']}")).status == 404

    inside(BARE, test)


def test_issuer_account_and_secret_have_defaults() -> None:
    async def test(sandbox: Sandbox) -> None:
        shown = (await enroll(sandbox, await user(sandbox))).body["authentication_factor"]["totp"]
        assert (shown["issuer"], shown["user"]) == ("Sandbox", "ana@b.example")
        assert len(totp.key(shown["secret"])) == 20

    inside(BARE, test)


def test_what_can_not_be_a_factor_is_refused_without_repeating_the_secret() -> None:
    async def test(sandbox: Sandbox) -> None:
        ident = await user(sandbox)
        for fields in ({"totp_secret": "not base32!"}, {"totp_secret": ""}, {"type": "sms"}):
            refused = await enroll(sandbox, ident, **fields)
            assert (refused.status, refused.code) == (422, "invalid_request_parameters")
            assert b"not base32!" not in refused.raw
        assert (await enroll(sandbox, "user_none", totp_secret=SECRET)).status == 404
        assert len(sandbox.world.factors) == 0

    inside(BARE, test)


def test_a_code_proves_that_the_secret_survived() -> None:
    async def test(sandbox: Sandbox) -> None:
        ident = await user(sandbox)
        factor = (await enroll(sandbox, ident, totp_secret=SECRET)).body["authentication_factor"]["id"]
        right = totp.code(totp.key(SECRET), int(sandbox.clock.now() // totp.PERIOD))
        wrong = f"{(int(right) + 1) % 10**6:06}"
        for who in (ident, "ana"):
            proof = await sandbox.call("GET", f"/_sandbox/totp?user={who}&code={right}", None)
            assert proof.body == {"right": True, "factors": {factor: True}}
        proof = await sandbox.call("GET", f"/_sandbox/totp?user={ident}&code={wrong}", None)
        assert proof.body == {"right": False, "factors": {factor: False}}
        assert (await sandbox.call("GET", "/_sandbox/totp?user=nobody&code=1", None)).status == 404

    inside(BARE, test)


def test_a_deleted_user_takes_the_factors_along() -> None:
    async def test(sandbox: Sandbox) -> None:
        ident, other = await user(sandbox), await user(sandbox, "other")
        for who in (ident, other):
            await enroll(sandbox, who, totp_secret=SECRET)
        await sandbox.call("DELETE", f"/user_management/users/{ident}")
        assert [factor.user_id for factor in sandbox.world.factors] == [other]

    inside(BARE, test)
