"""Resources: what moves beside users. Raw records waiting for their mapping, and what was made of them."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cockpit.state import by_id, journal, like
from cockpit.state.users import Told
from cockpit.terms import Kind, OpState, RawItem

CHUNK = 20_000
"""Ids linked in one transaction."""

WAITING = "waiting"
"""The counters of what an import left ready for want of what it hangs on, by kind."""

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class Unmapped(NamedTuple):
    """A raw record that was never mapped, or changed since. `state` is its operation's."""

    id: int
    kind: Kind
    source_id: str
    page: int
    body: str
    operation: int
    state: OpState


class Mapped(NamedTuple):
    """What a record became. `user` and `organization` are source ids of what it hangs on.

    `name` is what people call it; `request` what is sent, without secrets.
    """

    name: str
    request: dict[str, Any]
    external_id: str | None = None
    user: str | None = None
    organization: str | None = None
    secret: str | None = None


class Derived(NamedTuple):
    """A resource that was found inside other records, with the part of one that tells of it (JSON).

    `inside` is the number of the user in whose record it is; 0 where many tell of it.
    """

    kind: Kind
    source_id: str
    inside: int
    body: str
    mapped: Mapped


class Kept(NamedTuple):
    """A resource as the state has it now: its operation, the request it had before (None: none), and has."""

    id: int
    operation: int
    state: OpState
    before: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """One line of a list of resources. `user` is the user's e-mail, `organization` its name."""

    id: int
    kind: Kind
    source_id: str
    name: str | None
    user: str | None
    organization: str | None
    state: OpState
    target_id: str | None


@dataclass(frozen=True, slots=True)
class ResourceRecord:
    """One resource whole: the source payload (verbatim), the mapped request, lint's findings."""

    row: ResourceRow
    source: str
    request: str | None
    attempts: int
    findings: list[Told]


def store(
    connection: sqlite3.Connection, kind: Kind, export: int, page: int, items: Sequence[RawItem]
) -> tuple[int, int]:
    """Store the records of a page and make the new ones ready; returns (new, seen first by this export).

    A record whose id is known replaces the stored one when it differs.
    """
    before = _newest(connection)
    connection.executemany(
        "insert into resources(kind, source_id, page, seen) values(?, ?, ?, ?) on conflict do nothing",
        [(kind, item.id, page, export) for item in items],
    )
    connection.executemany(
        "update resources set page = ? where kind = ? and source_id = ? and exists "
        "(select 1 from resource_bodies b where b.id = resources.id and b.body <> ?)",
        [(page, kind, item.id, item.body) for item in items],
    )
    _keep_bodies(connection, kind, ((item.id, item.body) for item in items))
    fresh = journal.enlist(connection, kind, "select id from resources where id > ?", (before,))
    again = connection.execute(
        "update resources set seen = ? where seen <> ? and kind = ? "
        "and source_id in (select value from json_each(?))",
        (export, export, kind, json.dumps([item.id for item in items])),
    ).rowcount
    return fresh, fresh + again


def unmapped(connection: sqlite3.Connection, after: int, limit: int) -> list[Unmapped]:
    """Raw records beyond the id `after` that have no mapping of their present text."""
    rows = connection.execute(
        "select r.id, r.kind, r.source_id, r.page, b.body, o.id, o.state from resources r "
        "cross join resource_bodies b on b.id = r.id "
        "cross join operations o on o.kind = r.kind and o.subject = r.id "
        "where r.id > ? and r.mapped <> r.page and r.inside is null order by r.id limit ?",
        (after, limit),
    ).fetchall()
    return [Unmapped._make(row) for row in rows]


def save(connection: sqlite3.Connection, mapped: Iterable[tuple[Unmapped, Mapped | None]]) -> list[Kept]:
    """Store mappings, each tied to its user and organization where the state has them; in the same order.

    None stands for a record that has no usable shape.
    """
    return [Kept(raw.id, raw.operation, raw.state, *_map(connection, raw.id, made)) for raw, made in mapped]


def save_derived(connection: sqlite3.Connection, page: int, found: Sequence[Derived]) -> list[Kept]:
    """Store what was found inside other records of a page, in the same order.

    One that is there already is mapped anew; its operation stays as it is.
    """
    kept: list[Kept] = []
    for item in found:
        before = _newest(connection)
        connection.execute(
            "insert into resources(kind, source_id, page, inside) values(?, ?, ?, ?) on conflict do nothing",
            (item.kind, item.source_id, page, item.inside),
        )
        journal.enlist(connection, item.kind, "select id from resources where id > ?", (before,))
        _keep_bodies(connection, item.kind, [(item.source_id, item.body)])
        row = connection.execute(
            "select r.id, o.id, o.state from resources r join operations o "
            "on o.kind = r.kind and o.subject = r.id where r.kind = ? and r.source_id = ?",
            (item.kind, item.source_id),
        ).fetchone()
        ident, operation, state = row
        kept.append(Kept(ident, operation, state, *_map(connection, ident, item.mapped)))
    return kept


