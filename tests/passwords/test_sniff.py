"""What a stored hash is told to be, by its text alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.passwords import validate
from cockpit.passwords.firebase_scrypt import Form, Parameters, encode
from cockpit.passwords.sniff import sniff
from tests.passwords.test_formats import GOOD


@pytest.mark.parametrize("kind", GOOD)
def test_the_targets_own_forms_go_along(kind: str) -> None:
    password = sniff(GOOD[kind])
    assert (password.state, password.type) == ("carried", kind)
    assert password.hash is not None and password.hash.get_secret_value() == GOOD[kind]


@pytest.mark.parametrize(
    ("stored", "kind"),
    [
        ("$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=c2lnbmVya2V5$c2FsdA==$aGFzaA==", "firebase-scrypt"),
        ("pbkdf2_sha256$720000$salt$aGFzaGhhc2g=", "pbkdf2"),
        ("$pbkdf2-sha512$210000$c2FsdHNhbHQ$aGFzaC5oYXNo", "pbkdf2"),
        ("pbkdf2:sha256:600000$salt$" + "ab" * 32, "pbkdf2"),
        ("scrypt:32768:8:1$salt$" + "ab" * 64, "scrypt"),
        ("scrypt$16384$salt$8$5$aGFzaGhhc2g=", "scrypt"),
        ("$scrypt$ln=14,r=8,p=1$c2FsdHNhbHQ$aGFzaGhhc2g", "scrypt"),
        ("bcrypt$$2b$12$" + "N" * 53, "bcrypt"),
        ("argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5", "argon2"),
    ],
)
def test_other_forms_are_converted(stored: str, kind: str) -> None:
    password = sniff(stored)
    assert (password.state, password.type, password.reason) == ("carried", kind, None)
    assert password.hash is not None
    assert validate(kind, password.hash.get_secret_value()) is None


@pytest.mark.parametrize(("form", "begins"), [("phc", "$r=8,m=14,sk="), ("flat", "$hash=")])
def test_gotrues_form_of_firebases_hash_is_written_in_the_form_that_was_chosen(
    form: Form, begins: str
) -> None:
    """GoTrue's crypto/password.go: n is the memory cost, ss the salt separator, sk the signer key."""
    hashed = sniff("$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=c2lnbmVyS2V5$c2FsdA==$aGFzaA==", form).hash
    wanted = encode("aGFzaA==", "c2FsdA==", Parameters("c2lnbmVyS2V5", "Bw==", 8, 14), form)
    assert hashed is not None and hashed.get_secret_value() == wanted
    assert wanted.startswith(f"$firebase-scrypt{begins}") and validate("firebase-scrypt", wanted) is None


@pytest.mark.parametrize(
    ("stored", "why"),
    [
        ("UkVEQUNURUQ=", "may not read hashes"),
        ('{"key_id": "k", "alg": "aes", "data": "x", "nonce": "y"}', "encrypted"),
        ('{"alg": "aes", "key_id": "k"}', "encrypted"),
        ("md5$salt$5f4dcc3b5aa765d61d8327deb882cf99", "md5"),
        ("{SMD5}pvRD1AVUhz1kUe0yIrxjn+n9H+M=", "md5"),
        ("{SHA}GpHWL3ymc5liWkNopqtdSjuqYHM=", "sha1 without a salt"),
        ("sha1$salt$5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8", "Django's sha1"),
        ("$bcrypt-sha256$v=2,t=2b,r=12$salt$hash", "over sha256"),
        ("$y$j9T$salt$hash", "yescrypt"),
        ("scrypt:" + "9" * 5000 + ":8:1$salt$abab", "no known form"),
        ("pbkdf2_sha256$６00000$salt$aGFzaA==", "no known form"),
        ("$scrypt$ln=99,r=8,p=1$c2FsdHNhbHQ$aGFzaGhhc2g", "not scrypt"),
        ("$P$BabcdefghIJKLMNOPqrstuvwxyz0123", "phpass"),
        ("$6$salt$hash", "sha-crypt"),
        ("5f4dcc3b5aa765d61d8327deb882cf99", "md5"),
        ("5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8", "sha1"),
        ("ab" * 32, "sha256 without a salt"),
        ("pbkdf2_sha256$260000$salt$aGFzaGhhc2g=", "260,000 iterations"),
        ("pbkdf2_sha1$600000$salt$aGFzaGhhc2g=", "sha1"),
        ("bcrypt_sha256$$2b$10$" + "N" * 53, "over sha256"),
        ("$argon2id$v=19$m=1024,t=3,p=4$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5", "m=1024"),
        ("$2b$10$short", "cut short"),
        ("", "no known form"),
        ("hunter2", "no known form"),
    ],
)
def test_what_can_not_go_along_says_why(stored: str, why: str) -> None:
    password = sniff(stored)
    assert password.state == "unsupported" and password.hash is None
    assert why in str(password.reason)


@given(st.text(max_size=200))
def test_anything_is_told_and_the_reason_never_quotes_it(stored: str) -> None:
    password = sniff(stored)
    assert password.state in ("carried", "unsupported")
    assert len(stored) < 12 or stored not in str(password.reason)
