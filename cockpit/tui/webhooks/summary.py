"""The lines above the lists: the tank, the consumer of its drain, how far events are followed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from textual.content import Content

from cockpit.state.tank.counts import Counts
from cockpit.state.tank.standing import Standing
from cockpit.tui import marks, text
from cockpit.tui.snapshots import JobView, Snapshot
from cockpit.tui.webhooks.seen import Seen, Tank
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lines import Part
from cockpit.webhooks.flow import Flow
from cockpit.words import counted

START = "cockpit webhooks hold --source NAME"
REFUSALS = 2
"""Reasons that are named."""
LATE_S = 600.0
YOUNG = "too young to tell"
_LABEL = 11

Unit = Sequence[Part]


class Told(NamedTuple):
    """What a line is about, and what it says, unit by unit."""

    label: str
    units: Sequence[Unit]


def laid(told: Iterable[Told], width: int) -> Content:
    """As many units to a line as fit whole."""
    return lines.joined(
        line for each in told for line in lines.packed((each.label.ljust(_LABEL), "dim"), each.units, width)
    )


def tank(seen: Seen, now: int) -> Iterator[Told]:
    """Whether it is up, what it heard, who was not let in, what became of it all."""
    found = seen.tank
    if seen.problem:
        yield Told("tank", [[(f"✘ {text.line(seen.problem)}", "bad")]])
    elif found is None:
        yield Told("tank", [[("□ none yet: ", "dim"), (START, "plain")]])
    else:
        yield Told("tank", [*_up(found)])
        yield Told("arrivals", [*_arrivals(found, now)])
        if found.refusals:
            yield Told("refused", [*_refused(found, now)])
        yield Told("events", by_state(found.total))


def _up(found: Tank) -> Iterator[Unit]:
    yield [("● UP", "ok")] if found.up else [("■ DOWN", "bad"), (": nothing is taken", "warn")]
    for name, (scheme, listen) in found.sources.items():
        where = f" at {text.line(listen, 40)}" if found.up else ""
        yield [(text.line(name, 30), "strong"), (f" by {scheme}{where}", "dim")]


def _arrivals(found: Tank, now: int) -> Iterator[Unit]:
    newest, again = found.recent.newest, found.total.again
    yield [(f"{text.number(found.total.arrived)} events", "strong")]
    if newest is None:
        yield [("nothing came yet", "dim")]
        return
    yield [(f"newest {_ago(newest, now)}", "plain")]
    yield [(f"{text.rate(found.recent.per_s)}/s", "strong"), (" in the last minute", "dim")]
    yield [(f"{text.number(again)} came again", "plain" if again else "dim")]


def _refused(found: Tank, now: int) -> Iterator[Unit]:
    yield [(counted(sum(one.n for one in found.refusals), "request"), "bad")]
    for one in found.refusals[:REFUSALS]:
        yield [
            (f"{text.number(one.n)}× ", "strong"),
            (f"{text.line(one.source, 30)}: {text.line(one.why, 60)}", "warn"),
            (f", {_ago(one.last_at, now)}", "dim"),
        ]
    if (left := len(found.refusals) - REFUSALS) > 0:
        yield [(counted(left, "more reason"), "dim")]


def _ago(at: int, now: int) -> str:
    return f"{text.span(max(0, now - at) / 1000)} ago"


def by_state(total: Counts) -> list[list[Part]]:
    """Events by what became of them."""
    counts = {
        "held": total.held,
        "sending": total.of("sending"),
        "delivered": total.of("delivered"),
        "discarded": total.of("discarded"),
        "superseded": total.of("superseded"),
        "paired": total.of("paired"),
        "stale": total.of("stale"),
        "dead": total.of("dead"),
    }
    shown = [(state, n) for state, n in counts.items() if n or state in ("held", "delivered", "dead")]
    units: list[list[Part]] = []
    for state, n in shown:
        mark = marks.of(marks.DELIVERIES, state)
        units.append([(f"{mark.glyph} {text.number(n)} {mark.word}", mark.tone if n else "dim")])
    return units


def consumer(found: Tank, view: JobView | None) -> Iterator[Told]:
    """Where the newest drain sends to, how its consumer bears it, what it leaves out."""
    standing = found.drain
    if view is None:
        yield Told("drain", [[("none yet: s asks where to, how fast, and what may be left out", "dim")]])
    else:
        args = view.job.args
        yield Told("to", [[(text.line(args.get("to", "-"), 200), "strong")]])
        if standing is not None and standing.job == view.job.id:
            yield Told("breaker", [[*_breaker(standing)]])
            yield Told("pace", [[*_pace(standing)]])
            if not view.active:
                yield Told("latency", [[(_latency(standing), "plain")]])
        sign = args.get("sign", "original")
        signed = "as when it came" if sign == "original" else text.line(sign, 20)
        yield Told("left out", [[(_choices(args), "plain")]])
        yield Told("sent", [[("in the order of each user, signed anew ", "dim"), (signed, "plain")]])
    yield Told("events", by_state(found.total))


def _breaker(standing: Standing) -> Iterator[Part]:
    mark = marks.of(marks.BREAKERS, standing.breaker)
    yield (str(mark), mark.tone)
    said = {
        "open": ": the consumer is down, nothing is sent for a moment",
        "half-open": ": one event asks whether the consumer is back",
    }
    yield (said.get(standing.breaker, ""), "warn")


def _pace(standing: Standing) -> Iterator[Part]:
    slowed = standing.pace < standing.limit * 0.99
    yield (f"{text.rate(standing.pace)}/s", "warn" if slowed else "strong")
    yield (f" of at most {standing.limit:g}/s", "dim")
    yield (" · rising, or slowed by the consumer" if slowed else "", "dim")


def _latency(standing: Standing) -> str:
    if standing.p50 is None or standing.p95 is None:
        return "-"
    return f"p50 {standing.p50:.0f} ms  p95 {standing.p95:.0f} ms"


def _choices(args: Mapping[str, Any]) -> str:
    names = {"coalesce": "what a newer event says again", "skip_stale": "what the import brought"}
    return ", ".join(said for name, said in names.items() if args.get(name)) or "nothing"


def followed(snapshot: Snapshot) -> Told:
    """How far WorkOS's events are followed, and by whom."""
    known = snapshot.summary.events if snapshot.summary is not None else None
    if known is None:
        return Told("followed", [[("□ nothing yet: ", "dim"), ("f follows WorkOS's events", "plain")]])
    lag = max(0.0, snapshot.at - known.seen_until / 1000)
    units: list[Unit] = [
        _follower(snapshot),
        [
            (f"lag {text.span(lag)}", "bad" if lag > LATE_S else "strong"),
            (f", until {text.full(known.seen_until)}", "plain"),
        ],
        [(f"cursor {text.line(known.cursor or '-', 40)}", "dim")],
    ]
    return Told("followed", units)


