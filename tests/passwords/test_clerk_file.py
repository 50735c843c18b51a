"""The CSV of Clerk's dashboard: digests under the names that Clerk gives their hashers."""

import csv
import io

import pytest

from cockpit.passwords.clerk_file import entries
from cockpit.passwords.entries import BadLine, Entry, NotAPasswordFile
from cockpit.passwords.firebase_scrypt import Form, Parameters, encode
from cockpit.sandbox.clerk.api import HEADER

BCRYPT = "$2b$10$" + "N" * 53
LDAP = "c2FsdGVkLXNoYTEtb2YtYS1wYXNzd29yZHM="


def file(*rows: tuple[str, str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADER, restval="")
    writer.writeheader()
    for ident, digest, hasher in rows:
        writer.writerow(
            {"id": ident, "primary_email_address": f"{ident}@Example.com", "totp_secret": "JBSWY3DPEHPK3PXP",
             "password_digest": digest, "password_hasher": hasher}
        )  # fmt: skip
    return text.getvalue().encode()


def test_an_entry_belongs_to_an_id_and_who_has_no_digest_is_passed_over() -> None:
    found = list(entries([file(("user_1", BCRYPT, "bcrypt"), ("user_2", "", ""))]))
    assert found == [Entry(2, "user_1", "user_1@example.com", None, "bcrypt", BCRYPT, None)]


@pytest.mark.parametrize(
    ("hasher", "digest", "kind"),
    [
        ("bcrypt", BCRYPT, "bcrypt"),
        ("argon2id", "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5", "argon2"),
        ("pbkdf2_sha256", "pbkdf2_sha256$600000$salt$aGFzaGhhc2g=", "pbkdf2"),
        ("pbkdf2_sha256_django", "pbkdf2_sha256$720000$salt$aGFzaGhhc2g=", "pbkdf2"),
        ("ldap_ssha", LDAP, "ssha"),
        ("scrypt_firebase", "aGFzaA==$c2FsdA==$c2lnbmVy$Bw==$8$14", "firebase-scrypt"),
        ("scrypt_werkzeug", "scrypt:32768:8:1$salt$" + "ab" * 64, "scrypt"),
    ],
)
def test_hashers_that_go_along(hasher: str, digest: str, kind: str) -> None:
    (entry,) = entries([file(("user_1", digest, hasher))])
    assert isinstance(entry, Entry)
    assert (entry.type, entry.problem) == (kind, None) and entry.hash


@pytest.mark.parametrize(
    ("hasher", "digest", "why"),
    [
        ("pbkdf2_sha256", "pbkdf2_sha256$260000$salt$aGFzaGhhc2g=", "260,000 iterations"),
        ("md5", "5f4dcc3b5aa765d61d8327deb882cf99", "md5"),
        ("phpass", "$P$BabcdefghIJKLMNOP", "phpass"),
        ("scrypt_firebase", "aGFzaA==$c2FsdA==$c2lnbmVy$Bw==$" + "9" * 5000 + "$14", "garbled"),
        (BCRYPT, "shifted", "not named"),
    ],
)
def test_hashers_that_do_not_say_why_and_quote_no_hash(hasher: str, digest: str, why: str) -> None:
    (entry,) = entries([file(("user_1", digest, hasher))])
    assert isinstance(entry, Entry)
    assert why in str(entry.problem)
    assert BCRYPT not in str(entry.problem)


@pytest.mark.parametrize("form", ["phc", "flat"])
def test_firebases_hashes_are_written_in_the_form_that_was_chosen(form: Form) -> None:
    """Clerk packs hash, salt, signer key, separator, rounds and memory cost; $ divides them."""
    packed = file(("user_1", "aGFzaA==$c2FsdA==$c2lnbmVyS2V5$Bw==$8$14", "scrypt_firebase"))
    (entry,) = entries([packed], form)
    assert isinstance(entry, Entry) and entry.problem is None
    assert entry.hash == encode("aGFzaA==", "c2FsdA==", Parameters("c2lnbmVyS2V5", "Bw==", 8, 14), form)


def test_a_row_that_is_no_row_costs_itself_only() -> None:
    huge = file(("user_1", "x" * 200_000, "bcrypt"), ("user_2", BCRYPT, "bcrypt"))
    first, second = entries([huge])
    assert isinstance(first, BadLine) and isinstance(second, Entry)


def test_another_csv_is_refused_whole() -> None:
    with pytest.raises(NotAPasswordFile, match="dashboard"):
        list(entries([b"id,name\nuser_1,Ana\n"]))
