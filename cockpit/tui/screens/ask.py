"""Asks for one line of text; nothing happens without it."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lines import Part


class Ask(ModalScreen[str]):
    """Returns what was typed, "" for nothing. `head`: lines of who is concerned and what will happen; `does`:
    what Enter does; `wrong`: why what was typed won't do, empty when it will."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "cancel", show=False)]

    def __init__(
        self,
        title: str,
        head: Sequence[Sequence[Part]],
        placeholder: str,
        does: str,
        wrong: Callable[[str], str] = lambda typed: "",
    ) -> None:
        super().__init__()
        self._title, self._head = title, head
        self._placeholder, self._does, self._wrong = placeholder, does, wrong
        self._said = Static(lines.content([(f"Enter {does}   Esc cancels", "dim")]))

    def compose(self) -> ComposeResult:
        """Who is concerned, and a line to type on."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = self._title
            yield Static(lines.joined(map(lines.content, self._head)))
            yield Input(placeholder=self._placeholder, compact=True)
            yield self._said

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        typed = event.value.strip()
        why = self._wrong(typed) if typed else ""
        if why:
            self._said.update(lines.content([(why, "warn")]))
        elif typed:
            self.dismiss(typed)

    def action_cancel(self) -> None:
        """Leave everything as it is."""
        self.dismiss("")
