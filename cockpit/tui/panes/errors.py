"""Pane 4: failures by cause, the records of a cause, and one record with all its sides."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import ContentSwitcher

from cockpit.state import browse
from cockpit.state.browse import Listing, Tally
from cockpit.state.database import StateError
from cockpit.tui import causes, feeds, text
from cockpit.tui.panes.base import Host
from cockpit.tui.panes.deciding import Deciding
from cockpit.tui.snapshots import Cause, Detail, PaneId, Snapshot
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.record_view import RecordView
from cockpit.tui.widgets.still import Still
from cockpit.tui.widgets.table import Table

RENEWED_S = 60.0
"""A claim of mine shows life so often."""


class ErrorsPane(Deciding):
    """Failures, taken to zero."""

    pane_id: ClassVar[PaneId] = "errors"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._head = Still(classes="pane-head")
        self._groups = Table(causes.COLUMNS, name="causes", empty="no open errors")
        self._example = Still(classes="box", id="example")
        self._rules = Table(
            causes.RULES, name="rules", empty="no fix rule is in force; a in a cause makes one"
        )
        self._numbers: dict[str, int] = {}
        self._known: Sequence[Cause] = ()
        self._tallies: Mapping[str, Tally] = {}
        self._words = ""
        self._order = next(iter(causes.ORDERS))
        self._fingerprint: str | None = None
        self._heard: int | None = None
        self._renewed = 0.0

    def compose(self) -> ComposeResult:
        """The levels."""
        yield self._head
        with ContentSwitcher(initial="groups"):
            with Vertical(id="groups"):
                yield self._groups
                yield self._example
            yield self._rules
            yield self._records
            yield RecordView(tabbed=True)

    def on_mount(self) -> None:
        """Start with the causes."""
        self.trail = ["groups"]
        self._rules.border_title = "Fix rules in force, in the order they are applied"
        self._example.border_title = "This cause"

    def update(self, snapshot: Snapshot, detail: Detail) -> None:
        """Paint a new snapshot."""
        if self._words and detail.groups is not self._known:
            self.run_worker(self._tally(), group="tally", exclusive=True, exit_on_error=False)
        self._known, self.reviews = detail.groups, detail.reviews
        self._hear(detail)
        self._show_life(snapshot)
        self._list()
        self._rules.fill({standing.id: causes.rule_row(standing) for standing in detail.standing})
        self._head.show_text(lines.content(self._standing(snapshot)))
        if self.browser is not None:
            self.browser.tick()
        elif self.opened is not None:
            self.run_worker(self.refresh_opened(), group="record", exit_on_error=False)

    def _list(self) -> None:
        """The causes, as filtered and ordered."""
        found = causes.narrowed(self._known, self._tallies) if self._words else self._known
        whole = sum(cause.group.open for cause in found)
        self._groups.empty = (
            f"nothing matches {text.line(self._words, 40)}; Esc clears the filter"
            if self._words
            else "no open errors"
        )
        self._groups.fill(
            {
                self._number(cause.group.fingerprint): causes.row(
                    cause.group, whole, causes.holder(self.reviews, "group", cause.group.fingerprint)
                )
                for cause in causes.ordered(found, self._order)
            }
        )
        parts = [f"Causes {text.number(len(found))}"]
        if self._words:
            parts.append(f"filter: {text.line(self._words, 40)}")
        if self._order != next(iter(causes.ORDERS)):
            parts.append(f"by {self._order}")
        self._groups.entitle(" · ".join(parts))
        self._explain()

    async def _tally(self) -> None:
        words, commands = self._words, self.host.commands
        listing = browse.errors(batch_size=commands.given.batch_size, now=commands.now)
        try:
            found = await self.host.poller.ask(lambda connection: browse.tallies(connection, listing, words))
        except StateError as error:
            self.host.say(str(error), bad=True)
            return
        if words == self._words:
            self._tallies = found
            self._list()
            self.host.changed()

    def _hear(self, detail: Detail) -> None:
        """Tell what colleagues decided since the last snapshot."""
        newest = detail.decided[0].id if detail.decided else 0
        if self._heard is not None:
            for one in reversed(detail.decided):
                if one.id > self._heard and one.operator != self.host.commands.operator:
                    self.host.say(f"{text.line(one.operator, 40)}: {one.action} {text.line(one.subject, 80)}")
        self._heard = newest

    def _show_life(self, snapshot: Snapshot) -> None:
        mine = [one for one in self.reviews if one.operator == self.host.commands.operator]
        if not mine or self.host.commands.read_only or snapshot.at - self._renewed < RENEWED_S:
            return
        if self._renewed:
            self.host.quietly(lambda: self.fixes.renew(mine))
        self._renewed = snapshot.at

    def _number(self, fingerprint: str) -> int:
        return self._numbers.setdefault(fingerprint, len(self._numbers) + 1)

    def _standing(self, snapshot: Snapshot) -> list[lines.Part]:
        found = snapshot.summary
        ready = found.to_send if found is not None else 0
        done = sum(states["skipped"] for states in found.kinds.values()) if found is not None else 0
        parts: list[lines.Part] = [
            (f"{text.number(found.open_errors if found else 0)} open", "strong"),
            (f"   {text.number(ready)} ready to be sent", "plain" if ready else "dim"),
            (f"   {text.number(done)} left out on purpose", "dim"),
        ]
        if self.progress:
            parts.append((f"   ▣ {text.line(self.progress, 120)}", "busy"))
        elif on := self._colleague():
            parts.append((f"   ! {on}", "warn"))
        return parts

    def _colleague(self) -> str:
        """Who else is on the record or the cause on the screen."""
        cause, error = self.cause, self._records.cursor
        on = self._holder("error", str(error)) if self.level in ("records", "record") else ""
        return on or (self._holder("group", cause.group.fingerprint) if cause is not None else "")

    def _explain(self) -> None:
        cause = self.cause
        self._example.display = cause is not None
        if cause is not None:
            advice = causes.todo(cause.group)
            likely = f"   (a: {', '.join(advice.actions)})" if advice.actions else ""
            self._example.show_text(
                lines.joined(
                    [
                        lines.content([("e.g. ", "dim"), (text.line(cause.who, 80), "strong")]),
                        lines.content([("says ", "dim"), (text.line(cause.message), "warn")]),
                        lines.content([("do   ", "dim"), (advice.todo, "plain"), (likely, "dim")]),
                    ]
                )
            )

    @on(Table.Moved)
    def _moved(self) -> None:
        self._explain()

    @property
    def cause(self) -> Cause | None:
        """The cause under the cursor, or the one whose records are shown."""
        wanted = self._fingerprint
        if self.level == "groups":
            wanted = next(
                (name for name, number in self._numbers.items() if number == self._groups.cursor), None
            )
        found = causes.narrowed(self._known, self._tallies) if self._words else self._known
        return next((cause for cause in found if cause.group.fingerprint == wanted), None)

    @property
    def narrowed_group(self) -> tuple[Listing, str] | None:
        """The records of the cause, and the filter of what is on the screen."""
        if self.level == "groups":
            return (self._feed(self.cause).listing, self._words) if self.cause is not None else None
        feed = self._records.feed
        return (feed.listing, self._records.filter) if feed is not None else None

    def _feed(self, cause: Cause) -> feeds.ErrorsFeed:
        commands = self.host.commands
        group = cause.group
        return feeds.errors_of(group.fingerprint, group.title, commands.given.batch_size, commands.clock)

    def do_open(self) -> None:
        """A cause opens its records, a record its sides."""
        if self.level == "groups" and (cause := self.cause) is not None:
            self._fingerprint = cause.group.fingerprint
            self._records.filter = self._words
            self._records.show_feed(self._feed(cause), keep=True)
            self.enter("records")
        elif self.level == "records":
            self.open_record()

    def do_back(self) -> None:
        """Clear the filter, or go one level up."""
        if self.level == "groups" and self._words:
            self.apply_filter("")
        elif self.level == "records" and self._records.filter == self._words:
            # The filter came along from the causes, and is cleared there.
            self.trail.pop()
            self._switch()
        else:
            super().do_back()

    def do_filter(self) -> None:
        """Narrow the causes, or the records of one."""
        self.host.ask_filter(self._words if self.level == "groups" else self._records.filter)

    def apply_filter(self, words: str) -> None:
        """Keep the causes of the errors that match, or the records that do."""
        if self.level != "groups":
            super().apply_filter(words)
            return
        self._words = words.strip()
        self._tallies = {}
        if self._words:
            self.run_worker(self._tally(), group="tally", exclusive=True, exit_on_error=False)
        else:
            self._list()
            self.host.changed()

    def do_sort(self) -> None:
        """The next order."""
        if self.level == "groups":
            orders = list(causes.ORDERS)
            self._order = orders[(orders.index(self._order) + 1) % len(orders)]
            self._list()
        else:
            super().do_sort()

    def do_export_rows(self) -> None:
        """Write the records of the list, or of the cause under the cursor, to a file."""
        if self.level == "groups" and (cause := self.cause) is not None:
            self.run_worker(self._export_cause(cause), group="export", exclusive=True, exit_on_error=False)
        else:
            super().do_export_rows()

    async def _export_cause(self, cause: Cause) -> None:
        await self.write_rows(self.host.poller, self._feed(cause), await self._group_ids())

    def do_next_side(self) -> None:
        """The next side of the record."""
        if self.opened is not None:
            self.opened.show_side(self.opened.side + 1)

    def do_reload_errors(self) -> None:
        """Read the list again."""
        self.do_reload()

    def do_rules(self) -> None:
        """The fix rules in force."""
        self.enter("rules")

    def do_remove_rule(self) -> None:
        """Ask, then take the rule under the cursor back."""
        number, row = self._rules.cursor, self._rules.row(self._rules.cursor)
        if number is None or row is None:
            return
        self.host.confirm(
            f"Remove rule {number}?",
            f"{row.name}: what it changed and was not sent since is as before; what was sent stays.",
            "Remove it",
            lambda: self.host.perform(lambda: self.fixes.remove_rule(number)),
        )
