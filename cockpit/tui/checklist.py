"""The migration as a checklist: each step with its evidence, and what it waits for."""

from dataclasses import dataclass

from cockpit.state.jobs import JobKind
from cockpit.state.summary import Summary
from cockpit.tui import marks, text
from cockpit.tui.marks import Mark
from cockpit.tui.snapshots import PaneId, Snapshot

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


def steps(snapshot: Snapshot) -> list[Step]:
    """Export, lint, import, errors to zero, diff clean."""
    found = snapshot.summary
    return [
        _export(snapshot, found),
        _lint(snapshot, found),
        _import(snapshot, found),
        _errors(found),
        _diff(snapshot, found),
    ]


def _working(snapshot: Snapshot, kind: JobKind) -> Mark | None:
    view = snapshot.job(kind)
    if view is None or not (view.active or view.lost):
        return None
    mark = marks.of(marks.JOB_STATES, view.mark)
    return Mark(mark.glyph, mark.word.lower(), mark.tone)


def _todo(mark: Mark, start: str, watch: str) -> str:
    if mark.word == "dead":
        return "s takes over"
    return {TODO: start, PARTLY: start, DONE: ""}.get(mark, watch)


def _export(snapshot: Snapshot, found: Summary | None) -> Step:
    export = found.export if found is not None else None
    working = _working(snapshot, "export")
    if found is None or export is None:
        mark = working or TODO
        return Step("Export", "export", mark, "nothing read yet", _todo(mark, "s starts it", "2 watch"))
    counts = f"{text.number(found.exported)} users in {text.number(found.pages)} pages"
    if export.complete_at is not None:
        settled = export.outcome == "complete"
        mark = working or (DONE if settled else PARTLY)
        evidence = f"{counts} by {text.moment(export.complete_at)[:5]}" + (
            "" if settled else f", {export.standing}"
        )
    else:
        mark = working or PARTLY
        evidence = counts + (
            f" of about {text.number(export.total)} users" if export.total else ", not complete"
        )
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


def _import(snapshot: Snapshot, found: Summary | None) -> Step:
    if found is None or not found.exported:
        return Step("Import", "import", WAITS, "", "after export")
    users = found.users
    moved = users["imported"] + users["adopted"]
    left = users["ready"] + users["sending"]
    evidence = f"{text.number(moved)} of {text.number(found.exported)} there"
    for state in ("failed", "skipped", "unknown"):
        if users[state]:
            evidence += f", {text.number(users[state])} {state}"
    mark = _working(snapshot, "import") or (DONE if not left else PARTLY if moved else TODO)
    return Step("Import", "import", mark, evidence, _todo(mark, "3, then s", "3 watch"))


def _errors(found: Summary | None) -> Step:
    if found is None or not found.exported:
        return Step("Errors to zero", "errors", WAITS, "", "after import")
    if not found.open_errors:
        begun = found.exported > found.users["ready"]
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
