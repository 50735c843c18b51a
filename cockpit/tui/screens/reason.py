"""Asks why records are left out."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from cockpit.tui.widgets import lines


class Reason(ModalScreen[str]):
    """Asks for a reason; nothing happens without one."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "cancel", show=False)]

    def __init__(self, who: str) -> None:
        super().__init__()
        self._who = who

    def compose(self) -> ComposeResult:
        """Who is concerned, and a line to type on."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Ignore"
            yield Static(
                lines.joined(
                    [
                        lines.content([(self._who, "strong")]),
                        lines.content([("will not be moved and no longer counts as failed. Why?", "plain")]),
                    ]
                )
            )
            yield Input(placeholder="the reason; it stands in the report and the audit trail", compact=True)
            yield Static(lines.content([("Enter ignores   Esc cancels", "dim")]))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.dismiss(event.value.strip())

    def action_cancel(self) -> None:
        """Leave everything as it is."""
        self.dismiss("")
