"""Who keeps the password, who does not and what is decided for them, and which second factors are lost."""

from collections.abc import Iterator
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from cockpit.state.password_plan import Group
from cockpit.state.resets import MARKED, Standing
from cockpit.state.summary import Passwords, Summary
from cockpit.tui import feeds, marks, text
from cockpit.tui.feeds import UsersFeed
from cockpit.tui.snapshots import Plan
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.cells import Column, Row
from cockpit.tui.widgets.lines import Part
from cockpit.tui.widgets.still import Still
from cockpit.tui.widgets.table import Table

COLUMNS = (
    Column("password", 13),
    Column("users", 9, right=True),
    Column("type or reason", 22, grow=1),
    Column("choice", 11),
    Column("e-mails", 40, least=100),
)

THEN = {
    "carried": "they sign in with the password that they have",
    "absent": "they sign in without a password, as before",
    "factor": "they sign in without it; tell them to enrol again",
    "marked": "e sends each who has arrived one reset e-mail",
    "ask": "nobody has decided; the import waits while any are still to go; c chooses",
    "silent": "at their next login they are led to set a password; c chooses again",
    "email": "e sends each who has arrived one reset e-mail; c chooses again",
    "hold": "they are not imported; c chooses again",
}
"""What becomes of the users of a row, by its standing or its choice."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row: users with that standing (of marks.PASSWORDS) for that reason, and what can be decided for."""

    standing: str
    users: int
    why: str
    feed: UsersFeed
    group: Group | None = None
    mails: str = ""

    @property
    def row(self) -> Row:
        """As a line of the table."""
        mark = marks.of(marks.PASSWORDS, self.standing)
        choice = marks.of(marks.CHOICES, self.group.choice) if self.group is not None else None
        return Row(
            (
                (str(mark), mark.tone),
                (text.number(self.users), "strong"),
                (text.line(self.why), "plain"),
                (str(choice), choice.tone) if choice is not None else ("", "plain"),
                (self.mails, "plain"),
            ),
            self.why,
        )

    def about(self) -> Iterator[list[Part]]:
        """The whole reason, what becomes of these users, how far their e-mails are."""
        yield [("what     ", "dim"), (text.line(self.why), "strong")]
        yield [
            ("then     ", "dim"),
            (THEN[self.group.choice if self.group is not None else self.standing], "plain"),
        ]
        if self.mails:
            yield [("e-mails  ", "dim"), (self.mails, "plain")]


class PasswordsView(Vertical):
    """The plan, a row a group, and below it what the row under the cursor means."""

    def __init__(self) -> None:
        super().__init__(id="passwords")
        self._table = Table(COLUMNS, name="plan", empty="nobody is mapped yet; l runs lint, which maps")
        self._about = Still(classes="box", id="about")
        self._entries: dict[int, Entry] = {}
        self._numbers: dict[tuple[str, str], int] = {}

    def compose(self) -> ComposeResult:
        """Both."""
        yield self._table
        yield self._about

    def on_mount(self) -> None:
        """Titles."""
        self._table.border_title = "Passwords: who keeps theirs, and what becomes of the others"
        self._about.border_title = "These users"

    @property
    def entry(self) -> Entry | None:
        """What is under the cursor."""
        cursor = self._table.cursor
        return self._entries.get(cursor) if cursor is not None else None

    def show(self, found: Summary | None, plan: Plan) -> None:
        """Take the plan. A group keeps the number of its row whatever the order becomes."""
        entries = _entries(found.passwords, plan) if found is not None else ()
        self._entries = {
            self._numbers.setdefault((entry.standing, entry.why), len(self._numbers) + 1): entry
            for entry in entries
        }
        self._table.fill({number: entry.row for number, entry in self._entries.items()})
        self._explain()

    @on(Table.Moved)
    def _explain(self) -> None:
        entry = self.entry
        self._about.display = entry is not None
        if entry is not None:
            self._about.show_text(lines.joined(map(lines.content, entry.about())))


def _entries(passwords: Passwords, plan: Plan) -> Iterator[Entry]:
    mails = {standing.reason: _mails(standing) for standing in plan.resets}
    for kind, n in passwords.by_type.items():
        yield Entry("carried", n, kind, feeds.users_with_password("carried", kind, ""))
    for group in plan.groups:
        feed = feeds.users_with_password("unsupported", "", group.reason)
        yield Entry("unsupported", group.users, group.reason, feed, group, mails.get(group.reason, ""))
    for standing in plan.resets:
        if standing.reason == MARKED:
            n = standing.waiting + standing.sent + standing.failed + standing.unknown
            yield Entry("marked", n, MARKED, feeds.users_marked(), mails=mails[MARKED])
    if passwords.absent:
        feed = feeds.users_with_password("absent", "", "")
        yield Entry("absent", passwords.absent, "signs in without a password at the source", feed)
    for factor, n in plan.factors:
        yield Entry("factor", n, factor, feeds.users_losing(factor))


def _mails(standing: Standing) -> str:
    """How far the e-mails of a group are."""
    counted = {
        "to send": standing.waiting,
        "sent": standing.sent,
        "failed": standing.failed,
        "in doubt": standing.unknown,
    }
    return ", ".join(f"{text.number(n)} {what}" for what, n in counted.items() if n) or "nobody is there yet"
