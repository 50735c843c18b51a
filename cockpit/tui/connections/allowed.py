"""Why something can't be done with connections now, in words; empty when it can."""

from cockpit.state.jobs import JobKind
from cockpit.tui import reasons
from cockpit.tui.situation import Situation

_NONE = "there are no connections yet; e reads them from the source"


def read(situation: Situation) -> str:
    """Of reading them from the source."""
    return reasons.at_work(situation.snapshot, "export") or reasons.source(situation)


def some(situation: Situation) -> str:
    """Of what needs connections."""
    found = situation.snapshot.summary
    return "" if found is not None and any(found.connections.values()) else _NONE


def one(situation: Situation) -> str:
    """Of what concerns the connection under the cursor."""
    return some(situation) or reasons.copy(situation)


def check(situation: Situation) -> str:
    """Of holding them against the rules."""
    return some(situation) or reasons.at_work(situation.snapshot, "check")


def create(situation: Situation) -> str:
    """Of creating them at the target."""
    found = situation.snapshot.summary
    moving = found is not None and any(n for column, n in found.connections.items() if column != "manual")
    return some(situation) or _writing(situation) or ("" if moving else "none moves transparently")


def match(situation: Situation) -> str:
    """Of looking what exists at the target."""
    return some(situation) or reasons.at_work(situation.snapshot, "match")


def _writing(situation: Situation) -> str:
    jobs: tuple[JobKind, ...] = ("create", "invite")
    return next((why for kind in jobs if (why := reasons.at_work(situation.snapshot, kind))), "")
