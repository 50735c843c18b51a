"""The command palette, filled from the registry with what can be done now."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from cockpit.tui import actions
from cockpit.tui.actions import Action, key_name
from cockpit.tui.situation import Situation


class Doing(Protocol):
    """What the palette needs of the application."""

    def situation(self) -> Situation:
        """Where the person is."""
        ...

    def action_do(self, id_: str) -> None:
        """Do an action."""
        ...


class Palette(Provider):
    """Offers only what is allowed at this moment."""

    async def discover(self) -> Hits:
        """Everything that can be done now."""
        for action, name, run in self._offered():
            yield DiscoveryHit(name, run, help=action.description)

    async def search(self, query: str) -> Hits:
        """What matches."""
        matcher = self.matcher(query)
        for action, name, run in self._offered():
            if (score := matcher.match(name)) > 0:
                yield Hit(score, matcher.highlight(name), run, help=action.description)

    def _offered(self) -> list[tuple[Action, str, Callable[[], Any]]]:
        app = cast("Doing", self.app)
        situation = app.situation()
        offered: list[tuple[Action, str, Callable[[], Any]]] = []
        for action in actions.of_pane(situation.pane):
            if not action.why_not(situation) and action.id != "palette":
                keys = f"  {key_name(action.keys[0])}" if action.keys else ""
                offered.append((action, f"{action.label}{keys}", partial(app.action_do, action.id)))
        return offered
