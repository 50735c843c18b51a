"""Better Auth's tables as this database names them, and what is asked of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from cockpit.findings import Finding, fail, ok, warn
from cockpit.sources.base import SourceRefused
from cockpit.terms import Kind

Dialect = Literal["sqlite", "postgres"]

COLUMNS: Mapping[Dialect, str] = {
    "sqlite": "select m.name, c.name, c.type from sqlite_master m, pragma_table_info(m.name) c "
    "where m.type = 'table'",
    "postgres": "select table_name, column_name, data_type from information_schema.columns "
    "where table_schema = any(current_schemas(false))",
}
"""(table, column, type) of all that may be read."""

HIDDEN = "select name from unnest(%s::text[]) name where row_security_active(name)"
"""Which of these tables hide rows from the role, in PostgreSQL."""

_JSON: Mapping[Dialect, tuple[str, str]] = {
    "sqlite": ("json_object", "json_group_array"),
    "postgres": ("json_build_object", "json_agg"),
}
"""How an object and an array are made."""

_ID_TYPES: tuple[tuple[str, tuple[str, object]], ...] = (
    ("uuid", ("uuid", "00000000-0000-0000-0000-000000000000")),
    ("int", ("bigint", -1)),
    ("serial", ("bigint", -1)),
)
"""By a part of the column's type: what ids are cast to, and what is less than each of them."""

_USER = ("id", "name", "email", "emailVerified", "createdAt", "updatedAt", "role", "banned", "banReason",
         "banExpires", "twoFactorEnabled", "username", "displayUsername", "phoneNumber",
         "isAnonymous")  # fmt: skip
USER = "user"
_ACCOUNT = ("providerId", "accountId", "password")
"""Never its tokens."""
_TWO_FACTOR = ("secret", "verified")
ORGANIZATION = "organization"
BESIDE: Mapping[Kind, tuple[str, Sequence[str], int]] = {
    "organization": (ORGANIZATION, ("id", "name", "slug", "metadata", "createdAt"), 2),
    "membership": ("member", ("id", "userId", "organizationId", "role", "createdAt"), 3),
    "role": ("organizationRole", ("id", "organizationId", "role", "permission", "createdAt"), 3),
}
"""The organization plugin's tables, their columns, and how many of these make such a table."""
_WITH_OWN = (USER, ORGANIZATION)
"""Tables whose further columns are the application's."""


@dataclass(frozen=True)
class Table:
    """A table under its own name; `columns` from Better Auth's names to the database's.

    `least_id` is less than every id, `id_type` what ids are cast to.
    """

    name: str
    columns: Mapping[str, str]
    id_type: str
    least_id: object

    @property
    def quoted(self) -> str:
        """The name in SQL."""
        return _quoted(self.name)

    def column(self, alias: str, name: str) -> str:
        """A column in SQL."""
        return f"{alias}.{_quoted(self.columns[name])}"

    def fields(self, alias: str, wanted: Sequence[str]) -> list[str]:
        """'name', column for each that there is."""
        present = [name for name in wanted if name in self.columns]
        return [f"'{name.replace(chr(39), chr(39) * 2)}', {self.column(alias, name)}" for name in present]


@dataclass(frozen=True)
class Tables:
    """What of the schema is there: the users' tables, and those of other kinds."""

    user: Table
    account: Table
    two_factor: Table | None
    passkey: Table | None
    beside: Mapping[Kind, Table]

    def of(self, kind: Kind) -> Table | None:
        """The table of a kind."""
        return self.user if kind == "user" else self.beside.get(kind)


def tables(columns: Sequence[tuple[Any, ...]]) -> Tables:
    """The tables by what the database says of itself: camelCase, snake_case or plural.

    Raises SourceRefused where user or account is missing.
    """
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for table, column, kind in columns:
        found.setdefault(str(table), {})[str(column)] = (str(column), str(kind).lower())
    user = _table(found, USER, ("id", "email", *_USER))
    account = _table(found, "account", ("userId", *_ACCOUNT))
    if user is None or account is None:
        named = ", ".join(sorted(found)[:8]) or "none"
        raise SourceRefused(
            "better_auth: no tables user and account with id, email, userId and providerId here; there are: "
            f"{named}"
        )
    beside = {kind: table for kind, how in BESIDE.items() if (table := _table(found, *how)) is not None}
    return Tables(
        user,
        account,
        _table(found, "twoFactor", ("userId", *_TWO_FACTOR, "backupCodes")),
        _table(found, "passkey", ("userId", "credentialID")),
        beside,
    )


