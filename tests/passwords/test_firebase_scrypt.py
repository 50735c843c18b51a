"""Firebase's scrypt: the string that the target takes still verifies the password."""

import base64
import hashlib
import re

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from cockpit.passwords import validate
from cockpit.passwords.firebase_scrypt import Parameters, encode

# Google's published example (github.com/firebase/scrypt, README).
PASSWORD, SALT, DIGEST = (
    "user1password",
    "42xEC+ixf3L2lw==",
    "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
)
KEY = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
PARAMETERS = Parameters(signer_key=KEY, salt_separator="Bw==", rounds=8, mem_cost=14)

PHC = re.compile(  # the grammar of @phc/format 1.0.0
    r"\$(?P<id>[a-z0-9-]{1,32})(\$v=(?P<v>\d+))?"
    r"(\$(?P<params>[a-z0-9-]{1,32}=[a-zA-Z0-9/+.-]+(,[a-z0-9-]{1,32}=[a-zA-Z0-9/+.-]+)*))?"
    r"(\$(?P<salt>[a-zA-Z0-9/+.-]+)(\$(?P<hash>[a-zA-Z0-9/+]+))?)?"
)


def padded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def verifies(encoded: str, password: str) -> bool:
    found = PHC.fullmatch(encoded)
    assert found is not None
    named = dict(pair.split("=", 1) for pair in found["params"].split(","))
    salt = padded(found["salt"]) + padded(named["ss"])
    memory = 2 ** int(named["m"])
    key = hashlib.scrypt(
        password.encode(), salt=salt, n=memory, r=int(named["r"]), p=1, dklen=32, maxmem=1 << 26
    )
    encryptor = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
    return encryptor.update(padded(named["sk"])) + encryptor.finalize() == padded(found["hash"])


def test_googles_example_verifies_in_the_targets_form() -> None:
    encoded = encode(DIGEST, SALT, PARAMETERS)
    assert encoded.startswith("$firebase-scrypt$r=8,m=14,sk=jxspr8Ki0RYy")
    assert "=" not in encoded.rpartition("ss=")[2]
    assert verifies(encoded, PASSWORD)
    assert not verifies(encoded, "another")
    assert validate("firebase-scrypt", encoded) is None


def test_the_other_form() -> None:
    encoded = encode(DIGEST, SALT, PARAMETERS, "flat")
    assert encoded == f"$firebase-scrypt$hash={DIGEST}$salt={SALT}$sk={KEY}$ss=Bw==$r=8$m=14"
    assert validate("firebase-scrypt", encoded) is None


@given(st.binary(min_size=1, max_size=64), st.binary(min_size=1, max_size=16))
def test_url_safe_input_and_missing_padding_make_no_difference(digest: bytes, salt: bytes) -> None:
    def bare(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    encoded = encode(base64.b64encode(digest).decode(), base64.b64encode(salt).decode(), PARAMETERS)
    assert encode(bare(digest), bare(salt), PARAMETERS) == encoded
    assert validate("firebase-scrypt", encoded) is None
    found = PHC.fullmatch(encoded)
    assert found is not None
    assert padded(found["hash"]) == digest
    assert padded(found["salt"]) == salt


@pytest.mark.parametrize("form", ["phc", "flat"])
@pytest.mark.parametrize(
    ("digest", "salt", "parameters"),
    [
        ("not base64 at all", SALT, PARAMETERS),
        ("", SALT, PARAMETERS),
        (DIGEST, "", PARAMETERS),
        (DIGEST, "x$y", PARAMETERS),
        ("AAAAA", SALT, PARAMETERS),
        (DIGEST, SALT, Parameters(signer_key="", salt_separator="Bw==")),
        (DIGEST, SALT, Parameters(signer_key=KEY, rounds=9)),
        (DIGEST, SALT, Parameters(signer_key=KEY, mem_cost=0)),
    ],
)
def test_refused(digest: str, salt: str, parameters: Parameters, form: str) -> None:
    encoded = encode(digest, salt, parameters, "flat" if form == "flat" else "phc")
    assert validate("firebase-scrypt", encoded)


def test_the_signer_key_is_not_in_the_repr() -> None:
    assert KEY not in repr(PARAMETERS)
