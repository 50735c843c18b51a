"""The lines above the board: alarms, who watches, where users sign in, proxies, waves, open flips."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from textual.content import Content

from cockpit.jobs.rollout.overview import Line, WaveLine
from cockpit.rollout.flip import STAGES, Stage
from cockpit.rollout.route import AT_WORKOS
from cockpit.rollout.waves import AT_WORK, baked_at
from cockpit.state.rollout.proxies import Confirmation, Mode
from cockpit.tui import marks, text
from cockpit.tui.marks import Tone
from cockpit.tui.rollout import cells
from cockpit.tui.rollout.board import Board
from cockpit.tui.snapshots import JobView
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lines import Part
from cockpit.words import counted

LABEL = 8
_NARROW = 110


class Side(NamedTuple):
    """Who answers logins: the bar's glyph, and the words beside it."""

    name: str
    glyph: str
    words: str
    tone: Tone


SIDES = (
    Side("workos", "█", "● workos", "ok"),
    Side("legacy", "▒", "○ legacy", "plain"),
    Side("manual", "░", "· manual", "dim"),
)
FLIPS = 2
"""Lines of open flips."""
NAMED = 3
"""Connections that are named in such a line."""
SOON: Mapping[Mode, str] = {
    "database": "25 ms",
    "snapshot": "50 ms + network",
    "openfeature": "0.5 s + flag system",
}
"""DELAYS for a line with other things in it."""


def of(board: Board, watch: JobView | None, width: int) -> list[Content]:
    """All of them; nothing of what there is none of."""
    return [
        *_alarms(board, width),
        _watch(board, watch, width),
        _traffic(board, width),
        lines.apart([_label("proxies"), *_proxies(board)], [], width),
        *_waves(board, width),
        *_flips(board, width),
    ]


def result(at: int, said: str, told: Confirmation, width: int) -> Iterator[Content]:
    """What was done last, and how far the proxies have it."""
    units: list[list[Part]] = [
        [(text.line(said), "strong")],
        [(str(told), "warn" if told.waiting else "ok")],
    ]
    return lines.packed((f"{text.moment(at)}  ", "dim"), units, width)


def _label(name: str) -> Part:
    return name.ljust(LABEL), "dim"


def _alarms(board: Board, width: int) -> Iterator[Content]:
    if board.blind:
        yield _alarm(board.blind, width)
    for each in board.overview.waves:
        if each.wave.state == "halted":
            why = each.wave.reason or "by rule"
            yield _alarm(f"wave {each.wave.name} halted: {why}; w resumes or aborts it", width)
    for line in board.lines:
        judged = line.weighed.judged if line.weighed is not None and line.column in AT_WORKOS else None
        if judged is not None and judged.verdict == "fail":
            yield _alarm(f"{cells.name(line)} fails: {judged.why}", width)


def _alarm(says: str, width: int) -> Content:
    return lines.apart([(f"! {text.line(says)}", "bad")], [], width)


def _watch(board: Board, view: JobView | None, width: int) -> Content:
    """Whether anybody does what rules say, and whether flips are allowed now."""
    closed = board.overview.closed
    told = {line.flip.detail for line in board.lines if line.flip is not None}
    shut: Part = (f" · ! {text.line(closed)}" if closed and closed not in told else "", "warn")
    if view is None or not (view.active or view.lost):
        needed = bool(board.overview.open_flips) or any(line.column in AT_WORKOS for line in board.lines)
        idle: Part = ("! nobody watches: s starts it", "warn") if needed else ("not needed yet", "dim")
        return lines.apart([_label("watch"), idle, shut], [], width)
    mark = marks.of(marks.JOB_STATES, view.mark)
    left: list[Part] = [_label("watch"), (str(mark), mark.tone)]
    if view.lost:
        left.append((" · its process ended without a word; s takes over", "plain"))
    elif view.stale:
        left.append((f" · no heartbeat for {text.span(view.age or 0)}, process {view.job.pid}", "bad"))
    else:
        left += [(f" hb {text.age(view.age)}", "dim"), shut]
        left.append((f" · {text.line(view.job.reason)}" if view.job.reason else "", "plain"))
    return lines.apart(left, [], width)


