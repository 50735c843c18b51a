"""Pane 9: the audit trails of state and rollout, the jobs with their logs, what their processes printed."""

import asyncio
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import ContentSwitcher

from cockpit.state import files
from cockpit.state.database import StateError
from cockpit.tui import text
from cockpit.tui.log import chain, kept, output
from cockpit.tui.log.chain import Verdict
from cockpit.tui.log.feeds import ActionsFeed, EntriesFeed, JobsFeed, SaidFeed
from cockpit.tui.log.output import Tail
from cockpit.tui.panes.base import Host
from cockpit.tui.panes.viewed import ViewedPane
from cockpit.tui.snapshots import Detail, PaneId, Snapshot
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.browser import Browser
from cockpit.tui.widgets.json_view import JsonView
from cockpit.tui.widgets.record_view import RecordView
from cockpit.tui.widgets.still import Still
from cockpit.tui.widgets.text_view import TextView
from cockpit.tui.widgets.views import View

LEVELS = ("audit", "chained", "jobs", "output")
"""The first level of each tab."""


class LogPane(ViewedPane):
    """What happened, for whoever asks afterwards."""

    pane_id: ClassVar[PaneId] = "log"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._kept = kept.NOTHING
        self._at = 0.0
        self._actions = Browser(host.poller, name="audit", nothing="nothing was done yet", follows=True)
        self._chain = Still(classes="counts")
        self._verdict: Verdict | None = None
        self._entries = Browser(
            host.poller.rollout, name="entries", nothing="nothing was done yet", follows=True
        )
        self._jobs = Browser(host.poller, name="jobs", nothing="no job was started yet", follows=True)
        self._head = Still(classes="record-head")
        self._said = Browser(host.poller, name="said", nothing="it said nothing", follows=True)
        self._about = JsonView()
        self._printed = TextView(follows=True)
        self._tail: Tail | None = None
        self._words = ""

    def compose(self) -> ComposeResult:
        """The names of the tabs; each tab; a job with its log; records."""
        yield self.views
        with ContentSwitcher(initial="audit"):
            yield self._actions
            with Vertical(id="chained"):
                yield self._chain
                yield self._entries
            yield self._jobs
            with Vertical(id="job"):
                yield self._head
                with Container(classes="told"):
                    yield self._said
                    yield self._about
            with Vertical(id="output"):
                yield self._printed
            yield RecordView()

    def on_mount(self) -> None:
        """Start with the audit trail."""
        self.trail = ["audit"]
        for browser in (self._actions, self._jobs):
            browser.empty = "there is no state file yet"
        self._entries.empty = ""
        self._actions.border_title = "Audit trail"
        self._entries.border_title = "Audit trail of the rollout"
        self._jobs.border_title = "Jobs"

    def update(self, snapshot: Snapshot, detail: Detail) -> None:
        """Paint a new snapshot."""
        self._at, self._kept = snapshot.at, detail.log
        self._name_views()
        if snapshot.summary is not None and self._actions.feed is None:
            self._actions.show_feed(ActionsFeed())
        self._show_jobs(snapshot)
        self._show_chain()
        if self.level == "job":
            self.run_worker(self._tell(), group="job", exclusive=True, exit_on_error=False)
        elif self.level == "output" and (self._tail is None or self._tail.size != self._kept.printed):
            self.run_worker(self._read_output(), group="output", exclusive=True, exit_on_error=False)
        browser = self.browser
        # Why the rollout can't be read stands above its list; the list need not say it each moment.
        if browser is not None and (browser is not self._entries or self._kept.entries is not None):
            browser.tick()

    def _name_views(self) -> None:
        held = self._kept
        broken = self._verdict is not None and self._verdict.broken is not None
        entries = text.number(held.entries) if held.entries else ""
        views = [
            View("Audit", text.number(held.actions)),
            View("Rollout", "BROKEN", "bad") if broken else View("Rollout", entries),
            View("Jobs", text.number(held.jobs)),
            View("Output", text.size(held.printed) if held.printed else ""),
        ]
        first = self.trail[0] if self.trail else LEVELS[0]
        self.views.show(views, LEVELS.index(first))

    def _show_jobs(self, snapshot: Snapshot) -> None:
        feed = JobsFeed({view.job.id: view.mark for view in snapshot.jobs.values()})
        if snapshot.summary is None or feed == self._jobs.feed:
            return
        if self._jobs.feed is None:
            self._jobs.show_feed(feed)
        else:
            self._jobs.feed = feed

    def _show_chain(self) -> None:
        self._chain.show_text(lines.content(chain.told(self._kept, self._verdict)))
        if self._kept.entries is None:
            return
        if self._entries.feed is None:
            self._entries.show_feed(EntriesFeed())
        due = self._verdict is None or self._at >= self._verdict.at + self._verdict.good_for_s
        if self.trail[0] == "chained" and due:
            self.run_worker(self._follow(), group="chain", exclusive=True, exit_on_error=False)

    async def _follow(self) -> None:
        """The whole chain, in a thread of its own: lists go on meanwhile."""
        self._verdict = found = await asyncio.to_thread(chain.follow, self.host.commands.state, self._at)
        feed = EntriesFeed(found.broken)
        if feed != self._entries.feed:
            self._entries.feed = feed
            self._entries.tick()
        self._chain.show_text(lines.content(chain.told(self._kept, found)))
        self._name_views()

    async def _tell(self) -> None:
        """The open job as it is now."""
        feed, id_ = self._jobs.feed, self._jobs.cursor
        if feed is None or id_ is None:
            return
        try:
            record = await self.host.poller.ask(lambda connection: feed.record(connection, id_))
        except StateError as error:
            self.host.say(str(error), bad=True)
            return
        if record is not None and id_ == self._jobs.cursor:
            heading = lines.content([*record.heading, (f"   {self._jobs.place()}", "dim")])
            self._head.show_text(lines.joined([heading, lines.content(record.notes)]))
            self._about.show(record.sides[0], frozenset(), revealed=False, unfolded=False)

    async def _read_output(self) -> None:
        try:
            file = files.printed(self.host.commands.state)
            self._tail = await asyncio.to_thread(output.read, file)
        except OSError as error:
            self.host.say(f"what jobs printed can't be read: {error}", bad=True)
            return
        self._show_output()

    def _show_output(self) -> None:
        tail = self._tail or Tail()
        title = f"What processes of jobs printed: {files.printed(self.host.commands.state).name}"
        self._printed.border_title = (
            f"{title} · filter: {text.line(self._words, 40)}" if self._words else title
        )
        self._printed.border_subtitle = f"the last {text.size(output.MOST)}" if tail.cut else ""
        found = list(output.shown(tail, self._words))
        if not found and self._words:
            found = [((f"nothing matches {text.line(self._words, 40)}; Esc clears the filter", "dim"),)]
        elif not found:
            found = [(("nothing: a process prints only what it can't say in the state", "dim"),)]
        self._printed.show_lines(found)

    def pick(self, index: int) -> None:
        """Show another tab."""
        self.trail = []
        self.enter(LEVELS[index % len(LEVELS)])
        self._name_views()
        self._show_chain()

    def focus_main(self) -> None:
        """Keys scroll what was printed."""
        if self.level == "output":
            self._printed.focus()
        else:
            super().focus_main()

    def do_open(self) -> None:
        """A job opens with its log; anything else as a record."""
        if self.level != "jobs":
            self.open_record()
        elif self._jobs.cursor is not None:
            self._said.show_feed(SaidFeed(self._jobs.cursor))
            self.enter("job")
            self.run_worker(self._tell(), group="job", exclusive=True, exit_on_error=False)

    def do_filter(self) -> None:
        """Ask for a filter."""
        if self.level == "output":
            self.host.ask_filter(self._words)
        else:
            super().do_filter()

    def apply_filter(self, words: str) -> None:
        """Narrow the list, or what was printed."""
        if self.level != "output":
            super().apply_filter(words)
            return
        self._words = words.strip()
        self._show_output()

    def do_back(self) -> None:
        """Clear the filter, or go one level up."""
        if self.level == "output" and self._words:
            self.apply_filter("")
        else:
            super().do_back()
