"""Asks what becomes of users who lose their password for one reason."""

from cockpit.state.password_plan import Choice, Group
from cockpit.tui import marks, text
from cockpit.tui.screens.pick import Answer, Pick
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


class Choose(Pick):
    """Says for each choice what happens to whom."""

    def __init__(self, group: Group) -> None:
        now = marks.of(marks.CHOICES, group.choice)
        said = [
            lines.content([(f"{text.number(group.users)} users: {text.line(group.reason, 200)}", "strong")]),
            lines.content([("So far: ", "dim"), (str(now), now.tone)]),
        ]
        answers = [Answer(choice, choice[0], name, says) for choice, (name, says) in SAYS.items()]
        super().__init__("What becomes of them?", lines.joined(said), answers)


def chosen(answer: str | None) -> Choice | None:
    """The answer as a choice; None where nothing was chosen."""
    return next((known for known in SAYS if known == answer), None)
