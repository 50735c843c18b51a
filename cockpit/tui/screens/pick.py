"""A question with several answers, each said in full; the focus is on Cancel."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from cockpit.tui.widgets import lines

WITH_KEYS = 3
"""So many buttons have room for their keys."""


class Answer(NamedTuple):
    """One answer: what is returned, its key, its name, and what it means."""

    value: str
    key: str
    name: str
    says: str


class Pick(ModalScreen[str]):
    """Returns the value of the answer, "" for Cancel."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "pick('')", "cancel", show=False),
        Binding("left", "app.focus_previous", "button before", show=False),
        Binding("right", "app.focus_next", "next button", show=False),
    ]

    def __init__(self, title: str, head: Content, answers: Sequence[Answer]) -> None:
        super().__init__()
        self._title, self._head, self._answers = title, head, answers

    def compose(self) -> ComposeResult:
        """Who, what each answer means, the buttons."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = self._title
            yield Static(self._head)
            for answer in self._answers:
                said = lines.content(
                    [(f"{answer.key}  ", "key"), (f"{answer.name}: ", "strong"), (answer.says, "plain")]
                )
                yield Static(said, classes="choice")
            with Horizontal(classes="buttons"):
                yield Button("Cancel (Esc)", id="cancel", compact=True)
                for answer in self._answers:
                    # The keys stand above; with many answers there is no room for them twice.
                    key = f" ({answer.key})" if len(self._answers) <= WITH_KEYS else ""
                    label = f"{answer.name.capitalize()}{key}"
                    yield Button(label, id=answer.value, compact=True)

    def on_mount(self) -> None:
        """Enter twice must not decide."""
        self.query_one("#cancel").focus()

    def on_key(self, event: events.Key) -> None:
        """Answer by key."""
        for answer in self._answers:
            if event.key == answer.key:
                event.stop()
                self.dismiss(answer.value)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.action_pick("" if event.button.id == "cancel" else str(event.button.id))

    def action_pick(self, value: str) -> None:
        """Answer."""
        self.dismiss(value)
