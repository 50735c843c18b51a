"""The help of a pane, written from the registry."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from cockpit.tui import actions
from cockpit.tui.actions import Action, Situation, key_name
from cockpit.tui.marks import Tone
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
            found += [self._line(action) for action in block]
            found.append(Content())
        found.append(lines.content([("Moves", "strong")]))
        found += [_entry(keys.split(","), says, "plain") for keys, _, says in actions.MOVES]
        found += [_entry(["tab"], "The next part of the pane", "plain"), Content()]
        found += [lines.content([(line, "dim")]) for line in self._about]
        return found

    def _line(self, action: Action) -> Content:
        why = action.why_not(self._situation)
        return _entry(action.keys, action.description, "dim" if why else "plain", why)

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)


def _entry(keys: list[str] | tuple[str, ...], says: str, tone: Tone, why: str = "") -> Content:
    names = " ".join(key_name(key) for key in keys) or "^p"
    parts: list[lines.Part] = [(f"  {names:<{KEYS}}", "busy"), (says, tone)]
    if why:
        parts.append((f" (not now: {why})", "warn"))
    return lines.content(parts)
