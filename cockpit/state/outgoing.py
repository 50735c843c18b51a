"""Everything that moves as it is mapped now, in pieces, for whoever writes it elsewhere.

Each piece is one short read, so that a job at work is not held up.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from cockpit.state.by_id import marks
from cockpit.terms import Kind, OpState

PIECE = 500
"""Ids in one query, under SQLite's limit of parameters."""


class OutgoingUser(NamedTuple):
    """A user. `request` is what is sent, None where the record could not be mapped.

    `source_id` is the id of the raw record, `held` the policy that holds the user back, `findings` the
    (rule, field) pairs of lint.
    """

    id: int
    source_id: str
    state: OpState
    held: str | None
    request: dict[str, Any] | None
    connection: str | None
    password_problem: str | None
    hash_type: str | None
    hash: str | None
    findings: list[tuple[str, str]]


class OutgoingMembership(NamedTuple):
    """A user's place in an organization, named by its id at the source. `left` says what is skipped."""

    organization: str | None
    organization_name: str | None
    roles: list[str]
    left: str | None


class OutgoingFactor(NamedTuple):
    """A user's authenticator app; without a secret where it can't move, or was purged."""

    secret: str | None
    issuer: str | None
    account: str | None
    state: OpState


class OutgoingResource(NamedTuple):
    """An organization or a role; `organization` is the role's, by its id at the source."""

    id: int
    source_id: str
    external_id: str | None
    name: str | None
    organization: str | None
    state: OpState
    request: dict[str, Any] | None


def unlinted(connection: sqlite3.Connection) -> bool:
    """Whether there are records that lint has not seen in their present form."""
    user = connection.execute(
        "select 1 from raw r left join users u on u.id = r.id where u.id is null or u.page <> r.page limit 1"
    ).fetchone()
    other = connection.execute(
        "select 1 from resources where mapped <> page and inside is null limit 1"
    ).fetchone()
    return bool(user or other)


def count(connection: sqlite3.Connection, kind: Kind) -> int:
    """How many there are of a kind, from the counters."""
    query = "select coalesce(sum(n), 0) from counters where kind = ?"
    return int(connection.execute(query, (kind,)).fetchone()[0])


def users(connection: sqlite3.Connection) -> Iterator[list[OutgoingUser]]:
    """All users by id, in pieces."""
    after = 0
    while rows := connection.execute(
        "select r.id, r.source_id, o.state, h.reason, u.request, u.connection, "
        "iif(u.password_state = 'unsupported', coalesce(u.password_reason, ''), null), p.type, p.hash, "
        "(select json_group_array(json_array(f.rule, f.field)) from findings f where f.user = r.id) "
        "from raw r cross join operations o on o.kind = 'user' and o.subject = r.id "
        "left join users u on u.id = r.id left join passwords p on p.user = r.id "
        "left join holds h on h.user = r.id where r.id > ? order by r.id limit ?",
        (after, PIECE),
    ).fetchall():
        after = rows[-1][0]
        yield [
            OutgoingUser._make(
                (
                    *row[:4],
                    json.loads(row[4]) if row[4] else None,
                    *row[5:9],
                    [(rule, field) for rule, field in json.loads(row[9])],
                )
            )
            for row in rows
        ]


def memberships(connection: sqlite3.Connection, wanted: Sequence[int]) -> dict[int, list[OutgoingMembership]]:
    """The memberships of these users, at most a piece of them."""
    found: dict[int, list[OutgoingMembership]] = {}
    rows = connection.execute(
        "select m.user, coalesce(c.external_id, m.organization_key), c.name, m.request, "
        "case when o.state = 'skipped' then 'membership' when co.state = 'skipped' then 'organization' end "
        "from resources m cross join operations o on o.kind = 'membership' and o.subject = m.id "
        "left join resources c on c.id = m.organization "
        "left join operations co on co.kind = 'organization' and co.subject = m.organization "
        f"where m.kind = 'membership' and m.user in ({marks(wanted)}) order by m.user, m.id",
        list(wanted),
    ).fetchall()
    for user, organization, name, request, left in rows:
        found.setdefault(user, []).append(OutgoingMembership(organization, name, _roles(request), left))
    return found


def factors(connection: sqlite3.Connection, wanted: Sequence[int]) -> dict[int, list[OutgoingFactor]]:
    """The authenticator apps of these users, at most a piece of them."""
    found: dict[int, list[OutgoingFactor]] = {}
    rows = connection.execute(
        "select f.user, s.secret, f.request, o.state from resources f "
        "cross join operations o on o.kind = 'factor' and o.subject = f.id "
        "left join resource_secrets s on s.id = f.id "
        f"where f.kind = 'factor' and f.user in ({marks(wanted)}) order by f.user, f.id",
        list(wanted),
    ).fetchall()
    for user, secret, text, state in rows:
        request = json.loads(text or "{}")
        named = (request.get("totp_issuer"), request.get("totp_user"))
        found.setdefault(user, []).append(OutgoingFactor(secret, *named, state))
    return found


def resources(connection: sqlite3.Connection, kind: Kind) -> Iterator[OutgoingResource]:
    """All of a kind, in the order they were read."""
    after = 0
    while rows := connection.execute(
        "select r.id, r.source_id, r.external_id, r.name, r.organization_key, o.state, r.request "
        "from operations o cross join resources r on r.id = o.subject "
        "where o.kind = ? and o.subject > ? order by o.subject limit ?",
        (kind, after, PIECE),
    ).fetchall():
        after = rows[-1][0]
        for row in rows:
            yield OutgoingResource._make((*row[:6], json.loads(row[6]) if row[6] else None))


def unowned(connection: sqlite3.Connection) -> dict[str, int]:
    """How many memberships and factors belong to users whom the state does not have."""
    rows = connection.execute(
        "select kind, count(*) from resources where kind in ('membership', 'factor') and user is null "
        "group by 1"
    )
    return dict(rows.fetchall())


def _roles(request: str | None) -> list[str]:
    told = json.loads(request or "{}")
    one = [told["role_slug"]] if "role_slug" in told else []
    return one or list(told.get("role_slugs", ()))
