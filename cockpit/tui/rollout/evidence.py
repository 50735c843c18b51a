"""One connection opened: whether its logins work and how that is known, and all that was done to it."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from textual.content import Content

from cockpit.jobs.rollout import overview
from cockpit.jobs.rollout.overview import Line
from cockpit.rollout.checklist import Item
from cockpit.rollout.rules import RolloutSettings
from cockpit.state import events
from cockpit.state.database import open_readonly
from cockpit.state.rollout import ROLLOUT, audit, beside, flips, observations, proxies, routes, waves
from cockpit.state.rollout.audit import Entry
from cockpit.state.rollout.flips import Flip
from cockpit.state.rollout.observations import Observation
from cockpit.state.rollout.proxies import DELAYS, Proxy
from cockpit.tui import marks, text
from cockpit.tui.marks import Mark
from cockpit.tui.rollout import cells
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lines import Part
from cockpit.words import counted

ENTRIES = 30
LABEL = 12
_TICKS: dict[bool | None, Mark] = {
    True: Mark("✔", "seen", "ok"),
    False: Mark("✘", "not seen", "bad"),
    None: Mark("·", "not known", "dim"),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is known of one connection. `took`: how long its logins took since the flip, in ms;
    `version`: of the newest routes."""

    line: Line
    took: tuple[int, ...]
    flips: tuple[Flip, ...]
    entries: tuple[Entry, ...]
    observed: tuple[Observation, ...]
    proxies: tuple[Proxy, ...]
    version: int
    at: int


def read(
    state: sqlite3.Connection, path: Path, ident: str, rules: RolloutSettings, now: int
) -> Evidence | None:
    """All of it; None for a connection that is not on the board. Raises StateError."""
    with closing(open_readonly(beside(path), kind=ROLLOUT)) as rollout:
        try:
            row = routes.one(rollout, ident)
        except KeyError:
            return None
        newest, wave = flips.newest(rollout, ident), waves.waves_of(rollout).get(ident)
        line = overview.line(state, rollout, row, newest, wave, rules, now)
        return Evidence(
            line,
            _took(state, line),
            tuple(flips.history(rollout, ident)),
            tuple(audit.tail(rollout, ENTRIES, ident)),
            tuple(observations.of(rollout, ident)),
            tuple(proxies.alive(rollout, now)),
            routes.version(rollout),
            now,
        )


def _took(state: sqlite3.Connection, line: Line) -> tuple[int, ...]:
    target_id = line.row.described.route.target_id
    if line.weighed is None or target_id is None or line.flip is None or line.flip.flipped_at is None:
        return ()
    return tuple(events.login_times(state, target_id, line.flip.flipped_at))


def times(took: Sequence[int]) -> tuple[float, float] | None:
    """p50 and p95 in seconds; None of no login."""
    if not took:
        return None
    high = quantiles(took, n=20, method="inclusive")[-1] if len(took) > 1 else took[0]
    return median(took) / 1000, high / 1000


def documents(
    state: sqlite3.Connection, path: Path, idents: Sequence[str], rules: RolloutSettings, now: int
) -> Iterator[dict[str, Any]]:
    """Of these connections, as JSON. Raises StateError."""
    found = (read(state, path, ident, rules, now) for ident in idents)
    yield from (document(one) for one in found if one is not None)


def document(found: Evidence) -> dict[str, Any]:
    """As JSON, for the clipboard and for files."""
    line, weighed, found_times = found.line, found.line.weighed, times(found.took)
    described = line.row.described
    return {
        "connection": line.connection,
        "name": described.name,
        "organization": described.route.organization,
        "board": line.column,
        "why": line.row.why,
        "moved_by": line.row.moved_by,
        "moved_at": line.row.moved_at and text.full(line.row.moved_at),
        "users": described.users,
        "certificate_days": line.certificate_days,
        "wave": line.wave,
        "verdict": weighed.judged.verdict if weighed else None,
        "because": weighed.judged.why if weighed else None,
        "login_s": dict(zip(("p50", "p95"), found_times, strict=True)) if found_times else None,
        "flips": [
            {"stage": one.stage, "by": one.operator, "at": text.full(one.started_at), "detail": one.detail}
            for one in found.flips
        ],
        "audit": [
            {
                "at": text.full(one.at),
                "by": one.operator,
                "action": one.action,
                "before": one.before,
                "after": one.after,
                "why": one.why,
            }
            for one in found.entries
        ],
    }


def checklist(told: str) -> list[Item]:
    """What `cockpit rollout checklist --json` wrote."""
    return [Item(**item) for item in json.loads(told)]


def heading(found: Evidence, place: str) -> list[Content]:
    """Who, and where it stands."""
    line = found.line
    described, mark = line.row.described, cells.state(line)
    route = described.route
    until, tone = cells.days(line)
    first: list[Part] = [
        (cells.organization(line), "strong"),
        (f"   {text.line(line.connection, 60)}   {text.line(described.name, 40)}", "plain"),
        (f"   {place}", "dim"),
    ]
    second: list[Part] = [
        (str(mark), mark.tone),
        (
            f"   {text.number(described.users)} users   {route.protocol}, {described.idp or 'unknown IdP'}",
            "plain",
        ),
        (f"   certificate {cells.left(line)}" if until != "-" else "", tone),
        (f"   wave {line.wave}" if line.wave else "", "dim"),
        (f"   {text.line(route.target_id)}" if route.target_id else "   not at WorkOS yet", "dim"),
    ]
    told = [lines.content(first), lines.content(second)]
    if line.row.moved_at is not None:
        who = text.line(line.row.moved_by or "", 40) + ("" if line.row.by_person else " (by rule)")
        why = f": {text.line(line.row.why, 200)}" if line.row.why else ""
        told.append(
            lines.content([(f"{line.column} since {text.day(line.row.moved_at)} by {who}{why}", "dim")])
        )
    return told


