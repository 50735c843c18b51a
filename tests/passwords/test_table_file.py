"""A file of hashes with columns: whatever the vendor calls them."""

import contextlib
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.passwords.entries import BadLine, Entry, NotAPasswordFile
from cockpit.passwords.firebase_scrypt import Form, Parameters, encode
from cockpit.passwords.table_file import entries

BCRYPT = "$2b$10$" + "N" * 53


def test_csv_and_json_lines_say_the_same() -> None:
    csv = f"id,email,hash,type\nu1,Ana@Example.com,{BCRYPT},bcrypt\n"
    lines = f'{{"id":"u1","email":"Ana@Example.com","hash":"{BCRYPT}","type":"bcrypt"}}\n'
    expected = Entry(2, "u1", "ana@example.com", None, "bcrypt", BCRYPT, None)
    assert list(entries([csv.encode()], {})) == [expected]
    assert list(entries([lines.encode()], {})) == [expected._replace(line=1)]
    assert list(entries([gzip.compress(csv.encode())], {})) == [expected]
    assert list(entries(["\ufeff".encode() + csv.encode()], {})) == [expected]


def test_columns_have_the_names_that_the_settings_give_them() -> None:
    csv = f"user,digest\nu1,{BCRYPT}\n"
    (entry,) = entries([csv.encode()], {"id": "user", "hash": "digest"})
    assert isinstance(entry, Entry)
    assert (entry.user_id, entry.type, entry.problem) == ("u1", "bcrypt", None)


def test_a_cell_may_hold_commas_and_quotes() -> None:
    argon2 = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5"
    (entry,) = entries([f'id,hash\nu1,"{argon2}"\n'.encode()], {})
    assert isinstance(entry, Entry) and (entry.type, entry.hash) == ("argon2", argon2)


def test_a_hash_that_can_not_go_along_is_an_entry_with_its_reason() -> None:
    (entry,) = entries([b"id,hash\nu1,5f4dcc3b5aa765d61d8327deb882cf99\n"], {})
    assert isinstance(entry, Entry) and "md5" in str(entry.problem) and entry.hash == ""


@pytest.mark.parametrize(("row", "reason"), [("u1,,", "no hash"), (f",,{BCRYPT}", "neither id nor email")])
def test_a_row_that_is_no_entry_says_why(row: str, reason: str) -> None:
    (entry,) = entries([f"id,email,hash\n{row}\n".encode()], {})
    assert entry == BadLine(2, reason)


def test_a_file_without_those_columns_is_refused_whole() -> None:
    with pytest.raises(NotAPasswordFile, match=r"\[passwords\] columns"):
        list(entries([b"name,password\nana,x\n"], {}))


@pytest.mark.parametrize("form", ["phc", "flat"])
def test_firebases_hashes_are_written_in_the_form_that_was_chosen(form: Form) -> None:
    stored = "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=c2lnbmVyS2V5$c2FsdA==$aGFzaA=="
    (entry,) = entries([f'id,hash\nu1,"{stored}"\n'.encode()], {}, form)
    assert isinstance(entry, Entry)
    assert entry.hash == encode("aGFzaA==", "c2FsdA==", Parameters("c2lnbmVyS2V5", "Bw==", 8, 14), form)


def test_an_empty_file_has_no_entries() -> None:
    assert list(entries([], {})) == []


def test_a_type_that_hashes_before_bcrypt_is_believed_over_the_string() -> None:
    for kind in ("bcrypt_sha256", "BCRYPT-SHA512", "sha256_bcrypt", "bcrypt-hmac"):
        (entry,) = entries([f"id,hash,type\nu1,{BCRYPT},{kind}\n".encode()], {})
        assert isinstance(entry, Entry)
        assert (entry.hash, entry.problem) == ("", "bcrypt over sha256, which the target does not take")


@pytest.mark.parametrize("garbled", [b'u1,"' + b"x" * 200_000, b"u1\rx,y"], ids=["quote", "return"])
def test_a_row_that_is_no_csv_does_not_end_the_file(garbled: bytes) -> None:
    found = list(entries([b"id,hash\n", garbled + b"\n", f"u2,{BCRYPT}\n".encode()], {}))
    assert found == [BadLine(2, "no row of CSV"), Entry(3, "u2", None, None, "bcrypt", BCRYPT, None)]


@pytest.mark.parametrize("garbled", [b"{broken", b'{"id":' + b"[" * 100_000, b"\xff\xfe"])
def test_a_line_that_is_no_json_does_not_end_the_file(garbled: bytes) -> None:
    good = f'{{"id":"u1","hash":"{BCRYPT}"}}\n'.encode()
    found = list(entries([good, garbled + b"\n", good], {}))
    assert found[1] == BadLine(2, "no JSON object")
    assert [entry.line for entry in found] == [1, 2, 3]


@given(st.binary(max_size=300), st.sampled_from([b"", b"id,hash\n", b"{"]))
def test_whatever_is_in_the_file_is_read_or_named(content: bytes, start: bytes) -> None:
    with contextlib.suppress(NotAPasswordFile):
        list(entries([start + content], {}))
