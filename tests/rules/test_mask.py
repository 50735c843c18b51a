"""What may be shown."""

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.rules.mask import MASK, is_secret, mask, printable

BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Zoë ☕ 👩‍💻", "Zoë ☕ 👩‍💻"),
        ("\x1b[2J\x00", "\\x1b[2J\\x00"),
        ("two\nlines\r\t", "two\\x0alines\\x0d\\x09"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u202eb", "a\\u202eb"),
        ("\ud800", "\\ud800"),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters(codec=None)))
def test_what_is_printable_is_one_harmless_line(text: str) -> None:
    shown = printable(text)
    assert printable(shown) == shown
    assert len(shown.splitlines()) <= 1
    assert not any(unicodedata.category(char) in ("Cc", "Cs") or char in BIDI for char in shown)
    shown.encode()


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs"))))
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    "key",
    [
        "password_hash",
        "passwordHash",
        "password",
        "salt",
        "totp_secret",
        "client_secret",
        "clientSecret",
        "access_token",
        "refreshToken",
        "signerKey",
        "signer_key",
        "private_key",
        "Authorization",
        "api-key",
        "encrypted_password",
        "recovery_codes",
    ],
)
def test_secret_keys(key: str) -> None:
    assert is_secret(key)
    assert mask({"deep": [{key: "s3cret"}]}) == {"deep": [{key: MASK}]}


@pytest.mark.parametrize(
    "key", ["email", "password_hash_type", "password_salt_position", "passwordUpdatedAt", "localId", "key"]
)
def test_other_keys(key: str) -> None:
    assert mask({key: "shown"}) == {key: "shown"}


def test_that_there_is_no_secret_is_no_secret() -> None:
    value: dict[str, object] = {
        "password_hash": None,
        "salt": "",
        "password": False,
        "token": [],
        "secret": {},
    }
    assert mask(value) == value


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_masking_keeps_the_shape_and_is_done_once(value: Any) -> None:
    masked = mask(value)
    assert mask(masked) == masked
    json.dumps(masked)


@given(json_values)
def test_nothing_under_a_secret_key_shows(value: Any) -> None:
    shown = json.dumps(mask({"a": value, "client_secret": ["s3cret-s3cret", value]}))
    assert "s3cret-s3cret" not in shown
