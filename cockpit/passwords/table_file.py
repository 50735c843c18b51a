"""A vendor's file of password hashes with a column map: CSV or JSON Lines, gzip or not."""

import csv
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

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
    rows = table(chunks)
    header = rows.header
    if header is not None and (named["hash"] not in header or not {named["id"], named["email"]} & header):
        wanted = f"{named['hash']} and one of {named['id']}, {named['email']}"
        raise NotAPasswordFile(f"no columns {wanted}; name them in [passwords] columns")
    for number, row in rows.rows:
        yield row if isinstance(row, BadLine) else _entry(number, row, named, form)


class Table(NamedTuple):
    """Rows by the numbers of their lines; `header` has the columns of CSV, and is None for JSON Lines."""

    header: frozenset[str] | None
    rows: Iterator[tuple[int, Mapping[str, Any] | BadLine]]


def table(chunks: Iterable[bytes]) -> Table:
    """A file of either kind, gzip or not. Raises NotAPasswordFile for one that is encrypted or breaks off."""
    lines = decoded(chunks)
    first = next(lines, None)
    if first is None:
        return Table(None, iter(()))
    lines = itertools.chain([first], lines)
    if first.lstrip().startswith("{"):
        return Table(None, _json_rows(lines))
    reader = csv.DictReader(lines)
    try:
        header = frozenset(reader.fieldnames or ())
    except csv.Error:
        header = frozenset()
    return Table(header, csv_rows(reader))


def decoded(chunks: Iterable[bytes]) -> Iterator[str]:
    """The lines of a file as text. Raises NotAPasswordFile for one that is encrypted or breaks off."""
    return (line.decode("utf-8-sig", "replace") for line in plain(chunks))


def plain(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a file, gzip undone. Raises NotAPasswordFile for one that is encrypted or breaks off."""
    cutter, first = Lines(), True
    for line in _cut(cutter, chunks):
        if first and (line.startswith(b"-----BEGIN PGP") or line[:1] in (b"\x85", b"\xc1", b"\x84")):
            raise NotAPasswordFile("the file is still PGP-encrypted: decrypt it first (gpg --decrypt FILE)")
        first = False
        yield line


def _cut(cutter: Lines, chunks: Iterable[bytes]) -> Iterator[bytes]:
    try:
        for chunk in chunks:
            yield from cutter.feed(chunk)
        yield from cutter.end()
    except ValueError as error:
        raise NotAPasswordFile(f"{error}: fetch the file again; what was read of it stands") from None


def _json_rows(lines: Iterable[str]) -> Iterator[tuple[int, Mapping[str, Any] | BadLine]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        yield number, row if isinstance(row, dict) else BadLine(number, "no JSON object")


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
