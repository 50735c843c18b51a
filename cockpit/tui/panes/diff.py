"""Pane 5: what differs between source, journal and target, by kind; both sides of each difference."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import ContentSwitcher

from cockpit.state.diffs import FINDING_KINDS, Diff
from cockpit.tui import feeds, marks, text
from cockpit.tui.panes.base import Host, Pane
from cockpit.tui.snapshots import Detail, PaneId, Snapshot
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.browser import Browser
from cockpit.tui.widgets.job_panel import JobPanel
from cockpit.tui.widgets.record_view import RecordView
from cockpit.tui.widgets.still import Still
from cockpit.tui.widgets.views import View, Views

KINDS = (None, *FINDING_KINDS)
"""The lists of this pane: all, and one a kind."""


class DiffPane(Pane):
    """Whether everybody arrived as they left."""

    pane_id: ClassVar[PaneId] = "diff"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._job = JobPanel("diff", "users")
        self._head = Still(classes="pane-head")
        self._views = Views()
        self._findings = Browser(host.poller, name="findings")
        self._shown: tuple[int, int] = (-1, -1)
        self._index = 0
        self._diff: Diff | None = None

    def compose(self) -> ComposeResult:
        """The job, the verdict, the kinds, the list."""
        yield self._job
        yield self._head
        yield self._views
        with ContentSwitcher(initial="findings"):
            yield self._findings
            yield RecordView()

    def on_mount(self) -> None:
        """Start with all kinds."""
        self.trail = ["findings"]
        self._findings.empty = "no diff yet: s compares source, journal and target"

    def update(self, snapshot: Snapshot, detail: Detail) -> None:
        """Paint a new snapshot."""
        self._job.update(snapshot, detail.samples)
        self._diff = snapshot.summary.diff if snapshot.summary is not None else None
        self._head.show_text(lines.content(_verdict(self._diff)))
        self._show_kind()
        if self._findings.display:
            self._findings.tick()

    def _show_kind(self) -> None:
        diff = self._diff
        counts = [getattr(diff, kind) or 0 if diff is not None else 0 for kind in FINDING_KINDS]
        views = [View("All", text.number(sum(counts)))]
        for kind, n in zip(FINDING_KINDS, counts, strict=True):
            tone = marks.of(marks.FINDINGS, kind).tone
            views.append(View(kind.capitalize(), text.number(n), tone if n else "dim"))
        self._views.show(views, self._index)
        if diff is not None and self._shown != (diff.id, self._index):
            self._shown = (diff.id, self._index)
            self._findings.show_feed(feeds.findings(diff.id, KINDS[self._index]))

    def do_next_view(self) -> None:
        """Show the next kind."""
        self._pick(self._index + 1)

    def do_previous_view(self) -> None:
        """Show the kind before."""
        self._pick(self._index - 1)

    @on(Views.Picked)
    def _picked(self, event: Views.Picked) -> None:
        self._pick(event.index)

    def _pick(self, index: int) -> None:
        self._index = index % len(KINDS)
        self.enter("findings")
        self._show_kind()


def _verdict(diff: Diff | None) -> list[lines.Part]:
    if diff is None or diff.finished_at is None:
        return [("never compared", "dim")]
    compared = (
        f"   {text.day(diff.finished_at)}   {text.number(diff.source_listed or 0)} at the source, "
        f"{text.number(diff.target_listed or 0)} at the target   passwords can't be compared"
    )
    verdict: lines.Part = ("✔ CLEAN", "ok") if diff.clean else ("✘ NOT CLEAN", "bad")
    return [verdict, (compared, "dim")]