def findings(found: Tables, hidden: Sequence[str]) -> list[Finding]:
    """What an export would lack without an error."""
    rows: list[Finding] = []
    for table in hidden:
        what = f"row level security hides rows of {table} from this role"
        step = "use the owner of the tables, or a role with bypassrls"
        rows.append(fail("rows", what, "users would be left behind without an error", step))
    if "password" not in found.account.columns:
        what = f"the table {found.account.name} shows no column password"
        step = "grant select on it, where people sign in by passwords"
        rows.append(warn("hashes", what, "everybody would have to set a new password", step))
    names = ", ".join(table.name for table in (found.user, found.account, found.two_factor) if table)
    return rows or [ok("tables", f"{names} can be read, hashes too")]


def rows(found: Tables, kind: Kind, table: Table, dialect: Dialect, *, recent: bool) -> str:
    """The query of a kind for (the last id[, the moment since which rows were created])."""
    fields = _of_user(found, dialect) if kind == "user" else table.fields("u", list(table.columns))
    ident, make = table.column("u", "id"), _JSON[dialect][0]
    mark = "?" if dialect == "sqlite" else f"%s::{table.id_type}"
    since = (
        f"and {table.column('u', 'createdAt')} >= {'?' if dialect == 'sqlite' else '%s'} " if recent else ""
    )
    body = f"{make}({', '.join(fields)})" + ("" if dialect == "sqlite" else "::text")
    return (
        f"select cast({ident} as text), {body} from {table.quoted} u where {ident} > {mark} {since}"
        f"order by {ident} limit 1000"
    )


def _of_user(found: Tables, dialect: Dialect) -> list[str]:
    make, group = _JSON[dialect]
    ident = found.user.column("u", "id")
    account = f"{make}({', '.join(found.account.fields('a', _ACCOUNT))})"
    owner = found.account.column("a", "userId")
    fields = [
        *found.user.fields("u", list(found.user.columns)),
        f"'accounts', (select {group}({account}) from {found.account.quoted} a where {owner} = {ident})",
    ]
    if (two := found.two_factor) is not None:
        kept = two.fields("t", _TWO_FACTOR)
        if "backupCodes" in two.columns:  # that there are some, never the codes
            kept.append(f"'recoverable', {two.column('t', 'backupCodes')} is not null")
        fields.append(
            f"'twoFactor', (select {make}({', '.join(kept)}) from {two.quoted} t "
            f"where {two.column('t', 'userId')} = {ident} limit 1)"
        )
    if (passkey := found.passkey) is not None:
        theirs = f"select {passkey.column('k', 'userId')} from {passkey.quoted} k"
        fields.append(f"'passkey', {ident} in ({theirs})")
    return fields


def moment(at_ms: int, dialect: Dialect) -> object:
    """A time as the column createdAt has it: ISO text in SQLite, a timestamp in PostgreSQL."""
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return at if dialect == "postgres" else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _table(
    found: Mapping[str, Mapping[str, tuple[str, str]]], name: str, wanted: Sequence[str], needed: int = 2
) -> Table | None:
    """The table of that name, which has at least the first few (`needed`) of the columns."""
    for table, columns in found.items():
        if _same(table) in (_same(name), _same(name) + "s"):
            known = {_same(column): column for column in columns}
            mapped = {column: known[_same(column)] for column in wanted if _same(column) in known}
            if not all(column in mapped for column in wanted[:needed]):
                continue
            if name in _WITH_OWN:
                mapped |= {column: column for column in columns if column not in mapped.values()}
            kind = columns[mapped["id"]][1] if "id" in mapped else ""
            return Table(table, mapped, *_id_type(kind))
    return None


def _id_type(kind: str) -> tuple[str, object]:
    return next((told for part, told in _ID_TYPES if part in kind), ("text", ""))


def _same(name: str) -> str:
    return name.replace("_", "").lower()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
