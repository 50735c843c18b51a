"""The long lists as people browse them: filtered by what they type, in an order, as bare ids.

A filter is words (`acme`), fields (`code:422`), and either with `!` before it for "not".
"""

import json
import sqlite3
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cockpit.rules.lint import SECOND_FACTOR_LOST
from cockpit.state import like
from cockpit.state.error_filter import LEASE_MS, SUBJECTS
from cockpit.terms import Kind

_CHUNK = 20_000


class Term(NamedTuple):
    """One part of a filter; `field` is empty for a bare word."""

    field: str
    value: str
    negated: bool


class Field(NamedTuple):
    """A column a filter can name; `whole` values must match entirely, others anywhere inside."""

    column: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that can be browsed: where its ids come from and what can be asked of it."""

    key: str
    source: str
    scope: tuple[tuple[str, str | int | None], ...]
    fields: Mapping[str, Field]
    words: tuple[str, ...]
    orders: Mapping[str, str]


def parse(text: str, fields: Mapping[str, Field]) -> list[Term]:
    """The terms of a filter. `a:b` is a field only where `a` is one; else it is a word like others."""
    terms = []
    for part in text.split():
        bare = part.removeprefix("!")
        name, colon, value = bare.partition(":")
        if colon and name in fields:
            terms.append(Term(name, value, bare != part))
        elif bare:
            terms.append(Term("", bare, bare != part))
    return terms


def ids(
    connection: sqlite3.Connection,
    listing: Listing,
    text: str = "",
    order: str = "",
    after: int | None = None,
) -> "array[int]":
    """The ids that match, in an order of the listing (its first by default), only those above `after`."""
    where, values = _where(listing, text, after)
    by = listing.orders.get(order) or next(iter(listing.orders.values()))
    cursor = connection.execute(f"select {listing.key} {listing.source} where {where} order by {by}", values)
    found = array("q")
    while rows := cursor.fetchmany(_CHUNK):
        found.extend(row[0] for row in rows)
    return found


class Tally(NamedTuple):
    """Of the errors of one cause, those that match a filter: how many, from when to when, and the newest."""

    open: int
    first_at: int
    last_at: int
    example: int


def tallies(connection: sqlite3.Connection, listing: Listing, text: str) -> dict[str, Tally]:
    """The causes (fingerprints) of the errors that match."""
    where, values = _where(listing, text, None)
    rows = connection.execute(
        f"select e.fingerprint, count(*), min(e.at), max(e.at), max(e.id) {listing.source} where {where} "
        "group by e.fingerprint",
        values,
    ).fetchall()
    return {fingerprint: Tally(*figures) for fingerprint, *figures in rows}


def newer(connection: sqlite3.Connection, listing: Listing, text: str, after: int) -> int:
    """How many that match came after this id."""
    where, values = _where(listing, text, after)
    row = connection.execute(f"select count(*) {listing.source} where {where}", values).fetchone()
    return int(row[0])


def still(connection: sqlite3.Connection, listing: Listing, text: str, wanted: Sequence[int]) -> set[int]:
    """Those of these ids that match now."""
    where, values = _where(listing, text, None)
    marks = ",".join("?" * len(wanted))
    rows = connection.execute(
        f"select {listing.key} {listing.source} where {where} and {listing.key} in ({marks})",
        [*values, *wanted],
    ).fetchall()
    return {row[0] for row in rows}


def _where(listing: Listing, text: str, after: int | None) -> tuple[str, list[str | int]]:
    clauses = []
    values: list[str | int] = []
    terms = parse(text, listing.fields)
    named = {term.field for term in terms}
    for clause, value in listing.scope:
        if clause != OPEN_ERRORS or "is" not in named:
            clauses.append(clause)
            if value is not None:
                values.append(value)
    if after is not None:
        clauses.append(f"{listing.key} > ?")
        values.append(after)
    for term in terms:
        field = listing.fields.get(term.field)
        columns = (field.column,) if field else listing.words
        pattern = like.literal(term.value)
        if field is None or not field.whole:
            pattern = f"%{pattern}%"
        either = " or ".join(f"coalesce({column}, '') like ? escape '\\'" for column in columns)
        clauses.append(f"{'not ' if term.negated else ''}({either})")
        values += [pattern] * len(columns)
    return " and ".join(clauses), values


OPEN_ERRORS = "e.resolution = 'open'"
"""As a literal: only then SQLite knows that the index of open errors will do."""


def errors(fingerprint: str | None = None, *, batch_size: int = 100, now: int = 0) -> Listing:
    """Errors, of one cause or of all; open ones unless the filter says `is:ignored` or the like.

    `batch:` counts from 0 in batches of that size; `on:` is who is on an error or its group at `now` (ms).
    """
    scope: tuple[tuple[str, str | int | None], ...] = ((OPEN_ERRORS, None),)
    if fingerprint is not None:
        scope += (("e.fingerprint = ?", fingerprint),)
    return Listing(
        "e.id",
        f"from errors e {SUBJECTS}",
        scope,
        {
            "code": Field("e.code", whole=True),
            "status": Field("e.status", whole=True),
            "class": Field("e.class", whole=True),
            "is": Field("e.resolution", whole=True),
            "kind": Field("e.kind"),
            "email": Field("coalesce(u.email, tu.email)"),
            "id": Field("coalesce(u.external_id, r.source_id, t.source_id)"),
            "name": Field("t.name"),
            "cause": Field("e.title"),
            "batch": Field(f"iif(e.kind = 'user', (e.subject - 1) / {batch_size}, '')", whole=True),
            "connection": Field("coalesce(u.connection, tu.connection)"),
            "org": Field(_ORGANIZATIONS),
            "at": Field("strftime('%Y-%m-%dT%H:%M', e.at / 1000, 'unixepoch', 'localtime')"),
            "on": Field(
                "(select group_concat(c.operator, ' ') from claims c where "
                f"c.at > {now - LEASE_MS} and (c.scope = 'group' and c.key = e.fingerprint "
                "or c.scope = 'error' and c.key = e.id))"
            ),
        },
        (
            *("u.email", "u.external_id", "tu.email", "t.name", "t.source_id"),
            *("e.title", "e.message", "e.code", "e.status"),
        ),
        {"oldest": "e.id", "newest": "e.id desc", "e-mail": "u.email_key, e.id"},
    )


_ORGANIZATIONS = """(select group_concat(o.name || ' ' || o.source_id, ' ') from resources o
    where o.kind = 'organization' and (o.id = t.id or o.id = t.organization or o.id in
    (select m.organization from resources m where m.user = u.id and m.kind = 'membership')))"""


def users(
    *,
    rule: str | None = None,
    lost_factor: str | None = None,
    found: bool = False,
    between: tuple[int, int] | None = None,
    password: tuple[str, str, str] | None = None,
    marked: bool = False,
) -> Listing:
    """Users to move: all, those a lint rule (or with `found`, any) says something of, those who lose that
    second factor, a range of ids, those whose password has that state, type and reason, or those marked for a
    reset e-mail."""
    scope: tuple[tuple[str, str | int], ...] = (("o.kind = ?", "user"),)
    if found:
        scope += (("o.subject in (select user from findings where rule <> ?)", ""),)
    if rule is not None:
        scope += (("o.subject in (select user from findings where rule = ?)", rule),)
    if lost_factor is not None:
        losing = f"select user from findings where rule = '{SECOND_FACTOR_LOST}' and field = ?"
        scope += ((f"o.subject in ({losing})", lost_factor),)
    for column, value in zip(("state", "type", "reason"), password or (), strict=False):
        scope += ((f"coalesce(u.password_{column}, '') = ?", value),)
    if marked:
        scope += (("o.subject in (select user from reset_marks where user > ?)", 0),)
    if between is not None:
        scope += (("o.subject >= ?", between[0]), ("o.subject <= ?", between[1]))
    return Listing(
        "o.subject",
        "from operations o left join users u on u.id = o.subject",
        scope,
        {
            "rule": Field("(select group_concat(rule, ' ') from findings f where f.user = o.subject)"),
            "held": Field("(select reason from holds h where h.user = o.subject)"),
            "state": Field("o.state", whole=True),
            "password": Field("u.password_state", whole=True),
            "type": Field("u.password_type", whole=True),
            "connection": Field("u.connection"),
            "email": Field("u.email"),
            "id": Field("u.external_id"),
            "name": Field("u.name"),
        },
        ("u.email", "u.external_id", "u.name"),
        {"exported": "o.subject", "e-mail": "u.email_key, o.subject", "state": "o.state, o.subject"},
    )


_EMAIL_OF = "(select email from users where id = r.user)"
_ORGANIZATION_OF = "(select name from resources c where c.id = r.organization)"


def resources(kinds: Sequence[Kind], rule: str | None = None) -> Listing:
    """What moves beside users, of some kinds: all, or those a lint rule says something of."""
    scope: tuple[tuple[str, str | int], ...]
    if len(kinds) == 1:
        scope = (("o.kind = ?", kinds[0]),)
    else:
        scope = (("o.kind in (select value from json_each(?))", json.dumps(kinds)),)
    if rule is not None:
        scope += (("o.subject in (select resource from resource_findings where rule = ?)", rule),)
    return Listing(
        "o.subject",
        # SQLite leaves out a left join that nothing asks for: all ids come from the index alone.
        "from operations o left join resources r on r.id = o.subject",
        scope,
        {
            "rule": Field(
                "(select group_concat(rule, ' ') from resource_findings f where f.resource = o.subject)"
            ),
            "kind": Field("o.kind", whole=True),
            "state": Field("o.state", whole=True),
            "name": Field("r.name"),
            "email": Field(_EMAIL_OF),
            "org": Field(f"coalesce({_ORGANIZATION_OF}, r.organization_key)"),
            "id": Field("r.source_id"),
        },
        ("r.name", "r.source_id", _EMAIL_OF, _ORGANIZATION_OF),
        {"read": "o.subject", "name": "r.name, o.subject", "state": "o.state, o.subject"},
    )


KIND_ORDER = "missing drifted changed deleted extra accepted"
"""Kinds of differences, the worst first."""


def findings(diff: int, kind: str | None = None) -> Listing:
    """What a diff found, of one kind or of all."""
    scope: tuple[tuple[str, str | int], ...] = (("diff = ?", diff),)
    if kind is not None:
        scope += (("kind = ?", kind),)
    return Listing(
        "id",
        "from diff_findings",
        scope,
        {
            "kind": Field("kind", whole=True),
            "thing": Field("thing", whole=True),
            "email": Field("email"),
            "id": Field("external_id"),
            "field": Field("fields"),
        },
        ("email", "external_id", "target_id"),
        {"kind": f"instr('{KIND_ORDER}', kind), id", "e-mail": "email, id"},
    )


def connections() -> Listing:
    """SSO connections; the gravest verdict first by the order `verdict`.

    An organization goes by its name where it was exported, else by what the connection says of it.
    """
    verdict = "coalesce(c.override, c.verdict, 'unchecked')"
    return Listing(
        "c.id",
        "from connections c left join resources o on o.kind = 'organization' "
        "and o.source_id = coalesce(c.override_organization, c.organization_key)",
        (("c.id > ?", 0),),
        {
            "verdict": Field(verdict, whole=True),
            "protocol": Field("c.protocol", whole=True),
            "handoff": Field("c.handoff", whole=True),
            "state": Field("c.target_state", whole=True),
            "organization": Field("coalesce(o.name, c.organization_name, c.organization_key)"),
            "domain": Field("c.domains"),
            "idp": Field("coalesce(c.idp, c.kind)"),
            "id": Field("c.source_id"),
            "rule": Field(
                "(select group_concat(rule, ' ') from connection_findings f where f.connection = c.id)"
            ),
        },
        ("c.name", "c.source_id", "c.domains", "o.name", "c.organization_name", "c.organization_key"),
        {
            "exported": "c.id",
            "name": "c.name collate nocase, c.id",
            "verdict": f"instr('stop portal review transparent unchecked', {verdict}), c.id",
            "days": "c.certificate_until is null, c.certificate_until, c.id",
        },
    )


def events() -> Listing:
    """WorkOS's events as they were followed."""
    return Listing(
        "id",
        "from events",
        (("id > ?", 0),),
        {
            "name": Field("name"),
            "connection": Field("connection"),
            "organization": Field("organization"),
            "id": Field("event"),
            "email": Field("json_extract(body, '$.data.email')"),
            "error": Field("json_extract(body, '$.data.error.code')"),
        },
        ("name", "connection", "organization", "event"),
        {"newest": "id desc", "oldest": "id", "name": "name, id desc"},
    )


def pages() -> Listing:
    """Pages of all exports."""
    return Listing(
        "id",
        "from pages",
        (("items >= ?", 0),),
        {"export": Field("export", whole=True), "chain": Field("chain"), "cursor": Field("cursor")},
        ("chain", "cursor", "checksum"),
        {"newest": "id desc", "oldest": "id"},
    )
