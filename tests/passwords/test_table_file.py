"""A file of hashes with columns: whatever the vendor calls them."""

import gzip

import pytest

from cockpit.passwords.entries import BadLine, Entry, NotAPasswordFile
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


def test_an_empty_file_has_no_entries() -> None:
    assert list(entries([], {})) == []
