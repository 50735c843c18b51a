"""Users: raw records waiting for their mapping, mapped users, and how they are listed and shown."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cockpit.rules.fields import DROPPED
from cockpit.state import by_id, like
from cockpit.terms import HashType, OpState, PasswordState, fingerprint, normal_email

if TYPE_CHECKING:
    from cockpit.records import User  # pydantic takes 0.1 s to import; faces that only look do without

ADOPTED = "adopted: the target had this user before, so its password there is not ours"
"""Why an adopted user's password does not count as carried."""

STALE = "changed after the date of the file of hashes"
"""Why a hash of a file does not count: the user has another password by now."""

Standing = tuple[PasswordState, HashType | None, str | None]
"""What is known of a password: its state, its type, and the reason where it does not go along."""

_ENCODER = json.JSONEncoder(separators=(",", ":"))


class Unmapped(NamedTuple):
    """A raw record that was never mapped, or changed since. `state` is its operation's."""

    id: int
    source_id: str
    page: int
    body: str
    operation: int
    state: OpState
    mapped_before: bool


@dataclass(frozen=True, slots=True)
class UserRow:
    """One line of the user browser. `held`: what a policy holds the user back for."""

    id: int
    external_id: str
    email: str | None
    name: str | None
    connection: str | None
    state: OpState
    password: PasswordState | None
    password_type: str | None
    target_id: str | None
    held: str | None


class Told(NamedTuple):
    """What a rule says of a user."""

    rule: str
    severity: str
    field: str
    detail: str


@dataclass(frozen=True, slots=True)
class UserRecord:
    """One user whole: the source payload (verbatim), the mapped request, where it stands, and findings."""

    row: UserRow
    source: str
    request: str | None
    password_reason: str | None
    attempts: int
    findings: list[Told]


def unmapped(connection: sqlite3.Connection, after: int, limit: int) -> list[Unmapped]:
    """Raw records beyond the id `after` that have no mapping of their present text."""
    rows = connection.execute(
        # A cross join keeps raw outermost; else each call would sort everything that is left.
        "select r.id, r.source_id, r.page, r.body, o.id, o.state, u.id is not null from raw r "
        "cross join operations o on o.kind = 'user' and o.subject = r.id left join users u on u.id = r.id "
        "where r.id > ? and (u.id is null or u.page <> r.page) order by r.id limit ?",
        (after, limit),
    ).fetchall()
    return [Unmapped._make((*row[:6], bool(row[6]))) for row in rows]


class Remapped(NamedTuple):
    """A user who was sent and is mapped otherwise now: both requests, and whether the hash is another."""

    subject: int
    before: str
    now: str
    password: bool


def save(connection: sqlite3.Connection, mapped: "Iterable[tuple[Unmapped, User]]") -> list[Remapped]:
    """Store mappings: the request, the fingerprint, and the password apart from both.

    A hash from a file goes when the record tells of a later change; it is not replaced by none of the source.
    Returns those whom the target has, or may have, and who are not as they were sent any more.
    """
    change: Counter[tuple[str, str, str]] = Counter()
    remapped: list[Remapped] = []
    for raw, user in mapped:
        password = user.password
        standing: Standing = (password.state, password.type, password.reason)
        from_file: HashType | None = None
        if raw.mapped_before:
            known = _password_key(connection, raw.id)
            change[known] -= 1
            kept = _from_file(connection, raw.id)
            if kept is not None and password.reason == DROPPED:
                from_file = kept.type
            elif kept is not None and not _is_stale(password.changed_at, kept.dated):
                from_file = kept.type
                standing = ("carried", from_file, None)
            elif password.hash is None:  # the source had one before, or a file did, and has it no more
                connection.execute("delete from passwords where user = ?", (raw.id,))
                if kept is not None or (known[2] == STALE and password.state == "unsupported"):
                    standing = ("unsupported", None, STALE)
            if raw.state == "adopted" and standing[0] == "carried":
                standing = ("unsupported", None, ADOPTED)
        request = user.request()
        encoded = _ENCODER.encode(request)
        if raw.mapped_before and raw.state in ("sending", "imported", "adopted"):
            before, sent = connection.execute(
                "select u.request, p.hash from users u left join passwords p on p.user = u.id where u.id = ?",
                (raw.id,),
            ).fetchone()
            ours = None if from_file is not None or raw.state == "adopted" else password.hash
            another = ours is not None and ours.get_secret_value() != sent
            if another or before != encoded:
                remapped.append(Remapped(raw.id, before, encoded, another))
        values = (
            raw.id,
            raw.page,
            user.source_id,
            user.email,
            normal_email(user.email) if user.email else None,
            user.name or " ".join(part for part in (user.first_name, user.last_name) if part) or None,
            user.connection,
            user.email_verified,
            encoded,
            fingerprint(request),
            *standing,
            password.changed_at,
        )
        connection.execute(
            "insert or replace into users(id, page, external_id, email, email_key, name, connection, "
            "verified, request, fingerprint, password_state, password_type, password_reason, "
            "password_changed_at) values(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            values,
        )
        if password.hash is not None and from_file is None:
            connection.execute(
                "insert or replace into passwords(user, type, hash, salt_position, origin) "
                "values(?, ?, ?, ?, 'source')",
                (raw.id, password.type, password.hash.get_secret_value(), password.salt_position),
            )
        state, kind, reason = standing
        change[(state, kind or "", reason or "")] += 1
    count_passwords(connection, change)
    return remapped