def undefined_roles(connection: sqlite3.Connection) -> list[str]:
    """Slugs that memberships name and no role of the environment or of their organization has."""
    rows = connection.execute(
        "with named(slug, organization) as ("
        "select json_extract(m.request, '$.role_slug'), m.organization_key from resources m "
        "where m.kind = 'membership' and json_extract(m.request, '$.role_slug') is not null "
        "union select j.value, m.organization_key from resources m, json_each(m.request, '$.role_slugs') j "
        "where m.kind = 'membership') "
        "select distinct slug from named where slug <> '' and not exists (select 1 from resources r "
        "where r.kind = 'role' and r.external_id = slug "
        "and (r.organization_key is null or r.organization_key = named.organization)) order by slug"
    )
    return [slug for (slug,) in rows.fetchall()]


def undefined_permissions(connection: sqlite3.Connection) -> list[str]:
    """Slugs that roles grant and no permission has."""
    rows = connection.execute(
        "select distinct j.value from resources r, json_each(r.request, '$.permissions') j "
        "where r.kind = 'role' and j.value <> '' and not exists "
        "(select 1 from resources p where p.kind = 'permission' and p.external_id = j.value) order by 1"
    )
    return [slug for (slug,) in rows.fetchall()]


def shared_domains(connection: sqlite3.Connection) -> list[tuple[int, int, str, str]]:
    """(organization, its operation, domain, who keeps it) of each that is ready with another's domain.

    The one that is at the target keeps it, else the one that was read first.
    """
    return connection.execute(
        "with claimed as (select r.id, r.name, o.id as operation, o.state, "
        "json_extract(j.value, '$.domain') as domain from resources r "
        "join operations o on o.kind = 'organization' and o.subject = r.id "
        "join json_each(r.request, '$.domain_data') j where r.kind = 'organization'), "
        "ranked as (select *, first_value(id) over (partition by domain order by "
        "state in ('imported', 'adopted', 'sending') desc, state in ('skipped', 'failed'), id) as keeper "
        "from claimed) select ranked.id, operation, domain, k.name from ranked "
        "join resources k on k.id = keeper where ranked.id <> keeper and state = 'ready' order by ranked.id"
    ).fetchall()


def map_again(connection: sqlite3.Connection, wanted: Iterable[int]) -> None:
    """Have these mapped and held against the rules again; what was found inside a user, with that user."""
    for resource in wanted:
        connection.execute("update resources set mapped = 0 where id = ?", (resource,))
        connection.execute(
            "update users set page = 0 where id = (select inside from resources where id = ?)", (resource,)
        )


def known(connection: sqlite3.Connection, kind: Kind, source_ids: Iterable[str]) -> set[str]:
    """Those of the source ids that the state has as resources of this kind."""
    rows = connection.execute(
        "select source_id from resources where kind = ? and source_id in (select value from json_each(?))",
        (kind, json.dumps(list(source_ids))),
    )
    return {source_id for (source_id,) in rows.fetchall()}


def link(connection: sqlite3.Connection, after: int) -> int | None:
    """Tie resources beyond the id `after` to users and organizations that were exported since.

    One part of the ids at a time: returns where the next part begins, None at the end.
    """
    if after >= (newest := _newest(connection)):
        return None
    last = after + CHUNK
    connection.execute(
        "update resources set user = (select id from raw where source_id = user_key) "
        "where id > ? and id <= ? and user is null and user_key is not null",
        (after, last),
    )
    connection.execute(
        "update resources set organization = (select o.id from resources o where o.kind = 'organization' "
        "and o.source_id = resources.organization_key) "
        "where id > ? and id <= ? and organization is null and organization_key is not null",
        (after, last),
    )
    return last if last < newest else None


def waiting(connection: sqlite3.Connection, kind: str) -> int:
    """How many are ready but hang on a user or organization that is not at the target."""
    row = connection.execute(
        "select count(*) from operations o cross join resources r on r.id = o.subject "
        "left join operations uo on uo.kind = 'user' and uo.subject = r.user "
        "left join operations oo on oo.kind = 'organization' and oo.subject = r.organization "
        "where o.kind = ? and o.state = 'ready' and r.mapped = r.page and r.request is not null and ("
        "(r.user_key is not null and uo.target_id is null) "
        "or (r.organization_key is not null and oo.target_id is null))",
        (kind,),
    ).fetchone()
    return int(row[0])