def _follower(snapshot: Snapshot) -> Unit:
    view = snapshot.job("rollout" if snapshot.at_work("rollout") else "events")
    if view is None or not (view.active or view.lost):
        return [("■ nobody follows", "warn")]
    mark = marks.of(marks.JOB_STATES, view.mark)
    return [(str(mark), mark.tone), (f" {text.line(view.job.reason, 60)}", "dim")]


def flow(found: Flow | None, since: int) -> Iterator[Told]:
    """What came by webhook, beside what was followed."""
    if found is None:
        yield Told("by webhook", [[("· not compared: no tank takes webhooks of WorkOS", "dim")]])
        return
    yield Told(
        "by webhook",
        [
            [("✔ flows", "ok") if found.flows else ("! look", "warn")],
            [
                (f"{text.number(found.matched)} both ways", "strong"),
                (f" since {text.day(since)}", "dim"),
            ],
            [(f"lag p50 {_seconds(found.lag_p50)}, p95 {_seconds(found.lag_p95)}", "plain")],
        ],
    )
    gaps: list[Unit] = [
        [(f"{text.number(n)} {what}", "dim" if what == YOUNG else "bad")] for n, what in _gaps(found)
    ]
    if found.missing or found.unknown:
        gaps.append([("c names them", "plain")])
    yield Told("gaps", gaps or [[("none", "dim")]])


def _gaps(found: Flow) -> Iterator[tuple[int, str]]:
    counts = {
        "not by webhook": len(found.missing),
        "by webhook only": len(found.unknown),
        "reasons to let none in": found.refused,
        YOUNG: found.pending,
    }
    return ((n, what) for what, n in counts.items() if n)


def _seconds(milliseconds: int | None) -> str:
    return "-" if milliseconds is None else f"{milliseconds / 1000:.1f} s"
