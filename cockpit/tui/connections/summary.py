"""The lines above the list: verdicts, the plan, the hand-over, and what the last job came to."""

from collections.abc import Iterator, Sequence

from textual.content import Content

from cockpit.connections.rules import VERDICTS
from cockpit.state.connections import HANDOFFS
from cockpit.tui import marks, text
from cockpit.tui.connections.standing import Standing
from cockpit.tui.marks import Mark
from cockpit.tui.snapshots import MOVING, Snapshot
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lines import Part

_LABEL = 11


def of(standing: Standing, snapshot: Snapshot, width: int) -> list[Content]:
    """All of them; nothing of what there is none of."""
    if not standing.total:
        return [lines.content([("no connections are read yet: e reads them from the source", "dim")])]
    told = [
        *lines.packed(_label("verdicts"), _verdicts(standing), width),
        *lines.packed(_label("plan"), _plan(standing), width),
    ]
    if any(standing.handoffs.values()):
        told += lines.packed(_label("hand-over"), _handoffs(standing), width)
    if last := _last(snapshot):
        told.append(lines.apart([_label("last"), *last], [], width))
    return told


def _label(name: str) -> Part:
    return name.ljust(_LABEL), "dim"


def _verdicts(standing: Standing) -> Iterator[Sequence[Part]]:
    counts: list[tuple[str, int]] = [(verdict, standing.verdicts[verdict]) for verdict in VERDICTS]
    if standing.unchecked:
        counts.append(("unchecked", standing.unchecked))
    for verdict, n in counts:
        yield [_counted(marks.of(marks.VERDICTS, verdict), n)]


def _plan(standing: Standing) -> Iterator[Sequence[Part]]:
    made = standing.plan
    yield [(f"all {text.number(made.total)}: ", "dim"), (made.by_count, "plain")]
    capable = f"capable {text.number(made.capable)}: "
    yield [(capable, "dim"), (made.decided, "plain"), (f" (from {text.number(made.proxy_from)})", "dim")]
    if made.chosen is not None:
        yield [("in force: ", "dim"), (f"{made.chosen} (chosen)", "strong")]
    elif made.strategy is not None:
        yield [("in force: ", "dim"), (made.strategy, "strong")]
    else:
        yield [("! S chooses", "warn")]


def _handoffs(standing: Standing) -> Iterator[Sequence[Part]]:
    for state in HANDOFFS:
        yield [_counted(marks.of(marks.HANDOFFS, state), standing.handoffs.get(state, 0))]


def _counted(mark: Mark, n: int) -> Part:
    return f"{mark.glyph} {text.number(n)} {mark.word}", mark.tone if n else "dim"


def _last(snapshot: Snapshot) -> list[Part]:
    """What the newest of the jobs that ended came to."""
    views = [view for kind in MOVING if (view := snapshot.job(kind)) is not None]
    ended = [view.job for view in views if not view.active and view.job.ended_at is not None]
    if not ended:
        return []
    job = max(ended, key=lambda job: job.ended_at or 0)
    mark = marks.of(marks.JOB_STATES, job.state)
    said = (job.result or {}).get("message") or job.reason
    return [
        (f"{text.moment(job.ended_at or 0)} ", "dim"),
        (f"{job.kind} {mark.word.lower()}", mark.tone),
        (f" · {text.line(said)}", "plain"),
    ]
