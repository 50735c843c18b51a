"""Pane 2: the export, its pages, lint findings by rule, who keeps the password, and all users."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import ContentSwitcher

from cockpit.rules.lint import RULES
from cockpit.state.lint import RuleCount
from cockpit.state.summary import Summary
from cockpit.tui import feeds, marks, text
from cockpit.tui.feeds import Feed
from cockpit.tui.panes.base import Host, Pane
from cockpit.tui.snapshots import Detail, PaneId, Snapshot
from cockpit.tui.widgets.browser import Browser
from cockpit.tui.widgets.cells import Column, Row
from cockpit.tui.widgets.job_panel import JobPanel
from cockpit.tui.widgets.record_view import RecordView
from cockpit.tui.widgets.table import Table
from cockpit.tui.widgets.views import View, Views

LISTS = ("users", "pages", "lint", "passwords")
"""The lists of this pane; each is a level."""

LINT = (
    Column("severity", 9),
    Column("users", 9, right=True),
    Column("finding", 22, grow=2),
    Column("rule", 22, least=140),
    Column("what to do", 20, grow=3, least=100),
)
PASSWORDS = (Column("password", 13), Column("users", 9, right=True), Column("type or reason", 24, grow=1))


class ExportPane(Pane):
    """What came from the source."""

    pane_id: ClassVar[PaneId] = "export"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._job = JobPanel("export", "users")
        self._lint = JobPanel("lint", "users")
        self._views = Views()
        self._users = Browser(host.poller, name="users")
        self._pages = Browser(host.poller, name="pages")
        self._rules = Table(LINT, name="lint", empty="no findings; l checks every user")
        self._passwords = Table(
            PASSWORDS, name="passwords", empty="nobody is mapped yet; l runs lint, which maps"
        )
        self._found = Browser(host.poller, name="found")
        self._counts: tuple[RuleCount, ...] = ()
        self._numbers: dict[str, int] = {}
        self._snapshot: Snapshot | None = None

    def compose(self) -> ComposeResult:
        """The job, the names of the lists, the list."""
        yield self._job
        yield self._lint
        yield self._views
        with ContentSwitcher(initial="users"):
            yield self._users
            yield self._pages
            yield self._rules
            yield self._passwords
            yield self._found
            yield RecordView()

    def on_mount(self) -> None:
        """Start with the users."""
        self.trail = ["users"]
        self._rules.border_title = "Lint findings by rule"
        self._passwords.border_title = "Passwords"

    def update(self, snapshot: Snapshot, detail: Detail) -> None:
        """Paint a new snapshot."""
        self._snapshot = snapshot
        self._job.update(snapshot, detail.samples)
        lint = snapshot.job("lint")
        self._lint.display = lint is not None and (lint.active or lint.lost)
        if self._lint.display:
            self._lint.update(snapshot, ())
        found = snapshot.summary
        self._counts = detail.rules
        self._rules.fill({self._number(count.rule): _rule_row(count) for count in detail.rules})
        self._passwords.fill(_password_rows(found) if found is not None else {})
        self._name_views(found)
        if found is None:
            return
        if self._users.feed is None:
            self._users.show_feed(feeds.all_users())
        if self._pages.feed is None:
            self._pages.show_feed(feeds.pages())
        if self.browser is not None:
            self.browser.tick()

    def _number(self, rule: str) -> int:
        """The id of a rule's row, the same whatever the order becomes."""
        return self._numbers.setdefault(rule, len(self._numbers) + 1)

    def _name_views(self, found: Summary | None) -> None:
        errors = sum(count.users for count in self._counts if count.severity == "error")
        lost = found.passwords.unsupported if found is not None else 0
        views = [
            View("Users", text.number(found.exported) if found else ""),
            View("Pages", text.number(found.pages) if found else ""),
            View("Lint", text.number(errors) if errors else "", "bad"),
            View("Passwords", f"{text.number(lost)} lost" if lost else "", "warn"),
        ]
        self._views.show(views, LISTS.index(self.trail[0]))

    def do_next_view(self) -> None:
        """Show the next list."""
        self._pick(LISTS.index(self.trail[0]) + 1)

    def do_previous_view(self) -> None:
        """Show the list before."""
        self._pick(LISTS.index(self.trail[0]) - 1)

    @on(Views.Picked)
    def _picked(self, event: Views.Picked) -> None:
        self._pick(event.index)

    def _pick(self, index: int) -> None:
        self.trail = []
        self.enter(LISTS[index % len(LISTS)])
        if self._snapshot is not None:
            self._name_views(self._snapshot.summary)

    def do_open(self) -> None:
        """A rule opens its users, a user or a page its record."""
        row = self._rules.row(self._rules.cursor)
        if self.level == "lint" and row is not None:
            self._show_found(feeds.users_of_rule(row.name, _title(row.name)))
        elif self.browser is not None:
            self.open_record()

    def _show_found(self, feed: Feed, words: str = "") -> None:
        self._found.filter = words
        self._found.show_feed(feed, keep=True)
        self.enter("found")

    def do_filter(self) -> None:
        """Narrow the list; from the rules, look through the users of all of them."""
        if self.level == "lint":
            self.host.ask_filter("")
        else:
            super().do_filter()

    def apply_filter(self, words: str) -> None:
        """Show what matches."""
        if self.level != "lint":
            super().apply_filter(words)
        elif words:
            self._show_found(feeds.users_with_findings(), words)


def _title(rule: str) -> str:
    return RULES[rule].title if rule in RULES else rule


def _rule_row(count: RuleCount) -> Row:
    mark = marks.of(marks.SEVERITIES, count.severity)
    todo = RULES[count.rule].todo if count.rule in RULES else ""
    return Row(
        (
            (str(mark), mark.tone),
            (text.number(count.users), "strong"),
            (text.line(_title(count.rule)), "plain"),
            (text.line(count.rule), "dim"),
            (todo, "dim"),
        ),
        count.rule,
    )


def _password_rows(found: Summary) -> dict[int, Row]:
    groups = [("carried", kind, n) for kind, n in found.passwords.by_type.items()]
    groups += [("unsupported", reason, n) for reason, n in found.passwords.by_reason.items()]
    if found.passwords.absent:
        groups.append(
            ("absent", "the user signs in without a password at the source", found.passwords.absent)
        )
    rows = {}
    for number, (state, why, n) in enumerate(groups, 1):
        mark = marks.of(marks.PASSWORDS, state)
        rows[number] = Row(
            ((str(mark), mark.tone), (text.number(n), "strong"), (text.line(why), "plain")), why
        )
    return rows
