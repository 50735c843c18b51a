"""Why something can't be done about webhooks now, in words; empty when it can."""

from cockpit.tui import reasons
from cockpit.tui.situation import Situation, pausing

NO_TANK = "there is no tank: cockpit webhooks hold --source NAME"


def attest(situation: Situation) -> str:
    """Of saying what was done."""
    if situation.level != "sequence":
        return "choose a step in the list of the sequence (v)"
    return reasons.row(situation)


def start_drain(situation: Situation) -> str:
    """Of draining, or of going on after a pause."""
    if pausing(situation.snapshot, "drain"):
        return ""
    if situation.held is None:
        return NO_TANK
    return reasons.at_work(situation.snapshot, "drain") or ("" if situation.held else "nothing is held")


def discard(situation: Situation) -> str:
    """Of discarding a class."""
    if situation.held is None:
        return NO_TANK
    if situation.level != "tank":
        return "choose classes in the tank (v)"
    return reasons.row(situation)


def dead(situation: Situation) -> str:
    """Of the list of dead letters."""
    if situation.held is None:
        return NO_TANK
    return "" if situation.dead else "there is no dead letter"


def redrive(situation: Situation) -> str:
    """Of sending dead letters again."""
    if why := dead(situation):
        return why
    return "" if situation.level == "dead" and situation.row else "choose in the list of dead letters (d)"


def follow(situation: Situation) -> str:
    """Of following WorkOS's events."""
    if situation.snapshot.at_work("rollout"):
        return "the watch of the rollout follows them"
    return reasons.at_work(situation.snapshot, "events")


def compare(situation: Situation) -> str:
    """Of the list of gaps."""
    return "" if situation.level == "events" else "the events are compared in Events (v)"
