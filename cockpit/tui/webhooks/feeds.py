"""The long lists of webhooks: held events of a class, dead letters, and WorkOS's events."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cockpit.state import browse, events
from cockpit.state.browse import Listing
from cockpit.state.events import EventRow
from cockpit.state.tank import arrivals, listings
from cockpit.state.tank.arrivals import ArrivalRow
from cockpit.terms import SIGN_INS
from cockpit.tui import marks, text
from cockpit.tui.records import Record, Side, parsed
from cockpit.tui.widgets.cells import Column, Row
from cockpit.tui.widgets.lines import Part


@dataclass(frozen=True, slots=True)
class ArrivalsFeed:
    """Events that came to the tank."""

    title: str
    listing: Listing
    columns: Sequence[Column] = (
        Column("event", 24, grow=2),
        Column("class", 18, grow=1, least=110),
        Column("of", 14, grow=1),
        Column("came", 8),
        Column("tries", 5, right=True),
        Column("state", 12),
        Column("reason", 20, grow=2, least=140),
    )

    def rows(self, connection: sqlite3.Connection, wanted: Sequence[int]) -> Mapping[int, Row]:
        return {row.id: self._row(row) for row in arrivals.rows(connection, wanted)}

    def _row(self, row: ArrivalRow) -> Row:
        state = marks.of(marks.DELIVERIES, row.state)
        cells: Mapping[str, Part] = {
            "event": (text.line(row.event), "plain"),
            "class": (text.line(row.type), "plain"),
            "of": (text.line(row.key or "-"), "dim"),
            "came": (text.moment(row.received), "dim"),
            "tries": (text.number(row.attempts) if row.attempts else "-", "dim"),
            "state": (str(state), state.tone),
            "reason": (_why(row), "warn"),
            "answer": (_why(row), "warn"),
        }
        return Row(tuple(cells[column.title] for column in self.columns), row.event)

    def record(self, connection: sqlite3.Connection, id_: int) -> Record | None:
        found = arrivals.rows(connection, [id_])
        kept = arrivals.body(connection, id_)
        return _arrival(found[0], *kept) if found and kept is not None else None


DEAD: Sequence[Column] = (
    Column("event", 16, grow=2),
    Column("class", 14, grow=2),
    Column("of", 12, grow=1, least=100),
    Column("came", 8),
    Column("tries", 5, right=True),
    Column("answer", 20, grow=3),
)


def of_class(source: str, type_: str) -> ArrivalsFeed:
    """All events of a class."""
    return ArrivalsFeed(f"{type_} from {source}", listings.of_class(source, type_))


def dead() -> ArrivalsFeed:
    """Dead letters."""
    return ArrivalsFeed("Dead letters", listings.dead(), DEAD)


def _why(row: ArrivalRow) -> str:
    said = text.line(row.reason or "")
    status = f"HTTP {row.status}" if row.status is not None else ""
    return said if status in said else f"{status} {said}".strip()


def _arrival(row: ArrivalRow, headers: Mapping[str, str], body: bytes) -> Record:
    state = marks.of(marks.DELIVERIES, row.state)
    standing: Mapping[str, Any] = {
        "state": state.word,
        "reason": row.reason,
        "attempts": row.attempts or None,
        "status": row.status,
        "source": row.source,
        "order_kept_of": row.key or None,
        "came": text.full(row.received),
    }
    why = _why(row)
    return Record(
        row.event,
        ((text.line(row.type, 60), "strong"), (f"   {text.line(row.event, 80)}", "dim")),
        ((str(state), state.tone), (f": {why}" if why else "", "warn")),
        (
            Side("body", parsed(body.decode(errors="replace"))),
            Side("standing", {name: value for name, value in standing.items() if value is not None}),
            Side("headers (no credentials)", dict(headers)),
        ),
    )


@dataclass(frozen=True, slots=True)
class EventsFeed:
    """What WorkOS says happened."""

    title: str = "Events"
    columns: Sequence[Column] = (
        Column("at", 8),
        Column("event", 22, grow=1),
        Column("connection", 14, grow=2),
        Column("organization", 14, grow=2, least=130),
        Column("who or why", 16, grow=2),
        Column("id", 14, grow=2, least=110),
    )

    @property
    def listing(self) -> Listing:
        """All that are kept."""
        return browse.events()

    def rows(self, connection: sqlite3.Connection, wanted: Sequence[int]) -> Mapping[int, Row]:
        return {row.id: _event_row(row) for row in events.rows(connection, wanted)}

    def record(self, connection: sqlite3.Connection, id_: int) -> Record | None:
        found = events.rows(connection, [id_])
        return _event(found[0]) if found else None


def _event_row(row: EventRow) -> Row:
    who, failed = _about(parsed(row.body))
    return Row(
        (
            (text.moment(row.at), "dim"),
            _named(row.name),
            (text.line(row.connection or "-"), "plain" if row.connection else "dim"),
            (text.line(row.organization or "-"), "dim"),
            (text.line(who), "warn" if failed else "plain"),
            (text.line(row.event), "dim"),
        ),
        row.event,
    )


def _event(row: EventRow) -> Record:
    mark, tone = _named(row.name)
    kept = {
        "event": row.name,
        "at": text.full(row.at),
        "connection": row.connection,
        "organization": row.organization,
    }
    return Record(
        row.event,
        ((text.line(row.name, 60), "strong"), (f"   {text.line(row.event, 60)}", "dim")),
        ((mark, tone), (f"   {text.full(row.at)}", "dim")),
        (Side("body", parsed(row.body)), Side("kept", kept)),
    )


def _named(name: str) -> Part:
    """What came of a sign-in has its glyph; where so many are sign-ins, what kind of event it is goes without
    saying."""
    short = text.line(name.removeprefix("authentication."), 60)
    mark = marks.of(marks.SIGN_INS, SIGN_INS.get(name, ""))
    return (f"{mark.glyph} {short}", mark.tone if name in SIGN_INS else "busy")


def _about(body: Any) -> tuple[str, bool]:
    """The error's code where there is one, else who it was or what it is called; whether it is an error."""
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        return "", False
    error = data.get("error")
    if isinstance(error, dict) and error.get("code"):
        return str(error["code"]), True
    return str(data.get("email") or data.get("name") or ""), False
