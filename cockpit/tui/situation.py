"""Where a person is and what is there: what decides which keys mean something."""

from dataclasses import dataclass

from cockpit.jobs.rollout.overview import Line
from cockpit.state.jobs import JobKind
from cockpit.state.summary import Summary
from cockpit.tui.rollout.board import Board
from cockpit.tui.snapshots import JOB_OF, STEERED, PaneId, Snapshot


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a person is and what is there, as far as it decides what can be done.

    `group`: the row is one of users who lose their password. `emails`: reset e-mails that can be sent now or
    were in vain, None where nobody is to be written to. `board`: of the rollout; `line`: the connection there
    that is meant; `marked`: how many are marked. `about`: the kinds of job that are meant, where that is not
    the same in the whole pane. `held` and `dead`: events in the tank, None without one.
    """

    pane: PaneId
    snapshot: Snapshot
    read_only: bool = False
    source: str | None = None
    mailer: str | None = None
    level: str = ""
    listing: bool = False
    row: bool = False
    record: bool = False
    group: bool = False
    emails: int | None = None
    about: tuple[JobKind, ...] = ()
    held: int | None = None
    dead: int = 0
    board: Board | None = None
    line: Line | None = None
    marked: int = 0

    @property
    def kind(self) -> JobKind | None:
        """The job that `s` starts here; on the overview the first step that is not done."""
        return JOB_OF[self.pane] if self.pane in JOB_OF else next_step(self.snapshot)

    @property
    def steered(self) -> JobKind | None:
        """The job at work that is slowed and ended here."""
        return next((kind for kind in self.about or STEERED[self.pane] if self.snapshot.at_work(kind)), None)


def next_step(snapshot: Snapshot) -> JobKind | None:
    """The first step of the migration that is not done; None when the last diff is clean."""
    found = snapshot.summary
    if found is None or not _all_exported(found):
        return "export"
    if found.mapped < found.exported:
        return "lint"
    if found.to_send:
        return "import"
    return None if found.diff and found.diff.clean else "diff"


def _all_exported(found: Summary) -> bool:
    """Whether users, and every other kind whose export was begun, have been read to the end."""
    return "user" in found.exports and all(export.complete_at for export in found.exports.values())


def pausing(snapshot: Snapshot, kind: JobKind | None) -> bool:
    """Whether a job is paused or has been asked to."""
    view = snapshot.job(kind)
    return view is not None and view.active and "pause" in (view.control.command, view.control.seen)
