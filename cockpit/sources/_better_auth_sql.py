"""Better Auth's tables as this database names them, and what is asked of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from cockpit.findings import Finding, fail, ok, warn
from cockpit.sources.base import SourceRefused

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


@dataclass(frozen=True)
class Table:
    """A table under its own name; `columns` from Better Auth's names to the database's."""

    name: str
    columns: Mapping[str, str]

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
    """What of the schema is there. `least_id` is less than every id, `id_type` what ids are cast to."""

    user: Table
    account: Table
    two_factor: Table | None
    id_type: str
    least_id: object


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
    kind = found[user.name][user.columns["id"]][1]
    id_type, least_id = next((told for part, told in _ID_TYPES if part in kind), ("text", ""))
    return Tables(user, account, _table(found, "twoFactor", ("userId", *_TWO_FACTOR)), id_type, least_id)


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


def users(found: Tables, dialect: Dialect, *, recent: bool) -> str:
    """The query for (the last id[, the moment since which users were created])."""
    make, group = _JSON[dialect]
    ident = found.user.column("u", "id")
    account = f"{make}({', '.join(found.account.fields('a', _ACCOUNT))})"
    owner = found.account.column("a", "userId")
    fields = [
        *found.user.fields("u", list(found.user.columns)),
        f"'accounts', (select {group}({account}) from {found.account.quoted} a where {owner} = {ident})",
    ]
    if found.two_factor is not None:
        factor = f"{make}({', '.join(found.two_factor.fields('t', _TWO_FACTOR))})"
        of_user = found.two_factor.column("t", "userId")
        fields.append(
            f"'twoFactor', (select {factor} from {found.two_factor.quoted} t "
            f"where {of_user} = {ident} limit 1)"
        )
    mark = "?" if dialect == "sqlite" else f"%s::{found.id_type}"
    since = (
        f"and {found.user.column('u', 'createdAt')} >= {'?' if dialect == 'sqlite' else '%s'} "
        if recent
        else ""
    )
    body = f"{make}({', '.join(fields)})" + ("" if dialect == "sqlite" else "::text")
    text_id = f"cast({ident} as text)"
    return (
        f"select {text_id}, {body} from {found.user.quoted} u where {ident} > {mark} {since}"
        f"order by {ident} limit 1000"
    )


def moment(at_ms: int, dialect: Dialect) -> object:
    """A time as the column createdAt has it: ISO text in SQLite, a timestamp in PostgreSQL."""
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return at if dialect == "postgres" else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _table(
    found: Mapping[str, Mapping[str, tuple[str, str]]], name: str, wanted: Sequence[str]
) -> Table | None:
    for table, columns in found.items():
        if _same(table) in (_same(name), _same(name) + "s"):
            known = {_same(column): column for column in columns}
            mapped = {column: known[_same(column)] for column in wanted if _same(column) in known}
            if name == USER:
                own = {column: column for column in columns if column not in mapped.values()}
                mapped |= own  # what an application added
            if wanted[0] in mapped and wanted[1] in mapped:
                return Table(table, mapped)
    return None


def _same(name: str) -> str:
    return name.replace("_", "").lower()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