def count_waiting(connection: sqlite3.Connection, kind: str) -> int:
    """The same at the end of an import, kept for those who only look: it holds until the next one."""
    count = waiting(connection, kind)
    connection.execute(
        "insert into counters(kind, state, n) values(?, ?, ?) on conflict do update set n = excluded.n",
        (WAITING, kind, count),
    )
    return count


def left_waiting(connection: sqlite3.Connection) -> dict[Kind, int]:
    """How many of each kind the last import left waiting."""
    query = "select state, n from counters where kind = ? and n > 0"
    return dict(connection.execute(query, (WAITING,)).fetchall())


def ids(
    connection: sqlite3.Connection, kind: Kind, *, state: OpState | None = None, search: str = ""
) -> list[int]:
    """Ids of a kind in the order they were read, by state and a text in name, id or the user's e-mail."""
    clauses, values = ["o.kind = ?"], [str(kind)]
    if state is not None:
        clauses.append("o.state = ?")
        values.append(state)
    join = ""
    if search:
        join = "join resources r on r.id = o.subject left join users u on u.id = r.user"
        clause, texts = like.anywhere(("r.name", "r.source_id", "u.email"), search)
        clauses.append(clause)
        values += texts
    rows = connection.execute(
        f"select o.subject from operations o {join} where {' and '.join(clauses)} order by o.subject", values
    ).fetchall()
    return [row[0] for row in rows]


_ROW = """
    select r.id, r.kind, r.source_id, r.name, coalesce(u.email, r.user_key),
    coalesce(c.name, r.organization_key), o.state, o.target_id from resources r
    join operations o on o.kind = r.kind and o.subject = r.id
    left join users u on u.id = r.user left join resources c on c.id = r.organization"""


def rows(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[ResourceRow]:
    """The list lines of these resources, in the order asked for."""
    return by_id.fetch(connection, _ROW, "r.id", wanted, lambda row: ResourceRow(*row))


def find(connection: sqlite3.Connection, kinds: Sequence[Kind], key: str) -> int | None:
    """The number of the resource of one of these kinds with that source id, or that name."""
    row = connection.execute(
        "select id from resources where kind in (select value from json_each(?1)) "
        "and (source_id = ?2 or name = ?2) order by source_id <> ?2, id limit 1",
        (json.dumps(list(kinds)), key),
    ).fetchone()
    return int(row[0]) if row else None


def show(connection: sqlite3.Connection, resource: int) -> ResourceRecord | None:
    """One resource with payload, request and lint findings, the gravest first."""
    row = connection.execute(f"{_ROW} where r.id = ?", (resource,)).fetchone()
    if row is None:
        return None
    body, request, attempts = connection.execute(
        "select coalesce(b.body, '{}'), r.request, o.attempts from resources r "
        "join operations o on o.kind = r.kind and o.subject = r.id "
        "left join resource_bodies b on b.id = r.id where r.id = ?",
        (resource,),
    ).fetchone()
    findings = connection.execute(
        "select rule, severity, field, detail from resource_findings where resource = ? "
        "order by instr('error warning info', severity), rule",
        (resource,),
    ).fetchall()
    told = [Told._make(found) for found in findings]
    return ResourceRecord(ResourceRow(*row), body, request, attempts, told)


def _map(connection: sqlite3.Connection, ident: int, made: Mapped | None) -> tuple[str | None, str | None]:
    """Store what a record became; returns the request it had before, and has now."""
    row = connection.execute("select request from resources where id = ?", (ident,)).fetchone()
    before: str | None = row[0]
    if made is None:
        connection.execute("update resources set mapped = page, request = null where id = ?", (ident,))
        return before, None
    now = _ENCODER.encode(made.request)
    connection.execute(
        "update resources set mapped = page, name = ?, request = ?, external_id = ?, user_key = ?, "
        "organization_key = ? where id = ?",
        (made.name, now, made.external_id, made.user, made.organization, ident),
    )
    connection.execute(
        "update resources set user = (select id from raw where source_id = user_key), organization = "
        "(select o.id from resources o where o.kind = 'organization' "
        "and o.source_id = resources.organization_key) where id = ?",
        (ident,),
    )
    if made.secret is not None:
        connection.execute(
            "insert into resource_secrets(id, secret) values(?, ?) "
            "on conflict do update set secret = excluded.secret",
            (ident, made.secret),
        )
    return before, now


def _keep_bodies(connection: sqlite3.Connection, kind: Kind, bodies: Iterable[tuple[str, str]]) -> None:
    connection.executemany(
        "insert into resource_bodies(id, body) select id, ? from resources where kind = ? and source_id = ? "
        "on conflict do update set body = excluded.body where body <> excluded.body",
        [(body, kind, source_id) for source_id, body in bodies],
    )


def _newest(connection: sqlite3.Connection) -> int:
    return int(connection.execute("select coalesce(max(id), 0) from resources").fetchone()[0])
