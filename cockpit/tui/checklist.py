"""The migration as a checklist: each step with its evidence, and what it waits for."""

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.rollout.waves import AT_WORK
from cockpit.state.jobs import JobKind
from cockpit.state.summary import Summary
from cockpit.terms import PLURALS, Kind
from cockpit.tui import kinds, marks, text
from cockpit.tui.marks import Mark
from cockpit.tui.rollout.outlook import Outlook
from cockpit.tui.snapshots import MOVING, PaneId, Snapshot
from cockpit.webhooks import sequence

DONE = Mark("✔", "done", "ok")
TODO = Mark("□", "to do", "strong")
WAITS = Mark("·", "waits", "dim")
LOOK = Mark("!", "look", "bad")
PARTLY = Mark("◪", "partly", "warn")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: how it stands, what proves it, and what to do next."""

    title: str
    pane: PaneId
    mark: Mark
    evidence: str
    todo: str


def steps(snapshot: Snapshot, outlook: Outlook | None = None) -> list[Step]:
    """Export, lint, import of each kind that there is, errors to zero, diff clean, SSO connections, logins.

    `outlook`: how far the rollout is; the last steps are not there without it.
    """
    found = snapshot.summary
    before = [(title, of) for title, of in _BEFORE_USERS if found is not None and kinds.total(found, of)]
    after = [(title, of) for title, of in _AFTER_USERS if found is not None and kinds.total(found, of)]
    return [
        _export(snapshot, found),
        _lint(snapshot, found),
        *([_webhooks(snapshot, found)] if found is not None else []),
        *(_import(snapshot, found, title, of) for title, of in (*before, ("Users", _USERS), *after)),
        _errors(found),
        _diff(snapshot, found),
        *([_connections(snapshot, found)] if found is not None and any(found.connections.values()) else []),
        *([_rollout(outlook), _decommission(outlook)] if outlook and any(outlook.columns.values()) else []),
    ]


_USERS: tuple[Kind, ...] = ("user",)
_BEFORE_USERS: tuple[tuple[str, tuple[Kind, ...]], ...] = (
    ("Organizations", ("organization",)),
    ("Roles", ("role", "permission")),
)
_AFTER_USERS: tuple[tuple[str, tuple[Kind, ...]], ...] = (
    ("Memberships", ("membership",)),
    ("Second factors", ("factor",)),
)


def _working(snapshot: Snapshot, kind: JobKind) -> Mark | None:
    view = snapshot.job(kind)
    if view is None or not (view.active or view.lost):
        return None
    mark = marks.of(marks.JOB_STATES, view.mark)
    return Mark(mark.glyph, mark.word.lower(), mark.tone)


def _todo(mark: Mark, start: str, watch: str) -> str:
    if mark.word == "dead":
        return "s there"
    return {TODO: start, PARTLY: start, DONE: ""}.get(mark, watch)


def _export(snapshot: Snapshot, found: Summary | None) -> Step:
    export = found.export if found is not None else None
    working = _working(snapshot, "export")
    if found is None or export is None:
        mark = working or TODO
        return Step("Export", "export", mark, "nothing read yet", _todo(mark, "s starts it", "2 watch"))
    evidence = f"{text.number(found.exported)} users"
    unread = [kind for kind, other in found.exports.items() if other.complete_at is None]
    if unread:
        mark = working or PARTLY
        about = f" of about {text.number(export.total)} users" if export.total else ""
        evidence += about if unread == ["user"] and about else f", {PLURALS[unread[0]]} not complete"
    else:
        settled = export.outcome == "complete"
        mark = working or (DONE if settled else PARTLY)
        evidence += f" by {text.moment(export.complete_at or 0)[:5]}"
        evidence += "" if settled else f", {export.standing}"
    return Step("Export", "export", mark, evidence, _todo(mark, "2, then s", "2 watch"))


def _lint(snapshot: Snapshot, found: Summary | None) -> Step:
    if found is None or not found.exported:
        return Step("Lint", "export", WAITS, "", "after export")
    checked = f"{text.number(found.mapped)} of {text.number(found.exported)} checked"
    if found.held_back:
        checked += f", {text.number(sum(found.held_back.values()))} held back"
    whole = found.mapped >= found.exported
    mark = _working(snapshot, "lint") or (DONE if whole else PARTLY if found.mapped else TODO)
    return Step("Lint", "export", mark, checked, _todo(mark, "2, then l", "2 watch"))


_QUIET: Mapping[sequence.Step, str] = {
    "legacy_off": "old provider",
    "workos_off": "WorkOS",
    "quiet": "source",
}
"""What is to be quiet before an import."""


def _webhooks(snapshot: Snapshot, found: Summary) -> Step:
    """Nothing floods anybody while the import runs; then the rest of the sequence."""
    standings = sequence.standings(found.webhooks, round(snapshot.at * 1000))
    current = sequence.current(standings)
    then = (
        f", then {sequence.TITLES[current].lower()}"
        if current is not None
        else ", and all after it is passed"
    )
    left = [
        f"{what} {standings[step].state}" for step, what in _QUIET.items() if not standings[step].is_passed
    ]
    evidence = (
        f"{', '.join(left)}; {len(_QUIET) - len(left)} of {len(_QUIET)} proven" if left else f"quiet{then}"
    )
    quiet = not left
    worse = any(standings[step].state in ("expired", "refuted") for step in _QUIET)
    begun = any(standing.evidence is not None for standing in standings.values())
    mark = LOOK if worse else DONE if quiet else PARTLY if begun else TODO
    working = _working(snapshot, "webhooks")
    return Step("Webhooks quiet", "webhooks", working or mark, evidence, "8 see" if quiet else "8, then ⏎")


def _import(snapshot: Snapshot, found: Summary | None, title: str, of: tuple[Kind, ...]) -> Step:
    title = f"Import {title.lower()}" if of == _USERS else title
    if found is None or not found.exported:
        return Step(title, "import", WAITS, "", "after export")
    states = kinds.states(found, of)
    moved, left = kinds.there(states), states["ready"] + states["sending"]
    evidence = f"{text.number(moved)} of {text.number(kinds.total(found, of))} there"
    for state in ("failed", "skipped", "unknown"):
        if states[state]:
            evidence += f", {text.number(states[state])} {state}"
    if waiting := kinds.waiting(found, of):
        evidence += f", {text.number(waiting)} waiting"
    working = _working(snapshot, "import") if left or of == _USERS else None
    mark = working or (DONE if not left else PARTLY if moved else TODO)
    return Step(title, "import", mark, evidence, _todo(mark, "3, then s", "3 watch"))


def _errors(found: Summary | None) -> Step:
    if found is None or not found.exported:
        return Step("Errors to zero", "errors", WAITS, "", "after import")
    if not found.open_errors:
        begun = any(sum(states.values()) > states["ready"] for states in found.kinds.values())
        mark = DONE if begun else WAITS
        return Step("Errors to zero", "errors", mark, "none open", "" if begun else "after import")
    classes = ", ".join(f"{text.number(n)} {name}" for name, n in found.errors.items() if n)
    return Step(
        "Errors to zero", "errors", LOOK, f"{text.number(found.open_errors)} open: {classes}", "4 resolve"
    )


def _diff(snapshot: Snapshot, found: Summary | None) -> Step:
    working = _working(snapshot, "diff")
    if found is None or not found.exported:
        return Step("Diff clean", "diff", WAITS, "", "after import")
    diff = found.diff
    if diff is None or diff.finished_at is None:
        mark = working or (TODO if found.users["imported"] or found.users["adopted"] else WAITS)
        todo = "after import" if mark is WAITS else _todo(mark, "5, then s", "5 watch")
        return Step("Diff clean", "diff", mark, "never compared", todo)
    when = text.day(diff.finished_at)
    sent = snapshot.job("import")
    if sent is not None and (sent.active or (sent.job.ended_at or 0) > diff.started_at):
        mark = working or TODO
        return Step(
            "Diff clean",
            "diff",
            mark,
            "older than the last import",
            _todo(mark, "5, then s", "5 watch"),
        )
    if diff.clean:
        mark = working or DONE
        return Step("Diff clean", "diff", mark, f"clean, {when}", _todo(mark, "", "5 watch"))
    kinds = {
        "missing": diff.missing,
        "drifted": diff.drifted,
        "changed": diff.changed,
        "deleted": diff.deleted,
    }
    evidence = ", ".join(f"{text.number(n)} {kind}" for kind, n in kinds.items() if n)
    return Step("Diff clean", "diff", working or LOOK, f"{evidence} ({when})", "5 see")


def _connections(snapshot: Snapshot, found: Summary) -> Step:
    """Every connection is at WorkOS, moved or set up anew."""
    total, there = sum(found.connections.values()), found.handed_over["imported"]
    manual, flagged = found.connections["manual"], found.handed_over["flagged"]
    evidence = f"{text.number(there)} of {text.number(total)} there, {text.number(manual)} by hand"
    if flagged:
        evidence += f", {text.number(flagged)} flagged"
    working = next((mark for kind in MOVING if (mark := _working(snapshot, kind))), None)
    mark = working or (DONE if there == total else LOOK if flagged else PARTLY if there else TODO)
    return Step("Connections", "connections", mark, evidence, _todo(mark, "6 decide", "6 see"))


def _rollout(outlook: Outlook) -> Step:
    """Every connection that moves has its logins at WorkOS."""
    columns, waves = outlook.columns, outlook.waves
    moving = sum(columns.values()) - columns["manual"]
    there = columns["canary"] + columns["workos"]
    evidence = f"{text.number(there)} of {text.number(moving)} at WorkOS"
    if columns["held"]:
        evidence += f", {text.number(columns['held'])} held"
    if at_work := next((each.wave for each in waves if each.wave.state in AT_WORK), None):
        evidence += f", wave {at_work.name} {at_work.state}"
    elif waves:
        evidence += f", {sum(each.wave.state == 'done' for each in waves)} of {len(waves)} waves done"
    halted = any(each.wave.state == "halted" for each in waves)
    done = moving > 0 and columns["workos"] == moving
    mark = LOOK if halted or columns["held"] else DONE if done else PARTLY if there else TODO
    return Step("Rollout", "rollout", mark, evidence, "" if done else "7 see" if there else "7, then w")


def _decommission(outlook: Outlook) -> Step:
    """The legacy handler may go."""
    proof = outlook.proof
    mark = DONE if proof.verdict == "ready" else PARTLY if proof.verdict == "wait" else WAITS
    evidence = "; ".join(proof.reasons) or f"nobody came by for {proof.cycle_days:g} days"
    todo = "after rollout" if proof.verdict == "blocked" else "7 see"
    return Step("Decommission", "rollout", mark, evidence, todo)