class _FromFile(NamedTuple):
    """A hash that came from a vendor's file: it outlives a new mapping of the record. `dated` in ms."""

    type: HashType
    dated: int | None


def _from_file(connection: sqlite3.Connection, user: int) -> _FromFile | None:
    row = connection.execute(
        "select type, dated from passwords where user = ? and origin <> 'source'", (user,)
    ).fetchone()
    return _FromFile._make(row) if row else None


def _is_stale(changed_at: int | None, dated: int | None) -> bool:
    return changed_at is not None and dated is not None and changed_at > dated


def changed_since(connection: sqlite3.Connection, user: int, dated: int) -> bool:
    """Whether the user changed the password after that time (ms), as far as the source tells."""
    row = connection.execute("select password_changed_at from users where id = ?", (user,)).fetchone()
    return row is not None and _is_stale(row[0], dated)


def load_password(
    connection: sqlite3.Connection,
    user: int,
    kind: str,
    encoded: str,
    origin: str,
    *,
    dated: int | None = None,
) -> bool:
    """A hash that came apart from the record (a vendor's file of that date): the password is carried now.

    False when it comes too late: the target has had the user without it, or with another.
    """
    before = _password_key(connection, user)
    known = connection.execute("select hash from passwords where user = ?", (user,)).fetchone()
    connection.execute(
        "insert or replace into passwords(user, type, hash, origin, dated) values(?, ?, ?, ?, ?)",
        (user, kind, encoded, origin, dated),
    )
    if before[2] == DROPPED:
        return True
    arrived_otherwise = before[0] != "carried" or known is None or known[0] != encoded
    if arrived_otherwise and _at_target(connection, user):
        return False
    connection.execute(
        "update users set password_state = 'carried', password_type = ?, password_reason = null where id = ?",
        (kind, user),
    )
    count_passwords(connection, Counter({before: -1}))
    count_passwords(connection, Counter({("carried", kind, ""): 1}))
    return True


def password_types(connection: sqlite3.Connection) -> dict[str, int]:
    """How many users carry a hash of each type."""
    return dict(
        connection.execute("select type, sum(n) from password_counts where state = 'carried' group by type")
    )


def refuse_password(connection: sqlite3.Connection, user: int, reason: str) -> None:
    """The vendor's file has a hash that can't go along: the user's password is lost, for this reason."""
    before = _password_key(connection, user)
    if before[0] == "carried":
        return
    connection.execute(
        "update users set password_state = 'unsupported', password_type = null, password_reason = ? "
        "where id = ?",
        (reason, user),
    )
    count_passwords(connection, Counter({before: -1}))
    count_passwords(connection, Counter({("unsupported", "", reason): 1}))


def not_carried(connection: sqlite3.Connection, wanted: Iterable[int], reason: str) -> None:
    """The passwords of these users did not reach the target after all, or can't any more."""
    change: Counter[tuple[str, str, str]] = Counter()
    for user in wanted:
        before = _password_key(connection, user)
        if before[0] == "carried":
            change[before] -= 1
            change[("unsupported", "", reason)] += 1
            connection.execute(
                "update users set password_state = 'unsupported', password_type = null, "
                "password_reason = ? where id = ?",
                (reason, user),
            )
    count_passwords(connection, change)


def carried_again(connection: sqlite3.Connection) -> None:
    """For an empty journal: whoever has a hash carries it, unless a reviewer left it out."""
    connection.execute(
        "update users set password_state = 'carried', password_reason = null, "
        "password_type = (select type from passwords p where p.user = users.id) "
        "where password_state <> 'carried' and coalesce(password_reason, '') <> ? "
        "and id in (select user from passwords)",
        (DROPPED,),
    )
    connection.execute("delete from password_counts")
    connection.execute(
        "insert into password_counts(state, type, reason, n) select password_state, "
        "coalesce(password_type, ''), coalesce(password_reason, ''), count(*) from users group by 1, 2, 3"
    )


