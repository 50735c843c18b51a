"""Pane 8: the sequence of webhooks, the tank, its drain, and WorkOS's events."""

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import ContentSwitcher

from cockpit.clock import millis
from cockpit.state.database import StateError
from cockpit.state.jobs import JobKind
from cockpit.state.tank import tap
from cockpit.tui import text
from cockpit.tui.panes.base import Host
from cockpit.tui.panes.overview import event_lines
from cockpit.tui.panes.quieting import Quieting
from cockpit.tui.situation import Situation
from cockpit.tui.snapshots import Detail, PaneId, Snapshot
from cockpit.tui.webhooks import feeds, gaps, steps, summary
from cockpit.tui.webhooks.gaps import Compared
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.browser import Browser
from cockpit.tui.widgets.job_panel import JobPanel
from cockpit.tui.widgets.record_view import RecordView
from cockpit.tui.widgets.still import Still
from cockpit.tui.widgets.table import Table
from cockpit.tui.widgets.views import View
from cockpit.webhooks.flow import Followed
from cockpit.webhooks.sequence import STEPS

LEVELS = ("sequence", "tank", "drain", "events")
"""The first level of each tab."""
ABOUT: dict[str, tuple[JobKind, ...]] = {
    "sequence": ("webhooks",),
    "tank": ("drain",),
    "drain": ("drain",),
    "events": ("events",),
}
"""The jobs that a tab steers."""


