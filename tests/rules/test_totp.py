"""Authenticator apps: which can move, and why the others can't."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.rules.totp import factor, normal_secret, secret_problem

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def test_a_bare_secret_moves_as_the_app_shows_it() -> None:
    found = factor("f1", "u1", "jbsw y3dp-ehpk 3pxp jbsw y3dp ehpk 3pxp", issuer="Acme", account="ana")
    assert found.problem is None and found.secret is not None
    assert found.secret.get_secret_value() == SECRET
    assert found.request() == {"type": "totp", "totp_issuer": "Acme", "totp_user": "ana"}


def test_an_address_of_an_app_tells_issuer_and_account() -> None:
    uri = (
        f"otpauth://totp/Acme:ana%40example.com?secret={SECRET}&issuer=Acme&algorithm=SHA1&digits=6&period=30"
    )
    found = factor("f1", "u1", uri)
    assert (found.problem, found.issuer, found.account) == (None, "Acme", "ana@example.com")


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        (f"otpauth://totp/A:b?secret={SECRET}&algorithm=SHA256", "algorithm is SHA256"),
        (f"otpauth://totp/A:b?secret={SECRET}&digits=8", "digits is 8"),
        (f"otpauth://totp/A:b?secret={SECRET}&period=60", "period is 60"),
        (f"otpauth://hotp/A:b?secret={SECRET}&counter=1", "hotp, not TOTP"),
        ("otpauth://totp/A:b", "fewer than"),
        ("not base32!", "not Base32"),
        ("JBSWY3DP", "5 bytes, fewer than"),
    ],
)
def test_others_say_why_and_never_the_secret(uri: str, why: str) -> None:
    found = factor("f1", "u1", uri)
    assert found.secret is None and found.problem is not None
    assert why in found.problem and SECRET not in found.problem


@given(st.binary(min_size=10, max_size=64))
def test_every_key_of_ten_bytes_or_more_is_a_secret(key: bytes) -> None:
    written = base64.b32encode(key).decode()
    assert secret_problem(written) is None
    plain = normal_secret(written)
    assert base64.b32decode(plain + "=" * (-len(plain) % 8)) == key


@given(st.text(max_size=80))
def test_no_text_makes_it_fall(text: str) -> None:
    found = factor("f1", "u1", text)
    assert (found.secret is None) == (found.problem is not None)
