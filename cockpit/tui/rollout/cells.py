"""A connection on the board: as a row of the table, and as a card of four lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cockpit.connections.board import Column as Lane
from cockpit.jobs.rollout.overview import MINUTE_MS, Line
from cockpit.rollout.flip import OPEN
from cockpit.rollout.route import AT_WORKOS
from cockpit.tui import marks, text
from cockpit.tui.marks import Mark, Tone
from cockpit.tui.rollout.board import Logins
from cockpit.tui.widgets.cells import Column, Row
from cockpit.tui.widgets.lines import Part
from cockpit.words import counted

COLUMNS = (
    Column("organization", 10, grow=2),
    Column("connection", 14, grow=2, least=100),
    Column("state", 11),
    Column("users", 5, right=True),
    Column("days", 4, right=True),
    Column("wave", 6),
    Column("✔ and ✘", 7, right=True),
    Column("1 hour", 6),
    Column("last", 7),
    Column("what", 9, grow=3, least=100),
)
NOTHING = Logins(0, 0, ())
SOON_DAYS = 30
_BLOCKS = "▁▂▃▄▅▆▇█"
_OUTCOMES: Mapping[str, tuple[str, Tone]] = {
    "succeeded": ("✔", "dim"),
    "failed": ("✘", "bad"),
    "timed_out": ("✘", "bad"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """A connection as a card: in which lane, what `y` copies, and its lines, (left, right) each."""

    lane: Lane
    name: str
    lines: tuple[tuple[Sequence[Part], Sequence[Part]], ...]


def row(line: Line, told: Logins) -> Row:
    """As a row."""
    described, mark = line.row.described, state(line)
    return Row(
        (
            (organization(line), "strong" if line.column in AT_WORKOS else "plain"),
            (name(line), "dim"),
            (str(mark), mark.tone),
            (text.number(described.users), "plain" if described.users else "dim"),
            days(line),
            (line.wave or "-", "dim"),
            counts(line, told),
            trend(line, told),
            *last(line),
        ),
        line.connection,
    )


def card(line: Line, told: Logins) -> Card:
    """As a card: its lane names the column, so only an open flip says more."""
    mark, open_ = state(line), line.flip is not None and line.flip.stage in OPEN
    users = counted(line.row.described.users, "user")
    (until, tone), (when, what) = days(line), last(line)
    second: list[Part] = [(f"{mark.word} ", mark.tone)] if open_ else []
    happened = [what] if line.column == "held" else [when, (" ", "plain"), what]
    return Card(
        line.column,
        line.connection,
        (
            ([(f"{mark.glyph} ", mark.tone), (organization(line), "strong")], [(users, "dim")]),
            ([*second, (name(line), "dim")], [(line.wave, "dim")] if line.wave else []),
            ([("✔ ", "dim"), counts(line, told)], [(left(line), tone)] if until != "-" else []),
            ([trend(line, told), (" ", "plain"), *happened], []),
        ),
    )


def name(line: Line) -> str:
    """What people call it."""
    return text.line(line.row.described.name or line.connection)


def organization(line: Line) -> str:
    """Whose it is."""
    described = line.row.described
    return text.line(described.route.organization or described.name or line.connection)


def state(line: Line) -> Mark:
    """Where it stands; while a flip is open, how far that is."""
    if line.flip is not None and line.flip.stage in OPEN:
        return marks.of(marks.FLIPS, line.flip.stage)
    return marks.of(marks.COLUMNS, line.column)


def counts(line: Line, told: Logins) -> Part:
    """Sign-ins that succeeded and those that did not; what failed at WorkOS is told loudest."""
    there = line.column in AT_WORKOS
    tone: Tone = ("bad" if told.failed else "ok" if told.succeeded else "dim") if there else "dim"
    return f"{_short(told.succeeded)} ✘{_short(told.failed)}", tone


def trend(line: Line, told: Logins) -> Part:
    """The last hour, ten minutes a cell: how many logins, red once any of them failed at WorkOS."""
    sums = [good + bad for good, bad in told.trend]
    most = max(sums, default=0)
    if not most:
        return "·" * len(told.trend), "dim"
    drawn = "".join(_BLOCKS[-(-n * 7 // most)] if n else "·" for n in sums)
    there, failed = line.column in AT_WORKOS, any(bad for _, bad in told.trend)
    tone: Tone = ("bad" if failed else "ok") if there else "dim"
    return drawn, tone


def days(line: Line) -> Part:
    """Until the IdP's certificate ends."""
    left = line.certificate_days
    if left is None:
        return "-", "dim"
    return text.number(left), "bad" if left < 0 else "warn" if left <= SOON_DAYS else "plain"


def left(line: Line) -> str:
    """The same in words."""
    days_left = line.certificate_days or 0
    return counted(days_left, "day") if days_left >= 0 else "expired"


def last(line: Line) -> tuple[Part, Part]:
    """What happened last, as when and what: why it is held, else the newest event or login."""
    if line.column == "held":
        why = text.line(line.row.why or "taken back")
        return (f"■ {text.moment(line.row.moved_at)[:5]}" if line.row.moved_at else "■", "bad"), (why, "warn")
    if line.last_event is not None and line.last_event[0] >= (line.last_login or 0) - MINUTE_MS:
        at, event = line.last_event
        outcome = event.rpartition(".")[2].removeprefix("sso_")
        glyph, tone = _OUTCOMES.get(outcome, ("·", "dim"))
        return (f"{glyph} {text.moment(at)[:5]}", tone), (text.line(outcome.replace("_", " ")), tone)
    if line.last_login is not None:
        return (f"→ {text.moment(line.last_login)[:5]}", "dim"), ("login", "dim")
    return ("-", "dim"), ("", "dim")


def _short(n: int) -> str:
    """999, 1.2k, 34k."""
    return str(n) if n < 1000 else f"{n / 1000:.1f}k" if n < 10_000 else f"{n // 1000}k"
