"""What stays on the normal screen after the cockpit was closed."""

from pathlib import Path

from cockpit.tui import text
from cockpit.tui.snapshots import Snapshot


def lines(snapshot: Snapshot, state: Path) -> list[str]:
    """Counts, what keeps running, and how to come back."""
    found = snapshot.summary
    if found is None:
        return [f"Nothing was started; {state} does not exist yet. To come back: cockpit --state {state}"]
    users = ", ".join(f"{text.number(n)} {state_}" for state_, n in found.users.items() if n)
    open_errors = text.number(found.open_errors)
    said = [f"{text.number(found.exported)} users: {users or 'none yet'}; {open_errors} open errors"]
    for kind, view in snapshot.jobs.items():
        if view.stale:
            silent = text.span(view.age or 0)
            said.append(f"{kind} is STALE: no heartbeat for {silent}, process {view.job.pid} holds its lock")
        elif view.active:
            left = text.finish(snapshot.at, view.job.eta_s)
            said.append(
                f"{kind} goes on as job {view.job.id} (process {view.job.pid}): {view.job.state}, {left}"
            )
        elif view.lost:
            said.append(f"{kind} died and waits to be taken over: cockpit start {kind}")
    if len(said) == 1:
        said.append("Nothing is at work.")
    said.append(f"To come back: cockpit --state {state}")
    return said
