"""Starting, slowing and ending the job of the present pane."""

from collections.abc import Callable
from typing import Protocol

from cockpit.tui.actions import Situation, pausing
from cockpit.tui.commands import Commands, faster, slower
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
        return situation.snapshot.job(situation.kind)

    def do_start(self) -> None:
        """Start, resume or take over what this pane is about."""
        situation = self._bridge.situation()
        kind, view, commands = situation.kind, self._view(), self._bridge.commands
        if kind is None:
            return
        if view is not None and pausing(situation.snapshot, kind):
            self._bridge.perform(lambda: commands.resume(view.job))
            return
        found = situation.snapshot.summary
        export = found.export if found is not None else None
        if kind == "import" and export is not None and export.outcome != "complete":
            self._bridge.confirm(
                "Import from a source that is not settled?",
                f"The export is {export.standing}. Whoever it lacks is found by a later export and import; "
                "the audit trail will say that you went on.",
                "Import",
                lambda: self._bridge.perform(lambda: commands.start(kind, None, live_source=True)),
            )
        else:
            self._bridge.perform(lambda: commands.start(kind, situation.source))

    def do_lint(self) -> None:
        """Start lint."""
        self._bridge.perform(lambda: self._bridge.commands.start("lint", None))

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


def _used(view: JobView) -> float | None:
    return view.sample.ceiling if view.sample is not None else view.control.seen_rate
