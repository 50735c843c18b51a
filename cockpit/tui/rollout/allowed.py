"""Why something can't be done to the rollout now, in words; empty when it can."""

from cockpit.jobs.rollout.overview import WaveLine
from cockpit.rollout.flip import OPEN
from cockpit.rollout.route import AT_WORKOS
from cockpit.rollout.waves import AT_WORK
from cockpit.tui import reasons
from cockpit.tui.rollout.board import Board
from cockpit.tui.situation import Situation

_NONE = "no connections are on the board yet; pane 6 reads and checks them"


def some(situation: Situation) -> str:
    """Of what needs a board."""
    return "" if situation.board is not None and situation.board.lines else _NONE


def one(situation: Situation) -> str:
    """Of what concerns the connection under the cursor, or the marked ones."""
    return some(situation) or ("" if situation.line is not None else "no connection is under the cursor")


def flip(situation: Situation) -> str:
    """Of sending logins to WorkOS. With marks the dialog says who can't go."""
    if why := one(situation):
        return why
    line = situation.line
    assert line is not None, "there is one"
    if situation.marked or line.column not in AT_WORKOS:
        return ""
    return f"{line.connection} is {line.column}: its logins go to WorkOS already; ! takes them back"


def back(situation: Situation) -> str:
    """Of taking logins back: all that keeps it is that there is nothing to take."""
    return one(situation)


def cancel(situation: Situation) -> str:
    """Of a flip that has not ended."""
    if why := one(situation):
        return why
    found = situation.line.flip if situation.line is not None else None
    return "" if found is not None and found.stage in OPEN else "no flip of it is under way"


def release(situation: Situation) -> str:
    """Of letting held ones take part again."""
    if why := one(situation):
        return why
    line = situation.line
    held = line is not None and line.column == "held"
    return "" if held or situation.marked else "only held connections are released"


def hold(situation: Situation) -> str:
    """Of holding the wave that runs."""
    running = under_way(situation.board)
    if running is None:
        return some(situation) or "no wave is under way; w starts one"
    return "" if running.wave.state == "running" else f"wave {running.wave.name} is {running.wave.state}: w"


def move(situation: Situation) -> str:
    """Of putting connections into another wave."""
    if why := one(situation):
        return why
    return "" if planned(situation.board) else "no wave is planned that could take it; w plans them"


def tick(situation: Situation) -> str:
    """Of the dashboard's tick."""
    if why := one(situation):
        return why
    line = situation.line
    there = line is not None and line.column in AT_WORKOS
    return "" if there else "its logins are not at WorkOS: there is nothing to see of it in the dashboard"


def watch(situation: Situation) -> str:
    """Of starting the watch."""
    return some(situation) or reasons.at_work(situation.snapshot, "rollout")


def planned(board: Board | None) -> list[str]:
    """The waves that have not started."""
    waves = board.overview.waves if board is not None else ()
    return [each.wave.name for each in waves if each.wave.state == "planned"]


def under_way(board: Board | None) -> WaveLine | None:
    """The wave that runs, or stands."""
    waves = board.overview.waves if board is not None else ()
    return next((each for each in waves if each.wave.state in AT_WORK), None)
