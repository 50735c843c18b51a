"""A migration as Markdown: what moved, what failed, what was decided by whom, how long it took, the diff."""

from collections.abc import Iterator
from datetime import UTC, datetime

from cockpit.rules import advice
from cockpit.rules.markdown import escaped, table
from cockpit.state.history import History
from cockpit.terms import OP_STATES, PLURALS

COLUMNS = ("total", *OP_STATES)


def render(history: History, now: float) -> str:
    """The report. `now`: seconds since the epoch. Times are UTC; no secret is in it."""
    parts = [
        *_head(history, now),
        *_moved(history),
        *_passwords(history),
        *_failed(history),
        *_decided(history),
        *_work(history),
        *_diff(history),
    ]
    return "\n\n".join(parts) + "\n"


def _head(history: History, now: float) -> Iterator[str]:
    bound, found = history.summary.binding, history.summary
    yield "# Migration report"
    export = found.export.standing if found.export is not None else "not begun"
    yield "\n".join(
        [
            f"- source: {escaped(bound.source or 'none yet')}",
            f"- target: {escaped(bound.target or 'none yet')}",
            f"- export: {escaped(export)}; {found.read:,} records read, {found.merged:,} merged, "
            f"{found.held:,} held back without an id",
            f"- written: {_time(round(now * 1000))} UTC",
        ]
    )


def _moved(history: History) -> Iterator[str]:
    yield "## What moved"
    counted = {"user": history.summary.users, **history.summary.others}
    rows = [
        (PLURALS[kind], sum(states.values()), *(states[state] for state in OP_STATES))
        for kind, states in counted.items()
        if any(states.values())
    ]
    yield table(("kind", *COLUMNS), rows, right=" ".join(COLUMNS)) if rows else "Nothing yet."
    if held := history.summary.held_back:
        yield "Of the skipped users a policy of cockpit.toml holds: " + ", ".join(
            f"{count:,} {escaped(reason)}" for reason, count in held.items()
        )


def _passwords(history: History) -> Iterator[str]:
    kept = history.summary.passwords
    if not history.summary.mapped:
        return
    yield "## Passwords"
    rows: list[tuple[str, str, int]] = [("kept", kind, n) for kind, n in kept.by_type.items()]
    rows += [("lost", reason or "no reason known", n) for reason, n in kept.by_reason.items()]
    rows += [("none", "signs in without a password", kept.absent)] if kept.absent else []
    yield table(("password", "type or reason", "users"), rows, right="users")


def _failed(history: History) -> Iterator[str]:
    yield "## What failed"
    if not history.causes:
        yield "Nothing."
        return
    yield table(
        ("cause", "class", "code", "status", "in all", "open", "first", "last", "to do"),
        [
            (
                *(group.title, group.klass, group.code, str(group.status or ""), group.total, group.open),
                *(_time(group.first_at), _time(group.last_at)),
                advice.of(group.fingerprint, group.klass, group.code).todo if group.open else "",
            )
            for group in sorted(history.causes, key=lambda group: (-group.open, -group.total))
        ],
        right="status open",
    )
    if history.ignored:
        yield "### Left behind"
        yield table(("cause", "reason", "by", "records"), history.ignored, right="records")


def _decided(history: History) -> Iterator[str]:
    if history.rules:
        yield "## Rules in force"
        yield table(
            ("rule", "cause", "does", "records", "by", "since"),
            [
                (rule.id, rule.rule.cause, str(rule.rule), rule.marked, rule.operator, _time(rule.at))
                for rule in history.rules
            ],
            right="rule records",
        )
    yield "## What was decided, and by whom"
    if not history.actions:
        yield "Nothing."
        return
    if history.all_actions > len(history.actions):
        yield f"The newest {len(history.actions):,} of {history.all_actions:,} actions."
    yield table(
        ("at", "who", "host", "action", "about", "before", "after", "why"),
        [
            (_time(row.at), row.operator, row.host, row.action, row.subject, row.before, row.after, row.why)
            for row in history.actions
        ],
    )


def _work(history: History) -> Iterator[str]:
    yield "## How long it took"
    rows = []
    for job in history.jobs:
        began, ended = job.started_at, job.ended_at
        took = (ended - began) / 1000 if began is not None and ended is not None else None
        rate = f"{job.done / took:,.1f}" if took and job.done else ""
        peak = history.peaks.get(job.id)
        rows.append(
            (
                *(str(job.id), job.kind, job.state, _time(began), _span(took), job.done, job.failed, rate),
                *(f"{peak:,.1f}" if peak is not None else "", job.reason),
            )
        )
    columns = ("job", "kind", "state", "began", "took", "done", "failed", "a second", "at most", "ended with")
    yield table(columns, rows, right="job done failed") if rows else "No job has run."


def _diff(history: History) -> Iterator[str]:
    yield "## Diff"
    diff = history.summary.diff
    if diff is None:
        yield "Not made yet."
        return
    yield f"{'Clean' if diff.clean else '**Not clean**'}, made {_time(diff.finished_at)} UTC."
    names = ("missing", "drifted", "changed", "deleted", "extra", "accepted")
    listed = ("source listed", "target listed", *names)
    counts = (diff.source_listed, diff.target_listed, *(getattr(diff, name) for name in names))
    yield table(("what", "records"), list(zip(listed, counts, strict=True)), right="records")


def _time(at: int | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _span(seconds: float | None) -> str:
    if seconds is None:
        return ""
    whole = round(seconds)
    return f"{whole // 3600} h {whole % 3600 // 60} m {whole % 60} s" if whole >= 60 else f"{seconds:.1f} s"
