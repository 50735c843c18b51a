"""What the long lists show: their ids by filter and order, and the cells and records of ids."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cockpit.clock import Clock, millis
from cockpit.state import (
    browse,
    diffs,
    errors,
    exports,
    lint,
    resource_findings,
    resources,
    reviewers,
    users,
)
from cockpit.state.browse import Listing
from cockpit.terms import Kind
from cockpit.tui import kinds, marks, records, text
from cockpit.tui.kinds import Family
from cockpit.tui.marks import Tone
from cockpit.tui.records import Record, Side
from cockpit.tui.widgets.cells import Column, Row
from cockpit.tui.widgets.lines import Part


class Feed(Protocol):
    """A list that a browser can show."""

    @property
    def title(self) -> str:
        """What the rows are."""
        ...

    @property
    def listing(self) -> Listing:
        """Where the ids come from."""
        ...

    @property
    def columns(self) -> Sequence[Column]:
        """How a row is laid out."""
        ...

    def rows(self, connection: sqlite3.Connection, wanted: Sequence[int]) -> Mapping[int, Row]:
        """The cells of these ids."""
        ...

    def record(self, connection: sqlite3.Connection, id_: int) -> Record | None:
        """One of them opened."""
        ...


@dataclass(frozen=True, slots=True)
class UsersFeed:
    """Users to move: all, those of a lint rule, or those of a batch."""

    title: str
    listing: Listing
    columns: Sequence[Column] = (
        Column("e-mail", 22, grow=3),
        Column("name", 12, grow=2, least=100),
        Column("id", 16, grow=2),
        Column("connection", 14, grow=1, least=140),
        Column("held back", 12, least=140),
        Column("password", 13),
        Column("state", 10),
    )

    def rows(self, connection: sqlite3.Connection, wanted: Sequence[int]) -> Mapping[int, Row]:
        found = {}
        for row in users.rows(connection, wanted):
            state = marks.of(marks.USER_STATES, row.state)
            password = marks.of(marks.PASSWORDS, row.password) if row.password else None
            found[row.id] = Row(
                (
                    (text.line(row.email) if row.email else "(no e-mail)", "plain" if row.email else "dim"),
                    (text.line(row.name or ""), "plain"),
                    (text.line(row.external_id), "dim"),
                    (text.line(row.connection or ""), "dim"),
                    (row.held or "", "warn"),
                    (str(password) if password else "· not mapped", password.tone if password else "dim"),
                    (str(state), state.tone),
                ),
                row.email or row.external_id,
            )
        return found

    def record(self, connection: sqlite3.Connection, id_: int) -> Record | None:
        return records.of_user(connection, id_)


@dataclass(frozen=True, slots=True)
class LintedFeed:
    """Users of whom a lint rule has something to say, and what."""

    title: str
    listing: Listing
    rule: str
    columns: Sequence[Column] = (
        Column("e-mail", 22, grow=2),
        Column("id", 16, grow=1, least=100),
        Column("finding", 20, grow=4),
        Column("held back", 12, least=100),
        Column("state", 10),
    )

    def rows(self, connection: sqlite3.Connection, wanted: Sequence[int]) -> Mapping[int, Row]:
        told = lint.details(connection, self.rule, wanted)
        found = {}
        for row in users.rows(connection, wanted):
            state = marks.of(marks.USER_STATES, row.state)
            found[row.id] = Row(
                (
                    (text.line(row.email) if row.email else "(no e-mail)", "plain" if row.email else "dim"),
                    (text.line(row.external_id), "dim"),
                    (text.line(told.get(row.id, "")), "plain"),
                    (row.held or "", "warn"),
                    (str(state), state.tone),
                ),
                row.email or row.external_id,
            )
        return found

    def record(self, connection: sqlite3.Connection, id_: int) -> Record | None:
        return records.of_user(connection, id_)


_NAME = Column("name", 22, grow=3)
_USER = Column("user", 22, grow=3)
_ORGANIZATION = Column("organization", 16, grow=2)
_ID = Column("id", 16, grow=2, least=100)
_STATE = Column("state", 10)

_LAID_OUT: Mapping[str, Sequence[Column]] = {
    "organization": (_NAME, Column("id", 20, grow=2), Column("at the target", 16, grow=2, least=100), _STATE),
    "role": (Column("what", 10), _NAME, _ORGANIZATION, _ID, _STATE),
    "membership": (_USER, _ORGANIZATION, Column("roles", 12, grow=1), _ID, _STATE),
    "factor": (_USER, Column("issuer", 14, grow=1), Column("id", 16, grow=2), _STATE),
}
"""The columns of a family, by its first kind."""


@dataclass(frozen=True, slots=True)
class ResourcesFeed:
    """What moves beside users: all of some kinds, or those of whom a lint rule has something to say."""

    title: str
    listing: Listing
    kinds: tuple[Kind, ...]
    rule: str = ""

    @property
    def columns(self) -> Sequence[Column]:
        """As the kind has something to show; with a rule, what it says."""
        if self.rule:
            return (_NAME, _USER, Column("finding", 20, grow=4), _STATE)
        return _LAID_OUT[self.kinds[0]]

    def rows(self, connection: sqlite3.Connection, wanted: Sequence[int]) -> Mapping[int, Row]:
        told = resource_findings.details(connection, self.rule, wanted) if self.rule else {}
        found = {}
        for row in resources.rows(connection, wanted):
            state = marks.of(marks.USER_STATES, row.state)
            cells: Mapping[str, tuple[str, Tone]] = {
                "what": (row.kind, "dim"),
                "name": (text.line(row.name or "(not mapped)"), "plain" if row.name else "dim"),
                "roles": (text.line(row.name or "-"), "plain" if row.name else "dim"),
                "issuer": (text.line(row.name or ""), "plain"),
                "user": (text.line(row.user or ""), "plain"),
                "organization": (text.line(row.organization or ""), "plain"),
                "id": (text.line(row.source_id), "dim"),
                "at the target": (text.line(row.target_id or ""), "dim"),
                "finding": (text.line(told.get(row.id, "")), "plain"),
                "state": (str(state), state.tone),
            }
            found[row.id] = Row(tuple(cells[column.title] for column in self.columns), row.source_id)
        return found

    def record(self, connection: sqlite3.Connection, id_: int) -> Record | None:
        return records.of_resource(connection, id_)


@dataclass(frozen=True, slots=True)
class ErrorsFeed:
    """Errors of one cause; what is no user stands with its kind."""

    title: str
    listing: Listing
    clock: Clock
    columns: Sequence[Column] = (
        Column("record", 24, grow=4),
        Column("id", 14, grow=2, least=100),
        Column("answer", 10, grow=1),
        Column("sent", 4, right=True),
        Column("at", 8),
        Column("on it", 8, least=100),
        Column("resolution", 10),
    )

    def rows(self, connection: sqlite3.Connection, wanted: Sequence[int]) -> Mapping[int, Row]:
        alive = reviewers.alive(connection, millis(self.clock.now()))
        on = {review.key: review.operator for review in alive if review.scope == "error"}
        found = {}
        for row in errors.rows(connection, wanted):
            resolution = marks.of(marks.RESOLUTIONS, row.resolution)
            answer = " ".join(str(part) for part in (row.status, row.code) if part is not None)
            who = row.email or row.name
            found[row.id] = Row(
                (
                    (text.line(kinds.named(row.kind, who or "(no e-mail)")), "plain" if who else "dim"),
                    (text.line(row.external_id), "dim"),
                    (text.line(answer or "no answer"), "warn"),
                    (f"{row.attempts}×", "plain"),
                    (text.moment(row.at), "dim"),
                    (text.line(on.get(str(row.id), "")), "busy"),
                    (str(resolution), resolution.tone),
                ),
                who or row.external_id,
            )
        return found

    def record(self, connection: sqlite3.Connection, id_: int) -> Record | None:
        return records.of_error(connection, id_)


@dataclass(frozen=True, slots=True)
class FindingsFeed:
    """What a diff found."""

    title: str
    listing: Listing
    columns: Sequence[Column] = (
        Column("kind", 10),
        Column("record", 22, grow=2),
        Column("id", 14, grow=1, least=100),
        Column("what", 24, grow=3),
        Column("confirmed", 11, least=90),
    )

    def rows(self, connection: sqlite3.Connection, wanted: Sequence[int]) -> Mapping[int, Row]:
        found = {}
        for row in diffs.rows(connection, wanted):
            kind = marks.of(marks.FINDINGS, row.kind)
            found[row.id] = Row(
                (
                    (str(kind), kind.tone),
                    (text.line(kinds.named(row.thing, row.email or "(no e-mail)")), "plain"),
                    (text.line(row.external_id or row.target_id or ""), "dim"),
                    (text.line(records.why(row)), "plain"),
                    ("✔ asked for" if row.confirmed else "· listed", "dim"),
                ),
                row.email or row.external_id or row.target_id or "",
            )
        return found

    def record(self, connection: sqlite3.Connection, id_: int) -> Record | None:
        return records.of_finding(connection, id_)


@dataclass(frozen=True, slots=True)
class PagesFeed:
    """Committed pages of the exports."""

    title: str
    listing: Listing
    columns: Sequence[Column] = (
        Column("page", 6, right=True),
        Column("export", 6, right=True),
        Column("chain", 10, grow=1, least=100),
        Column("cursor", 14, grow=3),
        Column("items", 7, right=True),
        Column("new", 7, right=True),
        Column("bytes", 9, right=True),
        Column("at", 8),
    )

    def rows(self, connection: sqlite3.Connection, wanted: Sequence[int]) -> Mapping[int, Row]:
        return {
            row.id: Row(
                (
                    (text.number(row.id), "plain"),
                    (str(row.export), "dim"),
                    (text.line(row.chain), "plain"),
                    (text.line(row.cursor) or "(first)", "dim"),
                    (text.number(row.items), "plain"),
                    (text.number(row.fresh), "plain"),
                    (text.size(row.bytes), "dim"),
                    (text.moment(row.fetched_at), "dim"),
                ),
                row.checksum,
            )
            for row in exports.page_rows(connection, list(wanted))
        }

    def record(self, connection: sqlite3.Connection, id_: int) -> Record | None:
        for row in exports.page_rows(connection, [id_]):
            page = {
                "cursor": row.cursor,
                "next_cursor": row.next_cursor,
                "chain": row.chain,
                "items": row.items,
                "new": row.fresh,
                "bytes": row.bytes,
                "checksum (blake2b)": row.checksum,
                "fetched": text.day(row.fetched_at),
            }
            heading: tuple[Part, ...] = (
                (f"page {text.number(row.id)}", "strong"),
                (f"   export {row.export}", "dim"),
            )
            return Record(f"page {row.id}", heading, (), (Side("page", page),))
        return None


def all_users() -> UsersFeed:
    """Every user to move."""
    return UsersFeed("Users", browse.users())


def users_of_rule(rule: str, title: str) -> LintedFeed:
    """Users of whom a lint rule has something to say."""
    return LintedFeed(f"Users: {title}", browse.users(rule=rule), rule)


def users_with_findings() -> UsersFeed:
    """Users of whom any lint rule has something to say."""
    return UsersFeed("Users with findings", browse.users(found=True))


def users_with_password(state: str, type_: str, reason: str) -> UsersFeed:
    """Users whose password has that standing."""
    mark = marks.of(marks.PASSWORDS, state)
    about = type_ or reason
    title = f"Users: password {mark.word}{f', {about}' if about else ''}"
    return UsersFeed(title, browse.users(password=(state, type_, reason)))


def users_losing(factor: str) -> UsersFeed:
    """Users who lose that second factor."""
    return UsersFeed(f"Users who lose: {factor}", browse.users(lost_factor=factor))


def users_marked() -> UsersFeed:
    """Users whom a reviewer marked for a reset e-mail."""
    return UsersFeed("Users marked for a reset e-mail", browse.users(marked=True))


def of_family(family: Family) -> ResourcesFeed:
    """Everything of a family."""
    return ResourcesFeed(family.title, browse.resources(family.kinds), family.kinds)


def resources_of_rule(kind: Kind, rule: str, title: str) -> ResourcesFeed:
    """Resources of a kind of whom a lint rule has something to say."""
    return ResourcesFeed(f"{kind}: {title}", browse.resources((kind,), rule), (kind,), rule)


def users_of_batches(first: int, count: int, batch_size: int) -> UsersFeed:
    """Users of neighbouring batches."""
    name = f"batch {text.number(first + 1)}" if count == 1 else f"batches {first + 1}-{first + count}"
    low = first * batch_size + 1
    return UsersFeed(f"Users of {name}", browse.users(between=(low, low + count * batch_size - 1)))


def errors_of(fingerprint: str, title: str, batch_size: int, clock: Clock) -> ErrorsFeed:
    """Errors of a cause."""
    now = millis(clock.now())
    return ErrorsFeed(title, browse.errors(fingerprint, batch_size=batch_size, now=now), clock)


def findings(diff: int, kind: str | None) -> FindingsFeed:
    """What a diff found, of one kind or of all."""
    return FindingsFeed(kind.capitalize() if kind else "All differences", browse.findings(diff, kind))


def pages() -> PagesFeed:
    """Every committed page."""
    return PagesFeed("Pages", browse.pages())
