"""Pane 5: what differs between source, journal and target, by kind; both sides of each difference."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import ContentSwitcher

from cockpit.state.diffs import FINDING_KINDS, Diff
from cockpit.terms import Kind
from cockpit.tui import feeds, kinds, marks, text
from cockpit.tui.panes.base import Host
from cockpit.tui.panes.viewed import ViewedPane
from cockpit.tui.snapshots import Detail, PaneId, Snapshot
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.browser import Browser
from cockpit.tui.widgets.job_panel import JobPanel
from cockpit.tui.widgets.record_view import RecordView
from cockpit.tui.widgets.still import Still
from cockpit.tui.widgets.views import View

KINDS = (None, *FINDING_KINDS)
"""The lists of this pane: all, and one a kind."""


class DiffPane(ViewedPane):
    """Whether everybody arrived as they left."""

    pane_id: ClassVar[PaneId] = "diff"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._sync = JobPanel("sync", "records", passing=True)
        self._job = JobPanel("diff", "records")
        self._head = Still(classes="pane-head")
        self._findings = Browser(host.poller, name="findings")
        self._shown: tuple[int, int] = (-1, -1)
        self._diff: Diff | None = None

    def compose(self) -> ComposeResult:
        """The job, the verdict, the kinds, the list."""
        yield self._sync
        yield self._job
        yield self._head
        yield self.views
        with ContentSwitcher(initial="findings"):
            yield self._findings
            yield RecordView()

    def on_mount(self) -> None:
        """Start with all kinds."""
        self.trail = ["findings"]
        self._findings.empty = "no diff yet: s compares source, journal and target"

    def update(self, snapshot: Snapshot, detail: Detail) -> None:
        """Paint a new snapshot."""
        self._sync.update(snapshot)
        self._job.update(snapshot, detail.samples)
        self._diff = snapshot.summary.diff if snapshot.summary is not None else None
        self._head.show_text(lines.content(_verdict(self._diff, detail.differing)))
        self._show_kind()
        if self._findings.display:
            self._findings.tick()

    def _show_kind(self, index: int | None = None) -> None:
        diff, index = self._diff, self.views.index if index is None else index
        counts = [getattr(diff, kind) or 0 if diff is not None else 0 for kind in FINDING_KINDS]
        views = [View("All", text.number(sum(counts)))]
        for kind, n in zip(FINDING_KINDS, counts, strict=True):
            tone = marks.of(marks.FINDINGS, kind).tone
            views.append(View(kind.capitalize(), text.number(n), tone if n else "dim"))
        self.views.show(views, index)
        if diff is not None and self._shown != (diff.id, index):
            self._shown = (diff.id, index)
            self._findings.show_feed(feeds.findings(diff.id, KINDS[index]))

    def pick(self, index: int) -> None:
        """Show the differences of a kind, or all."""
        self.enter("findings")
        self._show_kind(index % len(KINDS))


def _verdict(diff: Diff | None, differing: Sequence[tuple[Kind, int]]) -> list[lines.Part]:
    if diff is None or diff.finished_at is None:
        return [("never compared", "dim")]
    compared = (
        f"   {text.day(diff.finished_at)}   {text.number(diff.source_listed or 0)} at the source, "
        f"{text.number(diff.target_listed or 0)} at the target   passwords can't be compared"
    )
    if diff.clean:
        return [("✔ CLEAN", "ok"), (compared, "dim")]
    return [("✘ NOT CLEAN", "bad"), (f"   {kinds.listed(differing)}", "plain"), (compared, "dim")]
