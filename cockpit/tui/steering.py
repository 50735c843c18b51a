"""Starting, slowing and ending jobs: that of the present pane, or the one that leads the others."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from cockpit.state.jobs import JobKind
from cockpit.tui.commands import Commands, faster, slower
from cockpit.tui.situation import Situation, next_step, pausing
from cockpit.tui.snapshots import JobView


class Bridge(Protocol):
    """What steering needs of the application."""

    commands: Commands

    def situation(self) -> Situation:
        """Where the person is."""
        ...

    def perform(self, command: Callable[[], str]) -> object:
        """Run a command in a thread and tell how it went."""
        ...

    def confirm(self, title: str, says: str, yes: str, then: Callable[[], object]) -> None:
        """Ask first; `then` is called only after a yes."""
        ...


class Steering:
    """The handlers of the actions on jobs. They act on the job that was newest when the key was pressed."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def _view(self) -> JobView | None:
        situation = self._bridge.situation()
        return situation.snapshot.job(situation.steered)

    def _start(self, kind: JobKind, args: Mapping[str, Any]) -> None:
        self._bridge.perform(lambda: self._bridge.commands.start(kind, args))

    def do_start(self) -> None:
        """Start, resume or take over what this pane is about."""
        situation = self._bridge.situation()
        kind, view, commands = situation.kind, self._view(), self._bridge.commands
        if view is not None and pausing(situation.snapshot, situation.steered):
            self._bridge.perform(lambda: commands.resume(view.job))
        elif kind == "export":
            self._start(kind, {"source": situation.source})
        elif kind == "import" and (unsettled := _unsettled(situation)):
            self._bridge.confirm(
                "Import from a source that is not settled?",
                unsettled,
                "Import",
                lambda: self._start("import", {"live_source": True}),
            )
        elif kind is not None:
            self._start(kind, {})

    def do_lint(self) -> None:
        """Start lint."""
        self._start("lint", {})

    def do_run(self) -> None:
        """Ask, then do all that is left of the migration."""
        self._lead(
            "run",
            "Run the whole migration?",
            "Exports every kind that is not exported yet, checks it, creates at the target all that is ready "
            "(organizations, roles, users, memberships, second factors), and compares. What was done before "
            "is not done again. p pauses it, X stops it, S goes on.",
            "Run",
        )

    def do_sync(self) -> None:
        """Ask, then bring the target up to what the source says now."""
        self._lead(
            "sync",
            "Sync with the source?",
            "Exports every kind again, creates at the target what is new at the source, updates there what "
            "changed since it was sent, sends again what the target lost, and compares, in at most 3 rounds, "
            "until the diff is clean. Nothing is deleted.",
            "Sync",
        )

    def _lead(self, kind: JobKind, title: str, says: str, yes: str) -> None:
        situation = self._bridge.situation()
        unsettled = "" if next_step(situation.snapshot) == "export" else _unsettled(situation)
        args = {"source": situation.source, "live_source": bool(unsettled)}
        self._bridge.confirm(title, f"{says} {unsettled}".strip(), yes, lambda: self._start(kind, args))

    def do_pause(self) -> None:
        """Pause: the safe direction, no question."""
        if (view := self._view()) is not None:
            self._bridge.perform(lambda: self._bridge.commands.pause(view.job))

    def do_slower(self) -> None:
        """One step down."""
        if (view := self._view()) is not None:
            rate = slower(view.control.rate, _used(view))
            self._bridge.perform(lambda: self._bridge.commands.throttle(view.job, rate))

    def do_faster(self) -> None:
        """One step up."""
        if (view := self._view()) is not None:
            rate = faster(view.control.rate, _used(view))
            self._bridge.perform(lambda: self._bridge.commands.throttle(view.job, rate))

    def do_stop(self) -> None:
        """Ask, then end the job."""
        view = self._view()
        if view is None:
            return
        job = view.job
        done = f"{job.done:,}" + (f" of {job.total:,}" if job.total is not None else "")
        says = (
            f"{job.kind.capitalize()}, job {job.id}, has done {done}. It finishes what is in flight, records "
            f"it and ends. Nothing is lost; s goes on from there."
        )
        self._bridge.confirm(
            f"Stop the {job.kind}?",
            says,
            "Stop it",
            lambda: self._bridge.perform(lambda: self._bridge.commands.stop(job)),
        )


def _unsettled(situation: Situation) -> str:
    """What to know of an export that may lack somebody, whom the import then goes without."""
    found = situation.snapshot.summary
    export = found.export if found is not None else None
    if export is None or export.outcome == "complete":
        return ""
    return (
        f"The export is {export.standing}. Whoever it lacks is found by a later export and import; "
        "the audit trail will say that you went on."
    )


def _used(view: JobView) -> float | None:
    return view.sample.ceiling if view.sample is not None else view.control.seen_rate
