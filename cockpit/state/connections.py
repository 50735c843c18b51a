"""SSO connections: raw records, what was made of them and found, how far they are."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

from cockpit.connections import secrets
from cockpit.connections.model import Connection
from cockpit.connections.rules import VERDICTS, Verdict
from cockpit.rules.lint import Finding
from cockpit.state import by_id
from cockpit.terms import RawItem

Handoff = Literal["written", "sent", "flagged", "imported"]
"""How far the hand-over is: in a CSV, sent to WorkOS, refused (with a reason), there."""
HANDOFFS: tuple[Handoff, ...] = get_args(Handoff)


class Raw(NamedTuple):
    """A raw record, and which provider's mapping it needs."""

    id: int
    source_id: str
    provider: str
    body: str


class Checked(NamedTuple):
    """What a raw record became; `connection` is None where it has no usable shape.

    `certificate_until` (ms): the end of the IdP's certificate that ends last.
    """

    id: int
    connection: Connection | None
    findings: Sequence[Finding]
    verdict: Verdict
    reasons: Sequence[str]
    certificate_until: int | None


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """One line of the list. `verdict` is the one in force; `overridden`: a person's, against the check's.

    Times are ms. `organization` is its name where the state knows it, else its source id.
    """

    id: int
    source_id: str
    name: str | None
    protocol: str | None
    kind: str | None
    idp: str | None
    organization: str | None
    organizations: int
    domains: str
    certificate_until: int | None
    verdict: Verdict | None
    overridden: bool
    reasons: str
    handoff: Handoff | None
    handoff_why: str | None
    target_id: str | None
    target_state: str | None
    callback_endpoint: str | None
    invited_at: int | None


@dataclass(frozen=True, slots=True)
class ConnectionRecord:
    """One connection whole: the source payload (JSON), the record without secrets (JSON), the findings."""

    row: ConnectionRow
    source: str
    record: str | None
    findings: list[Finding]
    override_why: str | None
    override_organization: str | None
    invited_to: str | None


class Whole(NamedTuple):
    """A connection to hand over, secrets and all, with the organization it goes to (None: one of its own)."""

    id: int
    connection: Connection
    verdict: Verdict | None
    organization: str | None
    handoff: Handoff | None
    target_id: str | None
    callback_endpoint: str | None


def store(
    connection: sqlite3.Connection, provider: str, export: int, items: Sequence[RawItem]
) -> tuple[int, int]:
    """Store raw records; returns (new, seen first by this export). A known one is replaced."""
    fresh = seen = 0
    for item in items:
        row = connection.execute(
            "select id, seen from connections where source_id = ?", (item.id,)
        ).fetchone()
        if row is None:
            ident = connection.execute(
                "insert into connections(source_id, provider, seen) values(?, ?, ?)",
                (item.id, provider, export),
            ).lastrowid
            fresh += 1
        else:
            ident = row[0]
            connection.execute(
                "update connections set seen = ?, provider = ? where id = ?", (export, provider, ident)
            )
        seen += row is None or row[1] != export
        connection.execute(
            "insert into connection_bodies(id, body) values(?, ?) "
            "on conflict do update set body = excluded.body",
            (ident, item.body),
        )
    return fresh, seen


def raws(connection: sqlite3.Connection) -> list[Raw]:
    """Every raw record, in the order they were read."""
    rows = connection.execute(
        "select c.id, c.source_id, c.provider, b.body from connections c "
        "join connection_bodies b on b.id = c.id where b.body <> '{}' order by c.id"
    ).fetchall()
    return [Raw._make(row) for row in rows]


