"""The help of a pane, written from the registry."""

import textwrap
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from cockpit.tui import actions
from cockpit.tui.actions import Action, key_name
from cockpit.tui.marks import Tone
from cockpit.tui.situation import Situation
from cockpit.tui.widgets import lines

KEYS = 12


class Help(ModalScreen[None]):
    """All keys of the present pane: what they do, and why some can't be used now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "dismiss", "close", show=False),
        Binding("j", "scroll(1)", "down", show=False),
        Binding("k", "scroll(-1)", "up", show=False),
    ]

    def __init__(self, situation: Situation, about: list[str]) -> None:
        super().__init__()
        self._situation = situation
        self._about = about

    def compose(self) -> ComposeResult:
        """One long text."""
        with VerticalScroll(classes="help") as scroll:
            scroll.border_title = f"Keys in {self._situation.pane.capitalize()}"
            scroll.border_subtitle = "Esc closes"
            yield Static(lines.joined(self._lines()))

    def _lines(self) -> list[Content]:
        here = actions.of_pane(self._situation.pane)
        blocks = {
            "Changes something": [action for action in here if action.danger != "look"],
            "Looks": [action for action in here if action.danger == "look"],
        }
        found: list[Content] = []
        for title, block in blocks.items():
            found.append(lines.content([(title, "strong")]))
            for action in block:
                found += self._lines_of(action)
            found.append(Content())
        found.append(lines.content([("Moves", "strong")]))
        for keys, _, says in (*actions.MOVES, ("tab", "", "The next part of the pane")):
            found += self._entry(keys.split(","), says, "plain")
        found.append(Content())
        found += [lines.content([(line, "dim")]) for line in self._about]
        return found

    def _lines_of(self, action: Action) -> list[Content]:
        why = action.why_not(self._situation)
        found = self._entry(action.keys, action.description, "dim" if why else "plain")
        return found + self._entry((), f"not now: {why}", "warn") if why else found

    def _entry(self, keys: Sequence[str], says: str, tone: Tone) -> list[Content]:
        names = " ".join(key_name(key) for key in keys)
        room = min(96, self.app.size.width * 96 // 100) - KEYS - 10
        first, *more = textwrap.wrap(says, room)
        entry = [lines.content([(f"  {names:<{KEYS}}", "key"), (first, tone)])]
        return entry + [lines.content([(" " * (KEYS + 2) + line, tone)]) for line in more]

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)
