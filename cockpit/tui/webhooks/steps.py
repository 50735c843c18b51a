"""The steps of the sequence as rows, and what is told of one of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cockpit.state.jobs import Job
from cockpit.tui import marks, text
from cockpit.tui.marks import Mark
from cockpit.tui.snapshots import Snapshot
from cockpit.tui.widgets.cells import Column, Row
from cockpit.tui.widgets.lines import Part
from cockpit.webhooks.sequence import (
    NEEDED_UNTIL,
    STEPS,
    TITLES,
    Evidence,
    Standing,
    Step,
    What,
    current,
    standings,
)

COLUMNS = (
    Column("step", 26, grow=1),
    Column("state", 14),
    Column("age", 8, right=True),
    Column("ends", 17),
    Column("evidence", 24, grow=3, least=110),
)
NO_EVIDENCE: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """The steps as they stand at `now` (ms). `next`: the first that is not passed. `last`: the newest job
    that tried one, where it ended."""

    now: int
    found: Mapping[Step, Standing]
    next: Step | None
    last: Job | None


def of(snapshot: Snapshot) -> Course:
    """From the log of evidence."""
    now = round(snapshot.at * 1000)
    log = snapshot.summary.webhooks if snapshot.summary is not None else NO_EVIDENCE
    found = standings(log, now)
    view = snapshot.job("webhooks")
    last = view.job if view is not None and not view.active and view.job.result else None
    return Course(now, found, current(found), last)


def mark(standing: Standing) -> Mark:
    """How a step stands; a proof that rests on a person's word has its own mark."""
    state = "said" if standing.state == "proven" and standing.attested else standing.state
    return marks.of(marks.STEPS, state)


def row(standing: Standing, seen: Course) -> Row:
    """A step as a line of the table."""
    step, own = standing.step, mark(standing)
    here = step == seen.next
    age = standing.age_ms(seen.now)
    evidence = standing.evidence
    waits = f"waits for {_numbers(standing.blocked_by)}" if standing.blocked_by else ""
    says = evidence.says if evidence is not None else waits
    return Row(
        (
            (f"{'▶' if here else ' '}{number(step):>2} {TITLES[step]}", "strong" if here else "plain"),
            (str(own), own.tone),
            (text.span(age / 1000) if age is not None else "-", "dim"),
            ends(standing, seen.now),
            (text.line(says), "plain" if evidence is not None else "dim"),
        ),
        f"{step}: {own.word}" + (f", {text.line(says)}" if says else ""),
    )


def ends(standing: Standing, now: int) -> Part:
    """How much longer its evidence holds."""
    evidence = standing.evidence
    if evidence is None or evidence.ends is None or standing.state == "passed":
        return "-", "dim"
    left = evidence.ends - now
    if left <= 0:
        return f"ended {text.span(-left / 1000)} ago", "bad"
    return f"in {text.span(left / 1000)}", "warn" if left < 900_000 else "plain"


def about(step: Step, seen: Course) -> Iterator[Sequence[Part]]:
    """The evidence whole, whose it is, what blocks, what the last try said, and what Enter does."""
    standing = seen.found[step]
    evidence, own = standing.evidence, mark(standing)
    told: list[Part] = [(TITLES[step], "strong"), ("   ", "plain"), (str(own), own.tone)]
    if evidence is not None:
        ago = f"{text.span((standing.age_ms(seen.now) or 0) / 1000)} ago"
        told.append((f" · {_KINDS[evidence.what]} {ago} by {text.line(evidence.by, 40)}", "plain"))
        told.append(_holds(standing, seen.now))
    yield told
    yield from _tried(step, seen)
    if evidence is not None:
        yield [_label("evidence"), (text.line(evidence.says), "plain")]
    if standing.attested:
        yield [_label(""), ("it rests on what a person said", "warn")]
    if standing.blocked_by:
        yield [_label("waits for"), (_names(standing.blocked_by), "warn")]
    if (until := NEEDED_UNTIL.get(step)) is not None and standing.state != "passed":
        yield [_label("needed"), (f"until {number(until)}, {TITLES[until]}, is proven", "dim")]


_KINDS: Mapping[What, str] = {
    "attested": "said",
    "watching": "begun",
    "proven": "observed",
    "refuted": "observed",
    "waived": "gone past",
}


def _label(name: str) -> Part:
    return name.ljust(11), "dim"


def _holds(standing: Standing, now: int) -> Part:
    said, tone = ends(standing, now)
    if said == "-":
        return "", "dim"
    return (f" · {said}" if said.startswith("ended") else f" · ends {said}"), tone


def _tried(step: Step, seen: Course) -> Iterator[Sequence[Part]]:
    """What the last try of this step came to: what a person is to do stands there."""
    job = seen.last
    result = (job.result or {}) if job is not None else {}
    if job is None or (result.get("step") or job.args.get("step")) != step or result.get("proven"):
        return
    said = text.line(result.get("message") or job.reason)
    tone: marks.Tone = "warn" if job.state == "done" else "bad"
    yield [_label("last try"), (f"{text.moment(job.ended_at or 0)} ", "dim"), (said, tone)]
    for line in result.get("todo") or []:
        yield [_label(""), ("→ ", "dim"), (text.line(line, 400), "plain")]


def number(step: Step) -> int:
    """Its place in the sequence, from 1."""
    return STEPS.index(step) + 1


def _numbers(steps: Sequence[Step]) -> str:
    return " and ".join(str(number(step)) for step in steps)


def _names(steps: Sequence[Step]) -> str:
    return " and ".join(f"{number(step)}, {TITLES[step]}" for step in steps)
