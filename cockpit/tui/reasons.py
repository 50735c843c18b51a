"""Why something can't be done now, in words; empty when it can."""

from cockpit.state.jobs import JobKind
from cockpit.tui.situation import Situation, pausing
from cockpit.tui.snapshots import JOB_OF, Snapshot

PACED: tuple[JobKind, ...] = ("import", "reset", "run", "sync", "drain")
"""The jobs that send, and so have a ceiling."""


def start(situation: Situation) -> str:
    """Of the work of a pane, or the next step of the overview."""
    if pausing(situation.snapshot, situation.steered):
        return ""
    kind = situation.kind
    if kind is None:
        return "every step is done and the diff is clean"
    if why := at_work(situation.snapshot, kind):
        return why
    found = situation.snapshot.summary
    if kind == "export":
        return source(situation)
    if found is None or not found.exported:
        return "nothing is exported yet; start with the export (2, then s)"
    if situation.pane == "errors" and not found.to_send and situation.snapshot.job(kind) is None:
        return "nothing is ready to be sent; r or R makes failed records ready"
    return ""


def at_work(snapshot: Snapshot, kind: JobKind) -> str:
    """Of starting a job of that kind."""
    view = snapshot.job(kind)
    if view is not None and view.stale:
        return f"process {view.job.pid} still holds the lock of {kind}; end it, then start it again"
    return f"{kind} is {view.job.state} already" if view is not None and view.active else ""


def source(situation: Situation) -> str:
    """Of what reads the source."""
    return "" if situation.source else "no source is known yet; run: cockpit init --source NAME"


def run(situation: Situation) -> str:
    """Of the whole sequence."""
    leading: JobKind = "sync" if situation.snapshot.at_work("sync") else "run"
    return at_work(situation.snapshot, leading) or source(situation)


def sync(situation: Situation) -> str:
    """Of bringing the target up to date."""
    leading: JobKind = "run" if situation.snapshot.at_work("run") else "sync"
    found = situation.snapshot.summary
    return (
        at_work(situation.snapshot, leading)
        or source(situation)
        or (
            "" if found is not None and found.exported else "nothing is exported yet; S in pane 1 runs it all"
        )
    )


def choose(situation: Situation) -> str:
    """Of deciding for a group of lost passwords."""
    if situation.level != "passwords":
        return "choose in the list of passwords (v)"
    return "" if situation.group else "choose for a group that is not carried"


def send_resets(situation: Situation) -> str:
    """Of the reset e-mails."""
    if why := at_work(situation.snapshot, "reset"):
        return why
    if situation.emails is None:
        return "nobody is to be written to; choose e-mail for a group first (c)"
    if not situation.emails:
        return "nobody waits for an e-mail; they are written to once they are at the target"
    if situation.snapshot.at_work("import"):
        return "the import writes to the target now; send them when it is done"
    if situation.mailer is None:
        return (
            "nobody knows yet who sends them: try one address with cockpit passwords reset --user ID, "
            "then name the mailer in cockpit.toml"
        )
    return ""


def steer(situation: Situation) -> str:
    """Of whatever needs a job at work here."""
    kind = situation.about[0] if situation.about else JOB_OF.get(situation.pane, "job")
    return "" if situation.steered else f"no {kind} is at work"


def pause(situation: Situation) -> str:
    """Of pausing it."""
    if pausing(situation.snapshot, situation.steered):
        return f"{situation.steered} is paused; s resumes it"
    return steer(situation)


def throttle(situation: Situation) -> str:
    """Of its ceiling."""
    kind = situation.steered
    return steer(situation) if kind in (None, *PACED) else f"{kind} writes nothing to the target"


def lint(situation: Situation) -> str:
    """Of checking the records."""
    found = situation.snapshot.summary
    view = situation.snapshot.job("lint")
    if view is not None and view.active:
        return "lint is running already"
    return "" if found is not None and found.exported else "nothing is exported yet; s starts the export"


def listing(situation: Situation) -> str:
    """Of what needs a list that can be filtered."""
    return "" if situation.listing else "this is not a list"


def exportable(situation: Situation) -> str:
    """Of writing rows to a file: those of a list, or of a cause of errors."""
    return row(situation) if situation.level == "groups" else listing(situation)


def reload(situation: Situation) -> str:
    """Of reading a list again."""
    return "" if situation.level == "tank" else listing(situation)


def search(situation: Situation) -> str:
    """Of a filter."""
    return "" if situation.level in ("groups", "lint", "output") else listing(situation)


def row(situation: Situation) -> str:
    """Of what needs a row."""
    return "" if situation.row else "nothing is under the cursor"


def record(situation: Situation) -> str:
    """Of what needs an open record."""
    return "" if situation.record else "open a record first (Enter)"


def copy(situation: Situation) -> str:
    """Of copying."""
    return "" if situation.record else row(situation)


def group(situation: Situation) -> str:
    """Of what concerns a cause."""
    if situation.level == "rules":
        return "these are rules; Esc goes back to the causes"
    return "" if situation.row or situation.record else "there is no open error here"


def error(situation: Situation) -> str:
    """Of what concerns single failures."""
    if situation.level == "groups":
        return "open the cause first (Enter), or R for all of it"
    return group(situation)


def fix(situation: Situation) -> str:
    """Of the form of one record."""
    if situation.level == "groups":
        return "open the cause first (Enter), or a for a fix of all of it"
    return group(situation)


def rule(situation: Situation) -> str:
    """Of what concerns a fix rule in force."""
    return "" if situation.level == "rules" and situation.row else "choose a rule in the list of rules (A)"


def sortable(situation: Situation) -> str:
    """Of lists that have orders."""
    return "" if situation.level == "groups" else listing(situation)


def transient(situation: Situation) -> str:
    """Of what concerns failures of all causes."""
    found = situation.snapshot.summary
    return "" if found is not None and found.open_errors else "there is no open error"