def _traffic(board: Board, width: int) -> Content:
    """Where users sign in: a bar, and the shares in words."""
    users = [board.users(side.name) for side in SIDES]
    total = sum(users)
    words: list[Part] = []
    for side, n in zip(SIDES, users, strict=True):
        share = text.percent(n / total) if total else "-"
        words += [("  ", "plain"), (f"{side.words} ", side.tone), (share, "strong")]
        if width >= _NARROW:
            words.append((f" {counted(n, 'user')}", "dim"))
    room = max(8, width - LABEL - sum(len(part) for part, _ in words))
    bar: list[Part] = []
    left = room
    for side, n in zip(SIDES, users, strict=True):
        cells = left if side is SIDES[-1] else min(left, _cells(n, total, room))
        bar.append(((side.glyph if total else "·") * cells, side.tone))
        left -= cells
    return lines.content([_label("traffic"), *bar, *words])


def _cells(n: int, total: int, room: int) -> int:
    """Its part of the bar; whoever has any has a cell."""
    return max(1, round(n / total * room)) if n and total else 0


def _proxies(board: Board) -> Iterator[Part]:
    """How many have the newest routes, and how soon each kind has a change."""
    told = board.overview.confirmation
    yield str(told), "warn" if told.waiting or not board.proxies else "ok"
    if told.waiting:
        yield f", waiting for {', '.join(text.line(proxy.name, 30) for proxy in told.waiting)}", "warn"
    for mode in dict.fromkeys(proxy.mode for proxy in board.proxies):
        yield f" · {mode} {SOON[mode]}", "dim"


def _waves(board: Board, width: int) -> Iterator[Content]:
    """Those that are done or to come in a line, the one under way in one of its own."""
    waves = [each for each in board.overview.waves if each.members]
    others = [_other(each) for each in waves if each.wave.state not in AT_WORK]
    label = "waves"
    if others:
        yield from lines.packed(_label(label), others, width)
        label = ""
    for each in waves:
        if each.wave.state in AT_WORK:
            yield lines.apart([_label(label), *_under_way(board, each)], [], width)
            label = ""


def _other(each: WaveLine) -> Sequence[Part]:
    mark = marks.of(marks.WAVES, each.wave.state)
    return [(f"{mark.glyph} {each.wave.name} {mark.word}", mark.tone), (f" {len(each.members)}", "dim")]


def _under_way(board: Board, each: WaveLine) -> Iterator[Part]:
    """How far it is, how many have shown it, how long it was watched of how long it must be."""
    wave, mark = each.wave, marks.of(marks.WAVES, each.wave.state)
    yield f"{mark.glyph} {wave.name} {mark.word}", mark.tone
    yield f" {sum(member.arrived for member in each.members)} of {len(each.members)}", "plain"
    if out := sum(member.out for member in each.members):
        yield f", {out} out", "bad"
    names = {member.connection for member in each.members}
    gone = [line for line in board.lines if line.connection in names and line.column in AT_WORKOS]
    proven = sum(line.weighed is not None and line.weighed.evidence.succeeded > 0 for line in gone)
    yield f", evidence {proven} of {len(gone)}", "plain"
    if unproven := len(gone) - proven:
        yield f", {unproven} unproven", "warn"
    if wave.started_at is not None:
        until = baked_at(each.members, wave.started_at, wave.bake_s, wave.held_s)
        baked = min(wave.bake_s, max(0.0, wave.bake_s - (until - board.overview.at) / 1000))
        yield f", baked {text.span(baked)} of {wave.bake_s / 3600:g} h", "dim"


def _flips(board: Board, width: int) -> Iterator[Content]:
    """Open flips, those that wait for the same in one line."""
    alike: dict[tuple[Stage, str], list[Line]] = {}
    for line in board.lines:
        if line.flip is not None and line.flip in board.overview.open_flips:
            why = line.flip.detail or (line.weighed.judged.why if line.weighed is not None else "")
            alike.setdefault((line.flip.stage, why), []).append(line)
    groups = sorted(alike.items(), key=lambda group: STAGES.index(group[0][0]), reverse=True)
    for number, ((stage, why), waiting) in enumerate(groups[:FLIPS]):
        mark = marks.of(marks.FLIPS, stage)
        names = ", ".join(cells.name(line) for line in waiting[:NAMED])
        names += f" and {text.number(len(waiting) - NAMED)} more" if len(waiting) > NAMED else ""
        left: list[Part] = [
            _label("" if number else "flips"),
            (f"{mark!s:<12}", mark.tone),
            (names, "strong"),
            (f" · {text.line(why)}" if why else "", "plain"),
        ]
        more = sum(len(each) for _, each in groups[FLIPS:]) if number == FLIPS - 1 else 0
        yield lines.apart(left, [(f"and {text.number(more)} more", "dim")] if more else [], width)