def save(connection: sqlite3.Connection, checked: Iterable[Checked], now: int) -> None:
    """Store what a check made of records: the record, its secrets apart, findings and verdict."""
    for item in checked:
        public, hidden = ({}, {}) if item.connection is None else secrets.split(item.connection)
        made = item.connection
        connection.execute(
            "update connections set name = ?, protocol = ?, kind = ?, idp = ?, organization_key = ?, "
            "organization_name = ?, organizations = ?, domains = ?, enabled = ?, record = ?, "
            "certificate_until = ?, verdict = ?, reasons = ?, checked_at = ? where id = ?",
            (
                *((made.name, made.protocol, made.kind, made.idp) if made else (None,) * 4),
                made.organizations[0] if made and made.organizations else None,
                made.organization_name if made else None,
                len(made.organizations) if made else 0,
                ";".join(made.domains) if made else "",
                made.enabled if made else None,
                json.dumps(public) if made else None,
                item.certificate_until,
                item.verdict,
                "; ".join(item.reasons),
                now,
                item.id,
            ),
        )
        connection.execute("delete from connection_secrets where id = ?", (item.id,))
        if hidden:
            connection.execute(
                "insert into connection_secrets(id, secrets) values(?, ?)", (item.id, json.dumps(hidden))
            )
        connection.execute("delete from connection_findings where connection = ?", (item.id,))
        connection.executemany(
            "insert into connection_findings(connection, rule, severity, field, detail) "
            "values(?, ?, ?, ?, ?) "
            "on conflict do update set detail = detail || '; ' || excluded.detail",
            [(item.id, found.rule, found.severity, found.field, found.detail) for found in item.findings],
        )


def total(connection: sqlite3.Connection) -> int:
    """How many connections there are."""
    return int(connection.execute("select count(*) from connections").fetchone()[0])


def unchecked(connection: sqlite3.Connection) -> int:
    """How many were never checked."""
    row = connection.execute("select count(*) from connections where verdict is null").fetchone()
    return int(row[0])


def verdicts(connection: sqlite3.Connection) -> Mapping[Verdict, int]:
    """How many have each verdict, overrides counted in."""
    found = dict(
        connection.execute(
            "select coalesce(override, verdict), count(*) from connections "
            "where verdict is not null group by 1"
        ).fetchall()
    )
    return {verdict: found.get(verdict, 0) for verdict in VERDICTS}


def handoffs(connection: sqlite3.Connection) -> Mapping[Handoff, int]:
    """How many are in each state of the hand-over."""
    found = dict(connection.execute("select handoff, count(*) from connections group by 1").fetchall())
    return {state: found.get(state, 0) for state in HANDOFFS}


def ids(
    connection: sqlite3.Connection, *, verdict: Verdict | None = None, handoff: Handoff | None = None
) -> list[int]:
    """Ids in the order they were read, of one verdict in force or state of the hand-over."""
    rows = connection.execute(
        "select id from connections where (?1 is null or coalesce(override, verdict) = ?1) "
        "and (?2 is null or handoff = ?2) order by id",
        (verdict, handoff),
    ).fetchall()
    return [row[0] for row in rows]


_ROW = """
    select c.id, c.source_id, c.name, c.protocol, c.kind, c.idp,
    coalesce(o.name, c.organization_name, c.override_organization, c.organization_key), c.organizations,
    c.domains, c.certificate_until, coalesce(c.override, c.verdict), c.override is not null, c.reasons,
    c.handoff, c.handoff_why, c.target_id, c.target_state, c.callback_endpoint, c.invited_at
    from connections c left join resources o on o.kind = 'organization'
    and o.source_id = coalesce(c.override_organization, c.organization_key)"""


def _row(row: tuple[Any, ...]) -> ConnectionRow:
    return ConnectionRow(*(*row[:11], bool(row[11]), *row[12:]))


