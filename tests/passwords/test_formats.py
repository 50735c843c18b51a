"""Every type of hash, judged twice: by our rules and by the sandbox's parser, which was written apart."""

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.passwords import pbkdf2, salted_sha, scrypt, validate
from cockpit.sandbox.workos.hashes import BadHash, parse
from cockpit.terms import HASH_TYPES

SALT, KEY = "c2FsdHNhbHQ", "a2V5a2V5a2V5a2V5"
GOOD = {
    "bcrypt": "$2b$10$" + "N" * 53,
    "argon2": f"$argon2id$v=19$m=65536,t=3,p=4${SALT}${KEY}",
    "scrypt": f"$scrypt$v=1$n=16384,r=16,p=1,kl=12${SALT}${KEY}",
    "pbkdf2": f"$pbkdf2$i=600000,d=sha256${SALT}${KEY}",
    "firebase-scrypt": f"$firebase-scrypt$r=8,m=14,sk={KEY},ss=Bw${SALT}${KEY}",
    "ssha": salted_sha.encode(salted_sha.SSHA, bytes(20), b"salt"),
    "ssha256": salted_sha.encode(salted_sha.SSHA256, bytes(32), b"salt"),
}


def taken(kind: str, encoded: str) -> bool:
    try:
        parse(kind, encoded)
    except BadHash:
        return False
    return True


@pytest.mark.parametrize("kind", HASH_TYPES)
def test_a_good_one_is_taken(kind: str) -> None:
    assert validate(kind, GOOD[kind]) is None
    assert taken(kind, GOOD[kind])


@pytest.mark.parametrize(
    ("kind", "old", "new", "why"),
    [
        ("argon2", "v=19", "v=16", "version 16"),
        ("argon2", "m=65536", "m=1024", "m=1024"),
        ("argon2", "m=65536", "m=262145", "m=262145"),
        ("argon2", "t=3", "t=6", "t=6"),
        ("argon2", "p=4", "p=9", "p=9"),
        ("argon2", "$argon2id$v=19$m=65536,t=3", "$argon2i$v=19$m=65536,t=2", "argon2i with t=2"),
        ("scrypt", "n=16384", "n=16383", "power of two"),
        ("scrypt", "kl=12", "kl=64", "kl=64"),
        ("scrypt", "r=16", "r=0", "positive"),
        ("pbkdf2", "i=600000", "i=260000", "260,000 iterations"),
        ("pbkdf2", "i=600000", "i=1000001", "1,000,001 iterations"),
        ("pbkdf2", "d=sha256", "d=sha1", "sha1"),
        ("pbkdf2", "i=600000,d=sha256", "i=209999,d=sha512", "209,999"),
        ("ssha", "{SSHA}", "{SHA}", "does not begin"),
        ("ssha256", "{SSHA256}", "{SSHA}", "does not begin"),
        ("firebase-scrypt", "r=8", "r=9", "rounds 9"),
    ],
)
def test_what_is_outside_the_limits_is_refused_by_both(kind: str, old: str, new: str, why: str) -> None:
    encoded = GOOD[kind].replace(old, new)
    problem = validate(kind, encoded)
    assert problem is not None and why in problem
    assert not taken(kind, encoded)
    assert SALT not in problem and KEY not in problem


@given(kind=st.sampled_from(HASH_TYPES), data=st.data())
def test_both_judges_agree_on_what_was_garbled(kind: str, data: Any) -> None:
    good = GOOD[kind]
    at = data.draw(st.integers(0, len(good) - 1))
    change: Callable[[str], str] = data.draw(
        st.sampled_from(
            [
                lambda text: text[:at] + text[at + 1 :],
                lambda text: text[:at] + data.draw(st.sampled_from("$=,+/.09azAZ \n٣６é☃")) + text[at:],
                lambda text: text[:at],
                lambda text: text[:at] + text[at] * data.draw(st.integers(2, 5000)) + text[at + 1 :],
            ]
        )
    )
    encoded = change(good)
    assert (validate(kind, encoded) is None) == taken(kind, encoded), encoded


@pytest.mark.parametrize("kind", ["bcrypt", "argon2", "scrypt", "pbkdf2", "firebase-scrypt"])
@pytest.mark.parametrize("digits", ["9" * 5000, "١٠", "６"])
def test_numbers_are_few_ascii_digits(kind: str, digits: str) -> None:
    number = re.compile(r"(?<=[=$])[0-9]{1,8}(?=[$,])")
    places = [found for found in number.finditer(GOOD[kind]) if GOOD[kind][found.start() - 2] != "v"]
    assert places
    for place in places:
        encoded = GOOD[kind][: place.start()] + digits + GOOD[kind][place.end() :]
        assert validate(kind, encoded) is not None
        assert not taken(kind, encoded)


salts, keys = st.binary(min_size=1, max_size=64), st.binary(min_size=16, max_size=64)


@given(salt=salts, key=keys)
def test_what_is_written_is_read_as_the_same_bytes(salt: bytes, key: bytes) -> None:
    for kind, encoded in (
        ("scrypt", scrypt.encode(16384, 8, 1, salt, key)),
        ("pbkdf2", pbkdf2.encode("sha512", 210_000, salt, key)),
    ):
        assert validate(kind, encoded) is None
        read = parse(kind, encoded)
        assert (read.salt, read.digest) == (salt, key)


def test_ldap_hashes_hold_digest_and_salt() -> None:
    encoded = salted_sha.encode(salted_sha.SSHA, b"d" * 20, b"salt")
    assert base64.b64decode(encoded.removeprefix("{SSHA}")) == b"d" * 20 + b"salt"
