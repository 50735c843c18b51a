"""What a person can do, said once for bindings, footer, help and palette."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cockpit.tui.situation import Situation
from cockpit.tui.snapshots import PANES, PaneId

Danger = Literal["look", "change", "ask"]
"""look: changes nothing. change: done at once, the safe direction. ask: says first what will happen."""

Reason = Callable[[Situation], str]
"""Why an action can't be done now; empty when it can."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do. `panes` are those where the key means this; `footer` its place there
    (0: not shown, else what is dropped first when it gets narrow is the highest), at some `levels` only, or
    at all but those of `unless`."""

    id: str
    keys: tuple[str, ...]
    label: str
    description: str
    panes: tuple[PaneId, ...] = PANES
    danger: Danger = "look"
    refused: Reason = lambda situation: ""
    footer: int = 0
    levels: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def at(self, level: str) -> bool:
        """Whether the footer has it at a level."""
        return bool(self.footer) and (level in self.levels or not self.levels) and level not in self.unless

    def why_not(self, situation: Situation) -> str:
        """The reason why it can't be done now, the read-only gate first; empty when it can."""
        if self.danger != "look" and situation.read_only:
            return "this cockpit was opened read-only"
        return self.refused(situation)
