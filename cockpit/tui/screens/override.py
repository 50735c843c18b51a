"""A verdict against the check: what each would come to is said while it is chosen."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from cockpit.connections.plan import Plan
from cockpit.connections.rules import VERDICTS, Verdict
from cockpit.state.connections import ConnectionRow
from cockpit.tui import marks, text
from cockpit.tui.connections import questions
from cockpit.tui.connections.decisions import Override
from cockpit.tui.connections.rows import verdict_mark
from cockpit.tui.connections.standing import Standing
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lines import Part

WITHDRAW = "withdraw"
MEANS: dict[str, str] = {
    "transparent": "It is created at WorkOS by C, or described in the CSV by w; on the rollout board it is "
    "legacy. What the check found stays true.",
    "review": "Nothing is handed over until a person decides; on the rollout board it is manual.",
    "portal": "Its customer sets it up anew: t invites, or makes a link. On the rollout board it is manual.",
    "stop": "Nothing is handed over until something is corrected; on the rollout board it is manual.",
    WITHDRAW: "The verdict and the organization of the check hold again.",
}
SHOWN = 3
"""Connections that are named."""


class OverrideForm(ModalScreen[Override | None]):
    """Returns what was decided. `organizations`: among those one may be chosen, for a single connection that
    several share."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", show=False),
        Binding("ctrl+s", "apply", "override", show=False),
    ]

    def __init__(
        self, rows: Sequence[ConnectionRow], standing: Standing, organizations: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self._rows, self._standing, self._organizations = rows, standing, organizations
        overridden = any(row.overridden for row in rows)
        self._choices = [*VERDICTS, *([WITHDRAW] if overridden else [])]
        names = [str(marks.of(marks.VERDICTS, choice)) for choice in self._choices]
        self._list = OptionList(*map(Option, names))
        self._about = Static(classes="about")
        self._organization = Input(compact=True, placeholder=" or ".join(map(text.line, organizations)))
        self._why = Input(compact=True, placeholder="why; it stands in the audit trail")
        self._said = Static(classes="said")

    def compose(self) -> ComposeResult:
        """Who, the verdicts, what is needed, what it would come to."""
        with Vertical(classes="form") as form:
            form.border_title = f"Override {questions.named(self._rows)}".replace("[", "\\[")
            form.border_subtitle = "^s override · Tab next · Esc cancel"
            yield Static(lines.joined(map(lines.content, self._present())), classes="who")
            with Horizontal(classes="choosing"):
                yield self._list
                with Vertical(classes="arguments"):
                    yield self._about
                    if len(self._organizations) > 1:
                        with Horizontal(classes="field"):
                            yield Static(lines.content([("for", "busy")]), classes="label")
                            yield self._organization
                    with Horizontal(classes="field"):
                        yield Static(lines.content([("reason", "busy")]), classes="label")
                        yield self._why
            yield self._said

    def on_mount(self) -> None:
        """Begin with the verdict in force."""
        self._list.focus()
        now = self._rows[0].verdict
        self._list.highlighted = self._choices.index(now) if now in self._choices else 0

    def _present(self) -> Iterator[list[Part]]:
        for row in self._rows[:SHOWN]:
            mark = verdict_mark(row)
            name = text.line(row.name or row.source_id, 30)
            yield [(f"{mark!s:<14}", mark.tone), (name, "strong"), (f"   {text.line(row.reasons)}", "dim")]
        if (left := len(self._rows) - SHOWN) > 0:
            yield [(f"and {text.number(left)} more", "dim")]

    @property
    def _choice(self) -> str:
        return self._choices[self._list.highlighted or 0]

    @on(OptionList.OptionHighlighted)
    def _changed(self) -> None:
        self._about.update(lines.content([(MEANS[self._choice], "plain")]))
        self._said.update(lines.joined(map(lines.content, self._outcome())))

    def _outcome(self) -> Iterator[list[Part]]:
        verdict = _verdict(self._choice)
        if verdict is not None:
            before = self._standing.plan
            after = self._standing.after([row.verdict for row in self._rows], verdict)
            then = f"{text.number(after.capable)} of {text.number(after.total)} move transparently then"
            yield [
                (then, "strong"),
                (f" (now {text.number(before.capable)})", "dim"),
                (_turn(before, after), "warn"),
            ]
        if at_workos := sum(row.handoff == "imported" for row in self._rows):
            yield [(f"{text.number(at_workos)} at WorkOS already: what is there stays", "warn")]

    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        """Enter goes on to the reason."""
        self._why.focus()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_apply()

    def action_apply(self) -> None:
        """Decide, if there is a reason."""
        why, organization = self._why.value.strip(), self._organization.value.strip()
        if not why:
            self._refuse("a reason is needed")
            self._why.focus()
        elif organization and organization not in self._organizations:
            self._refuse(f"it is shared by {', '.join(map(text.line, self._organizations))} only")
            self._organization.focus()
        elif self._choice == WITHDRAW:
            self.dismiss(Override(why))
        else:
            self.dismiss(Override(why, _verdict(self._choice), organization or None))

    def _refuse(self, why: str) -> None:
        self._said.update(lines.content([("· ", "warn"), (why, "plain")]))

    def action_cancel(self) -> None:
        """Change nothing."""
        self.dismiss(None)


def _verdict(choice: str) -> Verdict | None:
    return next((verdict for verdict in VERDICTS if verdict == choice), None)


def _turn(before: Plan, after: Plan) -> str:
    """Where the plan would be another."""
    if before.strategy == after.strategy:
        return ""
    return f"   the strategy becomes {after.strategy or 'yours to choose (S)'}"
