"""A vendor's file of authenticator apps (TOTP): JSON Lines or CSV, gzip or not, with a column map.

Auth0's support hands one out with the hashes (documentation: export password hashes and MFA secrets). Nothing
public shows its layout (UNVERIFIED): what its own import of users calls things is looked for, and a few names
more. Clerk's is the CSV of the dashboard.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cockpit.passwords.entries import BadLine, NotAPasswordFile
from cockpit.passwords.table_file import table

NAMES = ("id", "email", "connection", "secret")
"""What is read from such a file."""

Layout = Mapping[str, Sequence[str]]
"""Where each of NAMES may be, the likeliest first: a column, or keys of inner objects joined by dots."""

AUTH0: Layout = {
    "id": ("user_id", "_id.$oid", "_id"),
    "email": ("email",),
    "connection": ("connection",),
    "secret": ("mfa_factors.totp.secret", "totp.secret", "totp_secret", "otp_secret", "mfa_secret", "secret"),
}
CLERK: Layout = {"id": ("id",), "email": ("primary_email_address",), "secret": ("totp_secret",)}


class TotpEntry(NamedTuple):
    """One app: a bare secret or an otpauth:// address. It belongs to whom an entry of hashes does."""

    line: int
    user_id: str | None
    email: str | None
    connection: str | None
    secret: str

    def __repr__(self) -> str:
        return f"TotpEntry(line={self.line}, user_id={self.user_id!r}, connection={self.connection!r})"


def entries(
    chunks: Iterable[bytes], layout: Layout, columns: Mapping[str, str], prefix: str = ""
) -> Iterator[TotpEntry | BadLine]:
    """Every app as an entry, or the reason why a line has none; rows of CSV without a secret are passed over.

    `columns` says where things are in the place of the layout; `prefix` stands before ids that are bare.
    Raises NotAPasswordFile for a CSV without a column of secrets, and as `table` does.
    """
    named = {**layout, **{name: (column,) for name, column in columns.items()}}
    rows = table(chunks)
    if rows.header is not None and not set(named["secret"]) & set(rows.header):
        raise NotAPasswordFile(
            f"no column {named['secret'][0]}; name the one with secrets in [factors] columns"
        )
    for number, row in rows.rows:
        if isinstance(row, BadLine):
            yield row
        else:
            yield from _apps(number, row, named, prefix, is_csv=rows.header is not None)


def _apps(
    number: int, row: Mapping[str, Any], named: Layout, prefix: str, *, is_csv: bool
) -> Iterator[TotpEntry | BadLine]:
    secrets = _texts(row, named["secret"])
    ident, email, connection = (next(iter(_texts(row, named.get(name, ()))), None) for name in NAMES[:3])
    if not secrets:
        if not is_csv:
            yield BadLine(number, "no secret")
        return
    if ident is None and email is None:
        yield BadLine(number, "neither an id nor an e-mail")
        return
    if ident is not None and "|" not in ident:
        ident = prefix + ident
    for secret in secrets:
        yield TotpEntry(number, ident, email.lower() if email else None, connection, secret)


def _texts(row: Mapping[str, Any], places: Sequence[str]) -> list[str]:
    """The texts at the first of these places that has any."""
    for place in places:
        at = [row[place]] if place in row else list(_inside(row, place.split(".")))
        if found := [text.strip() for text in at if isinstance(text, str) and text.strip()]:
            return found
    return []


def _inside(value: Any, keys: Sequence[str]) -> Iterator[Any]:
    """What is under these keys, in each element where there is a list on the way."""
    if isinstance(value, list):
        for element in value:
            yield from _inside(element, keys)
    elif not keys:
        yield value
    elif isinstance(value, dict) and keys[0] in value:
        yield from _inside(value[keys[0]], keys[1:])
