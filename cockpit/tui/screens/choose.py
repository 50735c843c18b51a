"""Asks what becomes of users who lose their password for one reason."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from cockpit.state.password_plan import Choice, Group
from cockpit.tui import marks, text
from cockpit.tui.widgets import lines

SAYS: dict[Choice, tuple[str, str]] = {
    "silent": (
        "silent",
        "They are imported without a password and told nothing; at their next login they are led to set one.",
    ),
    "email": (
        "e-mail",
        "They are imported without a password. Choosing sends nothing: e in the list sends each who has "
        "arrived one reset e-mail.",
    ),
    "hold": (
        "hold",
        "They are not imported until another choice is made; who is at the target already stays there.",
    ),
}
"""The key of each is its first letter."""


class Choose(ModalScreen[Choice | None]):
    """Says for each choice what happens to whom; the focus is on Cancel."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "choose('')", "cancel", show=False),
        *(Binding(choice[0], f"choose('{choice}')", name, show=False) for choice, (name, _) in SAYS.items()),
        Binding("left", "app.focus_previous", "button before", show=False),
        Binding("right", "app.focus_next", "next button", show=False),
    ]

    def __init__(self, group: Group) -> None:
        super().__init__()
        self._group = group

    def compose(self) -> ComposeResult:
        """Who, what each choice means, the buttons."""
        group = self._group
        now = marks.of(marks.CHOICES, group.choice)
        said = [
            lines.content([(f"{text.number(group.users)} users: {text.line(group.reason, 200)}", "strong")]),
            lines.content([("So far: ", "dim"), (str(now), now.tone)]),
        ]
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "What becomes of them?"
            yield Static(lines.joined(said))
            for choice, (name, says) in SAYS.items():
                yield Static(
                    lines.content([(f"{choice[0]}  ", "key"), (f"{name}: ", "strong"), (says, "plain")]),
                    classes="choice",
                )
            with Horizontal(classes="buttons"):
                yield Button("Cancel (Esc)", id="cancel", compact=True)
                for choice, (name, _) in SAYS.items():
                    yield Button(f"{name.capitalize()} ({choice[0]})", id=choice, compact=True)

    def on_mount(self) -> None:
        """Enter twice must not decide."""
        self.query_one("#cancel").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.action_choose("" if event.button.id == "cancel" else str(event.button.id))

    def action_choose(self, choice: str) -> None:
        """Answer."""
        self.dismiss(next((known for known in SAYS if known == choice), None))
