"""What an action changed, in a line."""

from cockpit.state.audit import AuditRow
from cockpit.state.rollout.audit import Entry


def told(row: AuditRow | Entry) -> str:
    """From what to what, as far as it says, and why; empty where it says neither."""
    change = f"{row.before} → {row.after}" if row.before and row.after else row.after or row.before or ""
    return ": ".join(filter(None, (change, row.why)))
