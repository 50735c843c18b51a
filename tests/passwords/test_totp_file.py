"""A vendor's file of authenticator apps: where secrets may be, whose they are, and what is no such file."""

import gzip
import json
from typing import Any

import pytest

from cockpit.passwords.entries import BadLine, NotAPasswordFile
from cockpit.passwords.totp_file import AUTH0, CLERK, TotpEntry, entries

SECRET, OTHER = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
CSV = b"id,primary_email_address,totp_secret\n"


def auth0(*records: Any, columns: dict[str, str] | None = None) -> list[Any]:
    """A file of JSON Lines in what may be Auth0's layout."""
    content = b"".join(
        (record if isinstance(record, bytes) else json.dumps(record).encode()) + b"\n" for record in records
    )
    return list(entries([content], AUTH0, columns or {}, prefix="auth0|"))


def clerk(content: bytes) -> list[Any]:
    return list(entries([content], CLERK, {}))


@pytest.mark.parametrize(
    "fields",
    [
        {"mfa_factors": [{"totp": {"secret": SECRET}}]},
        {"mfa_factors": [{"phone": {"value": "+15555550100"}}, {"totp": {"secret": SECRET}}]},
        {"totp": {"secret": f" {SECRET} "}},
        {"totp_secret": SECRET},
        {"secret": SECRET},
    ],
)
def test_a_secret_is_found_wherever_auth0_may_put_it(fields: dict[str, Any]) -> None:
    (entry,) = auth0({"user_id": "auth0|1", "email": "Ana@Example.com", **fields})
    assert entry == TotpEntry(1, "auth0|1", "ana@example.com", None, SECRET)
    assert SECRET not in repr(entry)


@pytest.mark.parametrize(
    ("fields", "ident"),
    [
        ({"_id": {"$oid": "64f0"}}, "auth0|64f0"),
        ({"_id": "64f0"}, "auth0|64f0"),
        ({"user_id": "google-oauth2|11", "_id": {"$oid": "64f0"}}, "google-oauth2|11"),
        ({"email": "ana@example.com", "connection": "Users"}, None),
    ],
)
def test_whose_it_is_may_be_told_in_several_ways(fields: dict[str, Any], ident: str | None) -> None:
    (entry,) = auth0({"secret": SECRET, **fields})
    assert entry.user_id == ident
    assert entry.connection == fields.get("connection")


def test_somebody_may_have_several_apps() -> None:
    factors = [{"totp": {"secret": SECRET}}, {"totp": {"secret": OTHER}}]
    assert [entry.secret for entry in auth0({"user_id": "auth0|1", "mfa_factors": factors})] == [
        SECRET,
        OTHER,
    ]


def test_columns_say_where_it_is_in_another_layout() -> None:
    record = {"who": {"id": "auth0|1"}, "apps": [{"seed": SECRET}], "secret": "another thing"}
    (entry,) = auth0(record, columns={"id": "who.id", "secret": "apps.seed"})
    assert (entry.user_id, entry.secret) == ("auth0|1", SECRET)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{broken", "no JSON object"),
        (b"[1]", "no JSON object"),
        ({"user_id": "auth0|1"}, "no secret"),
        ({"user_id": "auth0|1", "mfa_factors": [{"totp": {"secret": 5}}]}, "no secret"),
        ({"secret": SECRET}, "neither an id nor an e-mail"),
    ],
)
def test_a_bad_line_is_reported_by_its_number_and_the_rest_is_read(line: Any, reason: str) -> None:
    good = {"user_id": "auth0|1", "secret": SECRET}
    found = auth0(good, b"", line, good)
    assert [entry.line for entry in found] == [1, 3, 4]
    assert found[1] == BadLine(3, reason)


def test_rows_of_csv_without_a_secret_are_passed_over() -> None:
    content = CSV + f"user_1,Ana@Example.com,{SECRET}\nuser_2,b@example.com,\nuser_3,,{OTHER}\n".encode()
    assert (
        clerk(content)
        == clerk(gzip.compress(content))
        == [
            TotpEntry(2, "user_1", "ana@example.com", None, SECRET),
            TotpEntry(4, "user_3", None, None, OTHER),
        ]
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id,email\nuser_1,a@example.com\n", "no column totp_secret; name the one"),
        (b"-----BEGIN PGP MESSAGE-----\n", "still PGP-encrypted"),
        (b"\x85\x02\x0c", "still PGP-encrypted"),
        (gzip.compress(CSV, mtime=0)[:-6], "breaks off"),
    ],
)
def test_what_is_no_such_file_says_why(content: bytes, said: str) -> None:
    with pytest.raises(NotAPasswordFile, match=said):
        clerk(content)


def test_an_empty_file_has_nobody() -> None:
    assert clerk(b"") == []
