"""Pane 2: the export, its pages, lint findings by rule, who keeps the password, and all records."""

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import ContentSwitcher

from cockpit.rules.lint import RULES
from cockpit.state.resource_findings import KindCount
from cockpit.state.summary import Summary
from cockpit.terms import PLURALS, Kind
from cockpit.tui import feeds, kinds, marks, text
from cockpit.tui.feeds import Feed
from cockpit.tui.kinds import Family
from cockpit.tui.panes.base import Host
from cockpit.tui.panes.passwords import PasswordsView
from cockpit.tui.panes.viewed import ViewedPane
from cockpit.tui.screens.choose import Choose, chosen
from cockpit.tui.situation import Situation
from cockpit.tui.snapshots import Detail, PaneId, Plan, Snapshot
from cockpit.tui.widgets.browser import Browser
from cockpit.tui.widgets.cells import Column, Row
from cockpit.tui.widgets.job_panel import JobPanel
from cockpit.tui.widgets.lines import Part
from cockpit.tui.widgets.record_view import RecordView
from cockpit.tui.widgets.table import Table
from cockpit.tui.widgets.views import View
from cockpit.words import counted

LISTS = ("Users", "Pages", "Lint", "Passwords")
"""The lists that are always there; those of other kinds stand after the users."""

LINT = (
    Column("severity", 9),
    Column("records", 9, right=True),
    Column("finding", 22, grow=2),
    Column("rule", 22, least=140),
    Column("what to do", 20, grow=3, least=100),
)


