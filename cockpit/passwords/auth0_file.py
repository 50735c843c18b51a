"""The file of password hashes that Auth0's support hands out: JSON Lines, decrypted, gzip or not.

An entry belongs to the user whose id is `auth0|` and its `_id.$oid`. Where there is none (a database
identity linked under another one), it belongs to the user with the same e-mail in lower case and the same
connection, when there is exactly one; the e-mail alone does not tell, since it may live in two connections.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from cockpit.passwords import validate
from cockpit.passwords.entries import BadLine, Entry
from cockpit.passwords.table_file import plain


def entries(chunks: Iterable[bytes]) -> Iterator[Entry | BadLine]:
    """Every line as an entry or with the reason why not; blank lines are passed over.

    Raises NotAPasswordFile for one that is still encrypted, or a gzip that breaks off.
    """
    for number, line in enumerate(plain(chunks), 1):
        if line.strip():
            yield _entry(number, line)


def _entry(number: int, line: bytes) -> Entry | BadLine:
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError):
        return BadLine(number, "not JSON")
    if not isinstance(record, dict):
        return BadLine(number, "not a JSON object")
    encoded, oid = record.get("passwordHash"), record.get("_id")
    if isinstance(oid, dict):
        oid = oid.get("$oid")
    email, connection = record.get("email"), record.get("connection")
    if not isinstance(encoded, str) or not encoded:
        return BadLine(number, "no passwordHash")
    if not isinstance(oid, str) and not isinstance(email, str):
        return BadLine(number, "neither _id.$oid nor email")
    return Entry(
        line=number,
        user_id=f"auth0|{oid}" if isinstance(oid, str) else None,
        email=email.strip().lower() if isinstance(email, str) else None,
        connection=connection if isinstance(connection, str) else None,
        type="bcrypt",
        hash=encoded,
        problem=validate("bcrypt", encoded),
        dated=_moment(record.get("password_set_date")),
    )


def _moment(value: Any) -> int | None:
    """A date of MongoDB's Extended JSON, or ISO 8601 alone, in ms; None for what is neither."""
    stated = value.get("$date") if isinstance(value, dict) else value
    if isinstance(stated, dict):
        stated = stated.get("$numberLong")
    if isinstance(stated, int):
        return stated
    if not isinstance(stated, str):
        return None
    try:
        if stated.lstrip("-").isdecimal():
            return int(stated)
        at = datetime.fromisoformat(stated)
    except ValueError:
        return None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
