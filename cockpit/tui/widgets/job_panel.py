"""How a job is doing: how far, state, reason and time left apart from each other, pace and latencies."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from cockpit.state.jobs import JobKind
from cockpit.state.samples import Sample
from cockpit.tui import marks, text
from cockpit.tui.snapshots import JobView, Snapshot, key_of
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.graph import Graph
from cockpit.tui.widgets.lines import Part
from cockpit.tui.widgets.still import Still

LABEL = 10
_NARROW = 110


class JobPanel(Vertical):
    """The newest job of a kind. `noun` is what it moves; a `paced` one has a limiter of its own, which counts
    these.

    A `passing` one is there only while it is at work, or waits to be taken over.
    """

    def __init__(self, kind: JobKind, noun: str, *, paced: str = "", passing: bool = False) -> None:
        super().__init__(classes="job")
        self.kind = kind
        self._noun = noun
        self._paced = paced
        self._passing = passing
        self._shown: object = None
        self._lines = Still(classes="job-lines")
        self._graph = Graph()
        self._legend = Still(classes="graph-legend")

    def compose(self) -> ComposeResult:
        """Two lines of text and a graph of the rate."""
        yield self._lines
        with Horizontal(classes="graph"):
            yield Static(lines.content([(f"{self._noun}/s".ljust(LABEL), "dim")]), classes="graph-name")
            yield self._graph
            yield self._legend

    def update(
        self, snapshot: Snapshot, samples: Sequence[Sample] = (), what: str = "", moved: Sequence[Part] = ()
    ) -> None:
        """Paint what changed.

        `what` it moves just now, where that has a name of its own; `moved` stands, once it ended, for
        numbers that would be those of its last part only.
        """
        view = snapshot.job(self.kind)
        if self._passing:
            self.display = view is not None and (view.active or view.lost)
        width = self.size.width
        now = snapshot.at if view is not None and view.job.eta_s is not None else 0
        shown = (view and (view.job, view.control, view.mark), int(now / 5), width, samples, what, moved)
        if shown == self._shown or not width:
            return
        self._shown = shown
        graph = view is not None and view.active and bool(samples)
        self.query_one(".graph").display = graph
        if view is None:
            self._lines.show_text(lines.content([(f"no {self.kind} yet: s starts it", "dim")]))
            return
        latencies = _latencies(samples[-1]) if graph else []
        if moved and not (view.active or view.lost):
            shown_lines = [*lines.packed(self._title, [[part] for part in moved], width)]
        else:
            shown_lines = [self._how_far(view, width, what or self._noun)]
        if width < _NARROW and view.active:
            shown_lines.append(lines.apart(self._how(view, snapshot.at), [], width))
            shown_lines.append(lines.apart(self._pace(view), latencies, width))
            latencies = []
        else:
            pace = self._pace(view) if view.active else []
            shown_lines.append(lines.apart(self._how(view, snapshot.at), pace, width))
        self._lines.show_text(lines.joined(shown_lines))
        if graph:
            limit = samples[-1].ceiling if self._paced else None
            self._graph.show([sample.rate or 0.0 for sample in samples], limit)
            self._legend.show_text(lines.content([("  ", "plain"), *latencies] if latencies else []))

    @property
    def _title(self) -> Part:
        return self.kind.capitalize().ljust(LABEL), "strong"

    def _how_far(self, view: JobView, width: int, what: str) -> Content:
        job = view.job
        mark = marks.of(marks.JOB_STATES, view.mark)
        total = f" / {text.number(job.total)}" if job.total is not None else ""
        left: list[Part] = [
            self._title,
            (f"{what} ", "dim"),
            (f"{text.number(job.done)}{total}   ", "strong"),
        ]
        room = width - lines.content(left).cell_length
        if not job.total or not (view.active or view.lost):
            return lines.content(left)
        fraction = text.share(job.done, job.total)
        return lines.content(
            [*left, *lines.progress(fraction, room, "busy" if mark.tone == "ok" else mark.tone)]
        )

    def _how(self, view: JobView, now: float) -> list[Part]:
        job = view.job
        mark = marks.of(marks.JOB_STATES, view.mark)
        reason = job.reason
        if view.lost:
            reason = f"its process ended without a word; nothing is lost, {key_of(job.kind)} takes over"
        elif view.stale:
            reason = f"no heartbeat for {text.span(view.age or 0)}; process {job.pid} holds the lock"
        elif not view.active and job.ended_at is not None:
            said = (job.result or {}).get("message") or job.reason
            reason = f"{text.moment(job.ended_at)} {said}"
        left: list[Part] = [(str(mark), mark.tone)]
        if reason:
            left.append((f" · {text.line(reason)}", "plain"))
        if view.active:
            left.append((f" · {text.finish(now, job.eta_s if view.mark == 'running' else None)}", "plain"))
        return left

    def _pace(self, view: JobView) -> list[Part]:
        sample = view.sample
        # What a silent process last said of its speed is not its speed.
        rate = None if view.stale else view.job.rate
        asked, used = view.control.rate, view.control.seen_rate
        unit = self._paced or self._noun
        parts: list[Part] = [(f"{text.rate(rate)} {unit}/s", "strong")]
        if self._paced and sample is not None and sample.ceiling:
            parts.append((f" of {sample.ceiling:g}", "dim"))
        if asked != used:
            parts.append((f"   {_ceiling(asked)} asked, {_ceiling(used)} in use", "warn"))
        elif asked is not None:
            parts.append((f"   ceiling {_ceiling(asked)}", "warn"))
        if self._paced:
            throttled = sample.throttled if sample is not None else 0
            parts.append((f"   429s {text.number(throttled)}", "warn" if throttled else "dim"))
        return parts


def _ceiling(rate: float | None) -> str:
    return "auto" if rate is None else f"{rate:g}/s"


def _latencies(sample: Sample) -> list[Part]:
    if sample.p50 is None or sample.p95 is None:
        return []
    return [(f"p50 {sample.p50:.0f} ms  p95 {sample.p95:.0f} ms", "dim")]
