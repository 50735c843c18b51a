"""Auth0's file of password hashes."""

import gzip
import json

import pytest

from cockpit.passwords.auth0_file import entries
from cockpit.passwords.entries import BadLine, Entry, NotAPasswordFile

HASH = "$2b$10$" + "a" * 53
GOOD = {
    "_id": {"$oid": "64f0c1"},
    "email": " Ana@Example.com ",
    "email_verified": True,
    "passwordHash": HASH,
    "password_set_date": {"$date": "2025-02-09T16:34:22.611Z"},
    "tenant": "acme",
    "connection": "Users",
}


def lines(*records: object) -> bytes:
    return b"".join(
        (record if isinstance(record, bytes) else json.dumps(record).encode()) + b"\n" for record in records
    )


def test_an_entry_names_its_user_its_email_and_its_connection() -> None:
    (entry,) = entries([lines(GOOD)])
    dated = 1_739_118_862_611
    assert entry == Entry(1, "auth0|64f0c1", "ana@example.com", "Users", "bcrypt", HASH, None, dated)
    assert HASH not in repr(entry)


@pytest.mark.parametrize(
    ("stated", "at"),
    [
        ({"$date": {"$numberLong": "1739118862611"}}, 1_739_118_862_611),
        ({"$date": 1_739_118_862_611}, 1_739_118_862_611),
        ("2025-02-09T16:34:22Z", 1_739_118_862_000),
        ("2025-02-09T16:34:22", 1_739_118_862_000),
        ({"$date": "soon"}, None),
        ({"$date": None}, None),
        ([], None),
        (None, None),
    ],
)
def test_since_when_a_hash_is_the_users_is_read_in_every_wording(stated: object, at: int | None) -> None:
    (entry,) = entries([lines(GOOD | {"password_set_date": stated})])
    assert isinstance(entry, Entry) and entry.dated == at


def test_gzip_and_plain_are_the_same() -> None:
    data = lines(GOOD, GOOD, GOOD)
    assert list(entries([data])) == list(entries([gzip.compress(data)]))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{broken", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[1]", "not a JSON object"),
        ({"_id": {"$oid": "1"}}, "no passwordHash"),
        ({"_id": {"$oid": "1"}, "passwordHash": ""}, "no passwordHash"),
        ({"passwordHash": HASH}, "neither _id.$oid nor email"),
    ],
)
def test_a_bad_line_is_reported_by_its_number_and_the_rest_is_read(line: object, reason: str) -> None:
    found = list(entries([lines(GOOD, b"", line, GOOD)]))
    assert [entry.line for entry in found] == [1, 3, 4]
    assert found[1] == BadLine(3, reason)


def test_a_hash_that_the_target_refuses_is_an_entry_with_its_problem() -> None:
    (entry,) = entries([lines(GOOD | {"passwordHash": "$2b$04$truncated-in-the-vendor-file"})])
    assert isinstance(entry, Entry)
    assert "cut short" in str(entry.problem)


def test_without_an_id_the_email_and_connection_are_left() -> None:
    (entry,) = entries([lines({"email": "ana@example.com", "connection": "Users", "passwordHash": HASH})])
    assert isinstance(entry, Entry)
    assert entry.user_id is None
    assert entry.email == "ana@example.com"


@pytest.mark.parametrize("start", [b"-----BEGIN PGP MESSAGE-----\n", b"\x85\x02\x0c\x03"])
def test_a_file_that_is_still_encrypted(start: bytes) -> None:
    with pytest.raises(NotAPasswordFile, match="gpg --decrypt"):
        list(entries([start + b"\n" + b"x" * 100]))


def test_a_file_that_breaks_off() -> None:
    with pytest.raises(NotAPasswordFile, match="breaks off"):
        list(entries([gzip.compress(lines(GOOD))[:-9]]))