class ExportPane(ViewedPane):
    """What came from the source."""

    pane_id: ClassVar[PaneId] = "export"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._job = JobPanel("export", "records")
        self._lint = JobPanel("lint", "users", passing=True)
        self._reset = JobPanel("reset", "e-mails", passing=True)
        self._users = Browser(host.poller, name="users")
        self._resources = Browser(host.poller, name="resources")
        self._pages = Browser(host.poller, name="pages")
        self._rules = Table(LINT, name="lint", empty="no findings; l checks every record")
        self._passwords = PasswordsView()
        self._found = Browser(host.poller, name="found")
        self._numbers: dict[tuple[Kind, str], int] = {}
        self._families: list[Family] = []
        self._view = "Users"
        self._plan = Plan()
        self._snapshot: Snapshot | None = None
        self._detail = Detail()

    def compose(self) -> ComposeResult:
        """The jobs, the names of the lists, the list."""
        yield self._job
        yield self._lint
        yield self._reset
        yield self.views
        with ContentSwitcher(initial="users"):
            yield self._users
            yield self._resources
            yield self._pages
            yield self._rules
            yield self._passwords
            yield self._found
            yield RecordView()

    def on_mount(self) -> None:
        """Start with the users."""
        self.trail = ["users"]
        self._rules.border_title = "Lint findings by rule"

    def update(self, snapshot: Snapshot, detail: Detail) -> None:
        """Paint a new snapshot."""
        self._snapshot, self._detail = snapshot, detail
        found = snapshot.summary
        self._families = kinds.families(found)
        self._job.update(snapshot, detail.samples, _exporting(found), _exported(found))
        self._lint.update(snapshot)
        self._reset.update(snapshot)
        self._rules.fill({self._number(count.kind, count.rule): _rule_row(count) for count in detail.rules})
        self._passwords.show(found, detail.plan)
        self._name_views()
        if found is None:
            return
        if self._users.feed is None:
            self._users.show_feed(feeds.all_users())
        if self._pages.feed is None:
            self._pages.show_feed(feeds.pages())
        if self.browser is not None:
            self.browser.tick()

    def _number(self, kind: Kind, rule: str) -> int:
        """The id of a rule's row, the same whatever the order becomes."""
        return self._numbers.setdefault((kind, rule), len(self._numbers) + 1)

    @property
    def _names(self) -> list[str]:
        first, *others = LISTS
        return [first, *(family.name for family in self._families), *others]

    def _name_views(self) -> None:
        found = self._snapshot.summary if self._snapshot is not None else None
        errors = sum(count.records for count in self._detail.rules if count.severity == "error")
        lost = found.passwords.unsupported if found is not None else 0
        views = {
            "Users": View("Users", text.number(found.exported) if found else ""),
            "Pages": View("Pages", text.number(found.pages) if found else ""),
            "Lint": View("Lint", text.number(errors) if errors else "", "bad"),
            "Passwords": View("Passwords", f"{text.number(lost)} lost" if lost else "", "warn"),
        }
        if found is not None:
            for family in self._families:
                views[family.name] = View(family.name, text.number(kinds.total(found, family.kinds)))
        names = self._names
        self.views.show([views[name] for name in names], names.index(self._view))

    def pick(self, index: int) -> None:
        """Show another list."""
        names = self._names
        self._view = names[index % len(names)]
        family = next((family for family in self._families if family.name == self._view), None)
        if family is not None:
            self._resources.show_feed(feeds.of_family(family))
        self.trail = []
        self.enter("resources" if family is not None else self._view.lower())
        self._name_views()

    def describe(self, situation: Situation) -> Situation:
        """In the list of passwords, whether there is something to decide, and e-mails to send."""
        plan, entry = self._detail.plan, self._passwords.entry
        return replace(
            super().describe(situation),
            group=self.level == "passwords" and entry is not None and entry.group is not None,
            emails=(plan.waiting or plan.doubtful) if plan.resets else None,
        )

    def do_open(self) -> None:
        """A rule or a group opens its records, a record its sides."""
        rule = next((key for key, number in self._numbers.items() if number == self._rules.cursor), None)
        entry = self._passwords.entry
        if self.level == "lint" and rule is not None:
            self._show_found(_breaking(*rule))
        elif self.level == "passwords" and entry is not None:
            self._show_found(entry.feed)
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

    def do_choose(self) -> None:
        """Ask what becomes of the group under the cursor."""
        entry = self._passwords.entry
        if entry is None or entry.group is None:
            return
        group = entry.group

        def answered(answer: str | None) -> None:
            if (choice := chosen(answer)) is not None:
                self.host.perform(lambda: self.host.commands.choose(group, choice))

        self.app.push_screen(Choose(group), answered)

    def do_send_resets(self) -> None:
        """Say who is written to by whom, then start the e-mails."""
        plan, given = self._detail.plan, self.host.commands.given
        again = not plan.waiting
        count = plan.doubtful if again else plan.waiting
        who = "whose e-mail failed or may have gone out" if again else "who have arrived"
        groups = "; ".join(
            f"{text.number(n)}: {text.line(standing.reason, 80)}"
            for standing in plan.resets
            if (n := standing.failed + standing.unknown if again else standing.waiting)
        )
        sender = "WorkOS" if given.mailer == "workos" else f"your mailer {text.line(given.mailer or '', 40)}"
        takes = text.span(count * 60 / given.resets_per_min)
        self.host.confirm(
            f"Send {counted(count, 'reset e-mail')}?",
            f"To users {who} ({groups}), by {sender}, one after another: about {takes}. "
            "An e-mail can't be taken back. p pauses, X stops between two.",
            f"Send {text.number(count)}",
            lambda: self.host.perform(lambda: self.host.commands.start("reset", {"again": again})),
        )


def _exporting(found: Summary | None) -> str:
    """The kind that is being read."""
    reading = [kind for kind, export in found.exports.items() if export.complete_at is None] if found else []
    return PLURALS[reading[0]] if reading else ""


def _exported(found: Summary | None) -> tuple[Part, ...]:
    """How many of each kind there are."""
    there = [(kind, sum(states.values())) for kind, states in found.kinds.items()] if found else []
    return tuple((f"{PLURALS[kind]} {text.number(n)}", "strong") for kind, n in there if n)


def _breaking(kind: Kind, rule: str) -> Feed:
    title = RULES[rule].title if rule in RULES else rule
    return feeds.users_of_rule(rule, title) if kind == "user" else feeds.resources_of_rule(kind, rule, title)


def _rule_row(count: KindCount) -> Row:
    mark = marks.of(marks.SEVERITIES, count.severity)
    rule = RULES.get(count.rule)
    return Row(
        (
            (str(mark), mark.tone),
            (text.number(count.records), "strong"),
            (text.line(kinds.named(count.kind, rule.title if rule else count.rule)), "plain"),
            (text.line(count.rule), "dim"),
            (rule.todo if rule else "", "dim"),
        ),
        count.rule,
    )
