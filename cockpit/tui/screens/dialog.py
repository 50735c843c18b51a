"""The frame of a question: what will happen, and two buttons of which the harmless one has the focus."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from cockpit.tui.widgets import lines


class Confirm(ModalScreen[bool]):
    """Shows what will happen to whom and asks; the focus is on Cancel."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer(False)", "cancel", show=False),
        Binding("y", "answer(True)", "yes", show=False),
        Binding("left,right", "app.focus_next", "other button", show=False),
    ]

    def __init__(self, title: str, says: str, yes: str) -> None:
        super().__init__()
        self._title, self._says, self._yes = title, says, yes

    def compose(self) -> ComposeResult:
        """The question and its buttons."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = self._title
            yield Static(lines.content([(self._says, "plain")]))
            with Horizontal(classes="buttons"):
                yield Button("Cancel (Esc)", id="cancel", compact=True)
                yield Button(f"{self._yes} (y)", id="yes", variant="error", compact=True)

    def on_mount(self) -> None:
        """Enter twice must not do it."""
        self.query_one("#cancel").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """Answer by key."""
        self.dismiss(yes)
