"""A choice of yes or no that is told by a glyph and a word, not by colour alone."""

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static

from cockpit.tui.widgets import lines


class Tick(Static, can_focus=True):
    """A line with what is chosen before it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "choose", "choose", show=False)]

    @dataclass
    class Changed(Message):
        """It was chosen, or is no longer."""

        tick: "Tick"

    def __init__(self, label: str, value: bool) -> None:
        super().__init__(classes="tick")
        self._label, self.value = label, value

    def on_mount(self) -> None:
        """Show it as it is."""
        self._paint()

    def on_click(self, event: events.Click) -> None:
        """The mouse chooses too."""
        self.action_choose()

    def action_choose(self) -> None:
        """The other way."""
        self.value = not self.value
        self._paint()
        self.post_message(self.Changed(self))

    def _paint(self) -> None:
        yes = self.value
        self.update(
            lines.content([("✔ yes  " if yes else "· no   ", "ok" if yes else "dim"), (self._label, "plain")])
        )