def ticks(items: Sequence[Item] | None, said: str) -> Iterator[Content]:
    """The checklist; `said`: why it is not here, or that it is being asked for."""
    if items is None:
        yield lines.content([(said, "dim")])
        return
    for item in items:
        mark = _TICKS[item.done]
        yield lines.content(
            [
                (f"{mark.glyph} {item.what:<10}", mark.tone),
                (f"{mark.word:<10}", mark.tone),
                (text.line(item.found), "plain"),
            ]
        )
        if item.todo:
            todo = "look there, then t" if item.what == "dashboard" else text.line(item.todo)
            yield lines.content([(f"{'':<12}→ {todo}", "busy")])


def health(found: Evidence) -> Iterator[Content]:
    """The verdict with its numbers."""
    weighed = found.line.weighed
    if weighed is None:
        yield lines.content([("its logins are at legacy: there is nothing to judge", "dim")])
        return
    told, judged = weighed.evidence, weighed.judged
    mark = marks.of(marks.HEALTH, judged.verdict)
    yield lines.content([(str(mark), mark.tone), (f" · {text.line(judged.why)}", "plain")])
    numbers = (
        ("started", told.started),
        ("succeeded", told.succeeded),
        ("failed", told.failed),
        ("timed out", told.timed_out),
    )
    yield _numbers("WorkOS", numbers)
    if (took := times(found.took)) is not None:
        said = f"p50 {took[0]:.1f} s   p95 {took[1]:.1f} s   of {counted(len(found.took), 'login')}, "
        yield lines.content([("took".ljust(LABEL), "dim"), (f"{said}from start to success", "plain")])
    yield _numbers("proxy", (("handed over", told.handed), ("fell back", told.fell_back)))
    legacy = told.baseline
    yield _numbers("legacy", (("succeeded", legacy.succeeded), ("failed", legacy.failed)))
    for code, n in sorted(told.codes.items(), key=lambda each: -each[1]):
        yield lines.content([("code".ljust(LABEL), "dim"), (f"{text.line(code)} {text.number(n)}", "bad")])


def _numbers(name: str, numbers: Sequence[tuple[str, int]]) -> Content:
    said = "   ".join(f"{text.number(n)} {what}" for what, n in numbers)
    return lines.content([(name.ljust(LABEL), "dim"), (said, "plain")])


def history(found: Evidence) -> Iterator[Content]:
    """Its flips, the newest first."""
    if not found.flips:
        yield lines.content([("it was never flipped", "dim")])
    for flip in found.flips:
        mark = marks.of(marks.FLIPS, flip.stage)
        tail = [f"wave {flip.wave}"] if flip.wave else []
        tail += (
            [f"passed over {', '.join(sorted(flip.passed))}: {text.line(flip.why)}"] if flip.passed else []
        )
        tail += [text.line(flip.detail)] if flip.detail else []
        yield lines.content(
            [
                (f"{text.day(flip.started_at)}  ", "dim"),
                (f"{mark!s:<14}", mark.tone),
                (f"by {text.line(flip.operator, 30)}", "plain"),
                (f" · {' · '.join(tail)}" if tail else "", "dim"),
            ]
        )


def trail(found: Evidence) -> Iterator[Content]:
    """Its entries of the audit trail, the newest first."""
    if not found.entries:
        yield lines.content([("nothing was done to it yet", "dim")])
    for one in found.entries:
        change = f" {text.line(one.before or '-', 40)} → {text.line(one.after, 40)}" if one.after else ""
        why = f": {text.line(one.why, 200)}" if one.why else ""
        who = text.line(one.operator, 30) + ("" if one.person else " (rule)")
        yield lines.content(
            [
                (f"{text.day(one.at)}  ", "dim"),
                (f"{who} ", "strong"),
                (f"{one.action}{change}", "plain"),
                (why, "dim"),
            ]
        )


def reporting(found: Evidence) -> Iterator[Content]:
    """Proxies, and how soon each has a change."""
    if not found.proxies:
        yield lines.content([("no proxy reports", "warn")])
    for proxy in found.proxies:
        there = proxy.version >= found.version
        yield lines.content(
            [
                (f"{'✔ confirmed' if there else '◌ waiting':<13}", "ok" if there else "warn"),
                (text.line(proxy.name, 30), "strong"),
                (f"  {proxy.mode} · routes {proxy.version} · {DELAYS[proxy.mode]}", "dim"),
            ]
        )


def observed(found: Evidence) -> Iterator[Content]:
    """What live traffic showed."""
    if not found.observed:
        yield lines.content([("no proxy saw a login of it yet", "dim")])
    for trait in dict.fromkeys(one.trait for one in found.observed):
        values = [
            f"{text.line(one.value, 40)} {text.number(one.times)}"
            for one in found.observed
            if one.trait == trait
        ]
        yield lines.content([(trait.replace("_", " ").ljust(18), "dim"), (", ".join(values), "plain")])