class WebhooksPane(Quieting):
    """Quiet before the import, no herd after it."""

    pane_id: ClassVar[PaneId] = "webhooks"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._trying = JobPanel("webhooks", "steps", passing=True)
        self._about = Still(classes="box", id="about-step")
        self._tank = Still(classes="counts")
        self._held = Browser(host.poller.tank, name="held", nothing="nothing of this class came")
        self._draining = JobPanel("drain", "events", paced="events")
        self._consumer = Still(classes="box")
        self._happened = Still(classes="box events")
        self._followed = Still(classes="counts")
        self._events = Browser(
            host.poller, name="stream", nothing="no event is kept yet: f follows WorkOS's events"
        )
        self._gaps = Table(gaps.COLUMNS, name="gaps", empty="none is missing on either side")
        self._snapshot = Snapshot(0.0)
        self._compared = Compared(None, 0, 0.0)
        self._compare_at = 0.0

    def compose(self) -> ComposeResult:
        """The names of the tabs; each tab; below its rows their lists and records."""
        yield self._trying
        yield self.views
        with ContentSwitcher(initial="sequence"):
            with Vertical(id="sequence"):
                yield self.steps
                yield self._about
            with Vertical(id="tank"):
                yield self._tank
                yield self.by_class
            with Vertical(id="drain"):
                yield self._draining
                yield self._consumer
                yield self._happened
            with Vertical(id="events"):
                yield self._followed
                yield self._events
            yield self._held
            yield self.letters
            yield self._gaps
            yield RecordView()

    def on_mount(self) -> None:
        """Titles, and the first tab."""
        self.trail = ["sequence"]
        self.steps.border_title = "The sequence: each step proven by what is observed"
        self.steps.border_subtitle = "Enter proves, a attests"
        self._about.border_title = "This step"
        self.by_class.border_title = "Held events by class"
        self._consumer.border_title = "Consumer"
        self._happened.border_title = "What happened"
        self._gaps.border_title = "Events missing on one side"

    def update(self, snapshot: Snapshot, detail: Detail) -> None:
        """Paint a new snapshot."""
        first = self.course is None
        self._snapshot, self.seen = snapshot, detail.webhooks
        self.course = steps.of(snapshot)
        self._trying.update(snapshot)
        self._name_views()
        self._show_steps()
        if first and self.course.next is not None:
            self.steps.step(STEPS.index(self.course.next))
        now, width = millis(snapshot.at), self._width
        self._tank.show_text(summary.laid(summary.tank(self.seen, now), width))
        if self.seen.tank is not None:
            self.by_class.fill(self.numbered.rows(self.seen.tank.classes))
        self._show_drain(detail, width)
        self._show_events()
        for browser in (self._held, self.letters, self._events):
            if browser is self.browser:
                browser.tick()

    @property
    def _width(self) -> int:
        return max(40, self.size.width - 4)

    def _show_steps(self) -> None:
        course = self.course
        if course is None:
            return
        self.steps.fill(
            {number: steps.row(course.found[step], course) for number, step in enumerate(STEPS, 1)}
        )
        self._explain()

    @on(Table.Moved, "#steps")
    def _explain(self) -> None:
        if self.step is not None and self.course is not None:
            told = steps.about(self.step, self.course)
            self._about.show_text(lines.joined(map(lines.content, told)))

    def _show_drain(self, detail: Detail, width: int) -> None:
        snapshot, tank = self._snapshot, self.seen.tank
        self._draining.update(snapshot, detail.samples)
        if tank is None:
            told = summary.tank(self.seen, millis(snapshot.at))
        else:
            told = summary.consumer(tank, snapshot.job("drain"))
        self._consumer.show_text(summary.laid(told, width))
        self._happened.show_text(lines.joined(event_lines(detail.events, 12)))

    def _show_events(self) -> None:
        told = [
            summary.followed(self._snapshot),
            *summary.flow(self._compared.flow, self._compared.since),
        ]
        self._followed.show_text(summary.laid(told, self._width))
        if self._snapshot.summary is not None and self._events.feed is None:
            self._events.show_feed(feeds.EventsFeed())
        if self._compared.flow is not None:
            self._gaps.fill(gaps.rows(self._compared.flow))
        if self.trail[0] == "events" and self._snapshot.at >= self._compare_at:
            self._compare_at = self._snapshot.at + gaps.EVERY_S
            self.run_worker(self._compare(), group="flow", exclusive=True, exit_on_error=False)

    async def _compare(self) -> None:
        """Both files beside each other, in a thread."""
        state, now = self.host.commands.state, millis(self._snapshot.at)
        try:
            found = await self.host.poller.ask(lambda connection: gaps.compare(connection, state, now))
        except StateError as error:
            self.host.say(str(error), bad=True)
            return
        self._compared, self._compare_at = found, self._snapshot.at + found.good_for_s
        self._show_events()

    def _name_views(self) -> None:
        tank, course = self.seen.tank, self.course
        passed = sum(one.is_passed for one in course.found.values()) if course is not None else 0
        view = self._snapshot.job("drain")
        draining = view.job.state.upper() if view is not None and view.active else ""
        views = [
            View("Sequence", f"{passed}/{len(STEPS)}"),
            View("Tank", text.number(tank.total.held) if tank is not None else ""),
            View("Drain", draining, "ok"),
            View("Events", text.number(self.seen.kept) if self.seen.kept else ""),
        ]
        self.views.show(views, LEVELS.index(self.trail[0]))

    def pick(self, index: int) -> None:
        """Show another tab."""
        self.trail = []
        self.enter(LEVELS[index % len(LEVELS)])
        self._name_views()
        self._show_events()

    def describe(self, situation: Situation) -> Situation:
        """Which jobs are meant here, and what the tank holds."""
        return replace(
            super().describe(situation),
            about=ABOUT[self.trail[0]] if self.trail else (),
            held=self.seen.held,
            dead=self.seen.dead,
        )

    def focus_main(self) -> None:
        """The drain has no list."""
        super().focus_main()
        if self.level == "drain":
            self.screen.set_focus(None)

    def do_open(self) -> None:
        """A step is acted on; a class opens its events, an event its body."""
        if self.level == "sequence":
            self.act()
        elif self.level == "tank":
            chosen = self.numbered.of(self.by_class.cursor)
            if chosen is not None:
                self._held.show_feed(feeds.of_class(*chosen))
                self.enter("held")
        elif self.level == "gaps":
            self._show_gap()
        elif self.browser is not None:
            self.open_record()

    def _show_gap(self) -> None:
        """Find the event on the side where it is."""
        flow, cursor = self._compared.flow, self._gaps.cursor
        event = gaps.named(flow).get(cursor) if flow is not None and cursor is not None else None
        if isinstance(event, Followed):
            self.trail = []
            self.enter("events")
            self._events.set_filter(f"id:{event.id}")
        elif event is not None:
            self._held.show_feed(feeds.of_class(tap.TARGET, event.name))
            self._held.set_filter(f"id:{event.id}")
            self.enter("held")

    def do_reload(self) -> None:
        """Read a list again; the classes by their numbers."""
        if self.level == "tank":
            self.numbered.sort_again()
            if self.seen.tank is not None:
                self.by_class.fill(self.numbered.rows(self.seen.tank.classes))
        else:
            super().do_reload()

    def do_dead(self) -> None:
        """Show the dead letters."""
        self.letters.show_feed(feeds.dead())
        self.enter("dead")

    def do_compare(self) -> None:
        """Show the gaps."""
        self.enter("gaps")