def _at_target(connection: sqlite3.Connection, user: int) -> bool:
    query = "select state from operations where kind = 'user' and subject = ?"
    return connection.execute(query, (user,)).fetchone()[0] in ("imported", "adopted")


def has_password(connection: sqlite3.Connection, user: int) -> bool:
    """Whether a hash is kept for this user."""
    return connection.execute("select 1 from passwords where user = ?", (user,)).fetchone() is not None


def count_passwords(connection: sqlite3.Connection, change: Counter[tuple[str, str, str]]) -> None:
    """Move the password counters by (state, type, reason)."""
    connection.executemany(
        "insert into password_counts(state, type, reason, n) values(?, ?, ?, ?) "
        "on conflict do update set n = n + excluded.n",
        [(*key, n) for key, n in change.items() if n],
    )


def _password_key(connection: sqlite3.Connection, user: int) -> tuple[str, str, str]:
    row = connection.execute(
        "select password_state, coalesce(password_type, ''), coalesce(password_reason, '') from users "
        "where id = ?",
        (user,),
    ).fetchone()
    return row[0], row[1], row[2]


def passwords_by(connection: sqlite3.Connection) -> list[tuple[PasswordState, str, str, int]]:
    """(state, type, reason, users), from the counters; those with no users left out."""
    return connection.execute(
        "select state, type, reason, n from password_counts where n > 0 order by state, n desc"
    ).fetchall()


def without_hash(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """Users still to send who had a password whose hash could not be had: (reason, how many)."""
    return connection.execute(
        "select coalesce(u.password_reason, ''), count(*) from users u "
        "join operations o on o.kind = 'user' and o.subject = u.id "
        "where u.password_state = 'unsupported' and o.state = 'ready' group by 1 order by 2 desc"
    ).fetchall()


_ORDERS = {"id": "o.subject", "email": "u.email_key, o.subject", "state": "o.state, o.subject"}


def ids(
    connection: sqlite3.Connection,
    *,
    state: OpState | None = None,
    search: str = "",
    order: str = "id",
    rule: str | None = None,
) -> list[int]:
    """User ids in an order ("id", "email", "state"), by state, lint rule and a text in e-mail, id, name."""
    clauses: list[str] = ["o.kind = 'user'"]
    values: list[str] = []
    if state is not None:
        clauses.append("o.state = ?")
        values.append(state)
    if rule is not None:
        clauses.append("o.subject in (select user from findings where rule = ?)")
        values.append(rule)
    if search:
        clause, texts = like.anywhere(("u.email", "u.external_id", "u.name"), search)
        clauses.append(clause)
        values += texts
    join = "left join users u on u.id = o.subject" if search or order == "email" else ""
    rows = connection.execute(
        f"select o.subject from operations o {join} where {' and '.join(clauses)} order by {_ORDERS[order]}",
        values,
    ).fetchall()
    return [row[0] for row in rows]


_ROW = """
    select r.id, coalesce(u.external_id, r.source_id), u.email, u.name, u.connection, o.state,
    u.password_state, u.password_type, o.target_id, h.reason from raw r
    join operations o on o.kind = 'user' and o.subject = r.id left join users u on u.id = r.id
    left join holds h on h.user = r.id"""


def rows(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[UserRow]:
    """The list lines of these users, in the order asked for."""
    return by_id.fetch(connection, _ROW, "r.id", wanted, lambda row: UserRow(*row))


def find(connection: sqlite3.Connection, key: str) -> int | None:
    """A user's id by external id or e-mail."""
    row = connection.execute("select id from raw where source_id = ?", (key,)).fetchone()
    row = (
        row
        or connection.execute(
            "select id from users where email_key = ? order by id", (normal_email(key),)
        ).fetchone()
    )
    return int(row[0]) if row else None


def show(connection: sqlite3.Connection, user: int) -> UserRecord | None:
    """One user with payload, request and lint findings, the gravest first."""
    row = connection.execute(f"{_ROW} where r.id = ?", (user,)).fetchone()
    if row is None:
        return None
    source, request, reason, attempts = connection.execute(
        "select r.body, u.request, u.password_reason, o.attempts from raw r "
        "join operations o on o.kind = 'user' and o.subject = r.id left join users u on u.id = r.id "
        "where r.id = ?",
        (user,),
    ).fetchone()
    findings = connection.execute(
        "select rule, severity, field, detail from findings where user = ? "
        "order by instr('error warning info', severity), rule",
        (user,),
    ).fetchall()
    told = [Told._make(found) for found in findings]
    return UserRecord(UserRow(*row), source, request, reason, attempts, told)
