"""Before logins go to WorkOS: what will happen to whom, every gate, and the focus on Cancel."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from cockpit.tui import text
from cockpit.tui.rollout.gates import NAMES, Gate
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lines import Part

How = Literal["flip", "arm"]
WORD = "flip"
"""What is typed where more than one connection goes."""


TALL = 36
"""Below that height open gates share a line with each other, once one is closed."""


class Decided(NamedTuple):
    """`why`: the reason for which closed gates are passed over, None where none is."""

    how: How
    why: str | None


class Going(NamedTuple):
    """Who goes: lines that say so, how many connections, and what a yes does with them.

    `only_arm`: the watch carries it out, one after the other.
    """

    title: str
    says: Sequence[Sequence[Part]]
    many: int
    yes: str
    only_arm: bool


class FlipForm(ModalScreen[Decided | None]):
    """Returns what was decided. Gates may come later, or change, while it is open (`show_gates`)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", show=False),
        Binding("y", "decide", "yes", show=False),
        Binding("a", "decide('arm')", "arm", show=False),
    ]

    def __init__(self, going: Going, gates: Sequence[Gate], asking: str) -> None:
        super().__init__()
        self._going, self._gates = going, gates
        self._shown = Static()
        self._asked = Static(lines.content([(asking, "dim")]))
        self._why = Input(placeholder="why; it stands in the audit trail", compact=True, id="why")
        self._word = Input(compact=True, id="word")
        self._said = Static(classes="said")

    def compose(self) -> ComposeResult:
        """Whom it concerns, the gates, what is to be typed, the buttons."""
        going = self._going
        with Vertical(classes="form") as form:
            form.border_title = going.title.replace("[", "\\[")
            form.border_subtitle = "Tab next · Esc cancel"
            yield Static(lines.joined(map(lines.content, going.says)))
            with VerticalScroll(classes="gates", can_focus=False):
                yield self._shown
            yield self._asked
            with Horizontal(classes="field", id="override"):
                yield Static(lines.content([("pass over because", "busy")]), classes="label")
                yield self._why
            if going.many > 1:
                with Horizontal(classes="field"):
                    yield Static(lines.content([(f"type {WORD} to go on", "busy")]), classes="label")
                    yield self._word
            yield self._said
            with Horizontal(classes="buttons"):
                yield Button("Cancel (Esc)", id="cancel", compact=True)
                yield Button(f"{going.yes} (y)", id="yes", variant="error", compact=True)
                if not going.only_arm:
                    yield Button("Arm (a)", id="arm", compact=True)

    def on_mount(self) -> None:
        """Enter twice must not do it."""
        self._paint()
        self.query_one("#cancel").focus()

    def show_gates(self, gates: Sequence[Gate], asked: str) -> None:
        """As they are now; `asked`: what came of asking WorkOS."""
        self._gates = gates
        self._asked.update(lines.content([(asked, "dim")]))
        self._paint()

    @property
    def _shut(self) -> list[Gate]:
        return [gate for gate in self._gates if gate.shut]

    def _stuck(self, how: How) -> bool:
        """Whether a reason is needed: an armed flip waits by itself for some gates."""
        return any(not (gate.waits and how == "arm") for gate in self._shut)

    def _paint(self) -> None:
        impossible = [gate for gate in self._shut if not gate.passable]
        self._shown.update(lines.joined(self._lines()))
        self.query_one("#override").display = bool(self._shut) and not impossible
        for name in ("#yes", "#arm"):
            for button in self.query(name).results(Button):
                button.disabled = bool(impossible)

    def _lines(self) -> Iterator[Content]:
        if not self._gates:
            yield lines.content([("✔ ", "ok"), ("every gate is open", "plain")])
        folded = bool(self._shut) and self.app.size.height < TALL
        for gate in self._shut if folded else self._gates:
            mark: Part = ("✘ ", "bad") if gate.shut else ("✔ ", "ok")
            who: list[Part] = [(f"{text.line(gate.who, 30)}: ", "strong")] if gate.who else []
            name: list[Part] = (
                [] if gate.who else [(f"{NAMES[gate.gate]:<12}", "bad" if gate.shut else "dim")]
            )
            yield lines.content([mark, *name, *who, (text.line(gate.says, 300), "plain")])
        if folded and (rest := [NAMES[gate.gate] for gate in self._gates if not gate.shut]):
            yield lines.content([("✔ ", "ok"), (f"open: {', '.join(rest)}", "dim")])

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_decide()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        match event.button.id:
            case "yes":
                self.action_decide()
            case "arm":
                self.action_decide("arm")
            case _:
                self.dismiss(None)

    def action_decide(self, how: How | None = None) -> None:
        """Go on, if everything that is needed was typed."""
        how = how or ("arm" if self._going.only_arm else "flip")
        why = self._why.value.strip()
        if any(not gate.passable for gate in self._shut):
            self._refuse("a closed gate can't be passed over: there is nothing to flip to", None)
        elif self._stuck(how) and not why:
            waits = not self._stuck("arm") and not self._going.only_arm
            hint = "; or a arms it, and the watch waits for that" if waits else ""
            self._refuse(f"gates are closed: a reason is needed to pass over them{hint}", self._why)
        elif self._going.many > 1 and self._word.value.strip() != WORD:
            self._refuse(f"{self._going.many} connections: type {WORD}", self._word)
        else:
            self.dismiss(Decided(how, why if self._stuck(how) else None))

    def _refuse(self, why: str, field: Input | None) -> None:
        self._said.update(lines.content([(why, "warn")]))
        if field is not None:
            field.focus()

    def action_cancel(self) -> None:
        """Everything stays as it is."""
        self.dismiss(None)
