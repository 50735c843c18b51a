"""A vendor's file of password hashes with a column map: CSV or JSON Lines, gzip or not."""

import csv
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cockpit.lines import Lines
from cockpit.passwords.entries import BadLine, Entry, NotAPasswordFile
from cockpit.passwords.firebase_scrypt import Form
from cockpit.passwords.sniff import judged, type_named

COLUMNS: Mapping[str, str] = {"id": "id", "email": "email", "hash": "hash", "type": "type"}
"""What is read from which column, unless [passwords] columns says otherwise."""


def entries(
    chunks: Iterable[bytes], columns: Mapping[str, str], form: Form = "phc"
) -> Iterator[Entry | BadLine]:
    """Every row as an entry or with the reason why not.

    A type that is none of the target's, or none at all, leaves it to the hash itself to tell what it is.
    `form`: that of Firebase's hashes in the words of others.
    Raises NotAPasswordFile for a file without the columns that are named, or a gzip that breaks off.
    """
    named = {**COLUMNS, **columns}
    lines = decoded(chunks)
    first = next(lines, None)
    if first is None:
        return
    is_json = first.lstrip().startswith("{")
    rows = _json_rows(first, lines) if is_json else _csv_rows(first, lines, named)
    for number, row in rows:
        yield row if isinstance(row, BadLine) else _entry(number, row, named, form)


def decoded(chunks: Iterable[bytes]) -> Iterator[str]:
    """The lines of a file as text, gzip undone. Raises NotAPasswordFile for a gzip that breaks off."""
    cutter = Lines()
    try:
        for chunk in chunks:
            yield from (line.decode("utf-8-sig", "replace") for line in cutter.feed(chunk))
        yield from (line.decode("utf-8-sig", "replace") for line in cutter.end())
    except ValueError as error:
        raise NotAPasswordFile(f"{error}: fetch the file again; what was read of it stands") from None


def _json_rows(first: str, rest: Iterator[str]) -> Iterator[tuple[int, Mapping[str, Any] | BadLine]]:
    for number, line in enumerate(itertools.chain([first], rest), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        yield number, row if isinstance(row, dict) else BadLine(number, "no JSON object")


def _csv_rows(
    first: str, rest: Iterator[str], named: Mapping[str, str]
) -> Iterator[tuple[int, Mapping[str, Any] | BadLine]]:
    reader = csv.DictReader(itertools.chain([first], rest))
    try:
        header = set(reader.fieldnames or ())
    except csv.Error:
        header = set()
    if named["hash"] not in header or not {named["id"], named["email"]} & header:
        wanted = f"{named['hash']} and one of {named['id']}, {named['email']}"
        raise NotAPasswordFile(f"no columns {wanted}; name them in [passwords] columns")
    yield from csv_rows(reader)


def csv_rows(reader: "csv.DictReader[str]") -> Iterator[tuple[int, dict[str, str | None] | BadLine]]:
    """Every row with the number of its line; one that is no CSV costs itself only."""
    while True:
        try:
            row = next(reader, None)
        except csv.Error:  # of this row alone: the reader goes on behind it
            number = reader.reader.line_num
            yield number, BadLine(number, "no row of CSV")
            continue
        if row is None:
            return
        yield reader.line_num, row


def _entry(number: int, row: Mapping[str, Any], named: Mapping[str, str], form: Form) -> Entry | BadLine:
    ident, email, stored, kind = (_text(row.get(named[name])) for name in ("id", "email", "hash", "type"))
    if not stored:
        return BadLine(number, f"no {named['hash']}")
    if not ident and not email:
        return BadLine(number, f"neither {named['id']} nor {named['email']}")
    password = judged(stored, kind, form)
    encoded = password.hash.get_secret_value() if password.hash else ""
    told = password.type or type_named(kind) or "bcrypt"
    address = email.strip().lower() if email else None
    return Entry(number, ident, address, None, told, encoded, password.reason)


def _text(value: Any) -> str | None:
    return (value.strip() or None) if isinstance(value, str) else None