def rows(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[ConnectionRow]:
    """The list lines of these connections, in the order asked for."""
    return by_id.fetch(connection, _ROW, "c.id", wanted, _row)


def find(connection: sqlite3.Connection, key: str) -> int | None:
    """The number of the connection of that source id, that id at WorkOS, or that name where it is alone."""
    found = connection.execute(
        "select id, source_id = ?1 or target_id = ?1 from connections "
        "where source_id = ?1 or target_id = ?1 or name = ?1 order by 2 desc, id limit 2",
        (key,),
    ).fetchall()
    if not found or (len(found) > 1 and not found[0][1]):
        return None
    return int(found[0][0])


def show(connection: sqlite3.Connection, ident: int) -> ConnectionRecord | None:
    """One connection with its payload and findings."""
    found = rows(connection, [ident])
    if not found:
        return None
    body, *rest = connection.execute(
        "select coalesce(b.body, '{}'), c.record, c.override_why, c.override_organization, c.invited_to "
        "from connections c left join connection_bodies b on b.id = c.id where c.id = ?",
        (ident,),
    ).fetchone()
    record, why, organization, invited = rest
    return ConnectionRecord(found[0], body, record, findings(connection, ident), why, organization, invited)


def findings(connection: sqlite3.Connection, ident: int) -> list[Finding]:
    """What the last check found of one connection, the gravest first."""
    rows = connection.execute(
        "select rule, severity, detail, field from connection_findings where connection = ? "
        "order by instr('error warning info', severity), rule, field",
        (ident,),
    ).fetchall()
    return [Finding._make(row) for row in rows]


def whole(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[Whole]:
    """Connections to hand over, secrets and all, in the order asked for; without those never mapped."""
    query = (
        "select c.id, c.record, coalesce(s.secrets, '{}'), coalesce(c.override, c.verdict), "
        "coalesce(c.override_organization, c.organization_key), c.handoff, c.target_id, c.callback_endpoint "
        "from connections c left join connection_secrets s on s.id = c.id"
    )

    def make(row: tuple[Any, ...]) -> Whole | None:
        ident, record, hidden, *rest = row
        if record is None:
            return None
        return Whole(ident, secrets.join(json.loads(record), json.loads(hidden)), *rest)

    return [item for item in by_id.fetch(connection, query, "c.id", wanted, make) if item is not None]


class Home(NamedTuple):
    """An organization that connections belong to. `target_id`: its id at WorkOS, where it was imported."""

    source_id: str
    name: str
    target_id: str | None
    domains: tuple[str, ...]


def homes(connection: sqlite3.Connection) -> dict[str, Home]:
    """The exported organizations that connections belong to, by source id, with their verified domains."""
    rows = connection.execute(
        "select r.source_id, coalesce(r.name, r.source_id), o.target_id, coalesce(r.request, '{}') "
        "from resources r join operations o on o.kind = 'organization' and o.subject = r.id "
        "where r.kind = 'organization' and r.source_id in ("
        "select override_organization from connections union select organization_key from connections)"
    ).fetchall()
    return {
        source_id: Home(source_id, name, target_id, tuple(_verified(json.loads(request))))
        for source_id, name, target_id, request in rows
    }


def _verified(request: dict[str, Any]) -> list[str]:
    return [each["domain"] for each in request.get("domain_data", ()) if each.get("state") == "verified"]


def hand_over(
    connection: sqlite3.Connection, ident: int, state: Handoff, now: int, why: str | None = None
) -> None:
    """How far its hand-over is now; `why` it was refused."""
    connection.execute(
        "update connections set handoff = ?, handoff_why = ?, handoff_at = ? where id = ?",
        (state, why, now, ident),
    )


def pair(
    connection: sqlite3.Connection,
    ident: int,
    target_id: str,
    target_state: str | None,
    callback_endpoint: str | None,
) -> None:
    """Which connection of WorkOS it is. The callback endpoint is kept where it is not told again."""
    connection.execute(
        "update connections set target_id = ?, target_state = coalesce(?, target_state), "
        "callback_endpoint = coalesce(?, callback_endpoint) where id = ?",
        (target_id, target_state, callback_endpoint, ident),
    )


def invited(connection: sqlite3.Connection, ident: int, email: str, now: int) -> None:
    """An IT contact was invited to set it up anew."""
    connection.execute(
        "update connections set invited_at = ?, invited_to = ? where id = ?", (now, email, ident)
    )


CALLED = "c.source_id, c.name, json_extract(c.record, '$.facts.name')"
"""What records of users call a connection `c`; a provider that shows another name keeps theirs as a fact."""


def users_of(connection: sqlite3.Connection) -> Mapping[str, int]:
    """How many users each connection has, by its source id; one scan of users.

    They are the exported users who came by it, else the members of its organization.
    """
    came_by = dict(
        connection.execute(
            "select connection, count(*) from users where connection is not null group by 1"
        ).fetchall()
    )
    rows = connection.execute(
        f"select (select count(*) from resources m where m.organization = o.id and m.kind = 'membership'), "
        f"{CALLED} from connections c left join resources o on o.kind = 'organization' "
        "and o.source_id = coalesce(c.override_organization, c.organization_key)"
    ).fetchall()
    return {names[0]: sum(came_by.get(name, 0) for name in {*names}) or members for members, *names in rows}


def in_force(connection: sqlite3.Connection) -> Mapping[str, Verdict | None]:
    """The verdict in force of every connection by its source id, None where it was never checked."""
    return dict(
        connection.execute("select source_id, coalesce(override, verdict) from connections").fetchall()
    )
