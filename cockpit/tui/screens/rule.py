"""Choosing a fix for a whole cause: what it would do is shown, counted and on examples, before it is done."""

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from cockpit.rules.advice import Advice
from cockpit.rules.fields import NotEditable
from cockpit.rules.fixes import ABOUT, ACTIONS, OWN_FIELD, Action, Rule, made
from cockpit.rules.mask import mask
from cockpit.state.database import StateError
from cockpit.state.preview import Preview
from cockpit.tui import text
from cockpit.tui.snapshots import Cause
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lines import Part

EXAMPLES = 5
Previewer = Callable[[Rule], Awaitable[Preview]]

_NEEDS = {
    "cut": "a length; empty: the target's limit",
    "email_from": "a path in the source's record, such as emails.0.address",
    "replace": "the new value",
    "skip": "the reason, for the report",
}
"""What the value of an action is; the others take none."""


class RuleForm(ModalScreen[Rule | None]):
    """Returns the rule that was previewed and is to be applied."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", show=False),
        Binding("ctrl+s", "apply", "apply", show=False),
    ]

    def __init__(self, cause: Cause, advice: Advice, field: str, preview: Previewer) -> None:
        super().__init__()
        self._cause, self._advice, self._preview = cause, advice, preview
        likely = [action for action in ACTIONS if action in advice.actions]
        likely.sort(key=advice.actions.index)
        self._actions = [*likely, *(action for action in ACTIONS if action not in likely)]
        self._list = OptionList(
            *(Option(("★ " if one in likely else "  ") + one, id=one) for one in self._actions)
        )
        self._about = Static(classes="about")
        self._inputs = {
            "field": Input(
                text.line(field), compact=True, name="field", placeholder="such as email or metadata.plan"
            ),
            "value": Input(compact=True, name="value"),
            "match": Input(compact=True, name="match", placeholder="only this; empty: whatever is there"),
        }
        self._rows = {name: Horizontal(classes="field") for name in self._inputs}
        self._said = Static(classes="said")
        self._shown: Rule | None = None
        self._found: Preview | None = None
        self._stale = self._counting = False

    def compose(self) -> ComposeResult:
        """The actions, what they need, and what they would do."""
        group = self._cause.group
        with Vertical(classes="form") as form:
            title = f"Fix all {text.number(group.open)} of: {text.line(group.title, 60)}"
            form.border_title = title.replace("[", "\\[")
            form.border_subtitle = "^s apply · Tab next · Esc cancel"
            with Horizontal(classes="choosing"):
                yield self._list
                with Vertical(classes="arguments"):
                    yield Static(lines.content([(f"★ {text.line(self._advice.todo, 160)}", "dim")]))
                    yield self._about
                    for name, line in self._inputs.items():
                        with self._rows[name]:
                            yield Static(lines.content([(name, "busy")]), classes="label")
                            yield line
            yield self._said

    def on_mount(self) -> None:
        """Begin with the likeliest action."""
        self._list.focus()
        self._list.highlighted = 0

    @property
    def _action(self) -> Action:
        return self._actions[self._list.highlighted or 0]

    def _rule(self) -> Rule:
        """As it stands in the form. Raises NotEditable."""
        action = self._action
        typed = {name: line.value for name, line in self._inputs.items() if self._rows[name].display}
        return made(self._cause.group.fingerprint, action, **typed)

    @on(OptionList.OptionHighlighted)
    @on(Input.Changed)
    def _changed(self) -> None:
        action = self._action
        self._about.update(lines.content([(f"{action}: ", "strong"), (ABOUT[action], "plain")]))
        self._rows["field"].display = action not in OWN_FIELD
        self._rows["value"].display = action in _NEEDS
        self._rows["match"].display = action == "replace"
        self._inputs["value"].placeholder = _NEEDS.get(action, "")
        self._found = None
        self._stale = True
        if not self._counting:
            self._counting = True
            self.run_worker(self._count(), group="preview", exit_on_error=False)

    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        """Enter goes on to what the action needs."""
        self.focus_next()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.focus_next()

    async def _count(self) -> None:
        """One preview after another, until it is of what stands in the form."""
        while self._stale:
            self._stale = False
            try:
                rule = self._rule()
                self._say([[("counting…", "dim")]])
                found = await self._preview(rule)
            except (NotEditable, StateError) as error:
                self._say([[("· ", "warn"), (text.line(error), "plain")]])
            else:
                if not self._stale:
                    self._shown, self._found = rule, found
                    self._say(list(told(found)))
        self._counting = False

    def _say(self, said: list[list[Part]]) -> None:
        self._said.update(lines.joined(map(lines.content, said)))

    def action_apply(self) -> None:
        """Apply what was previewed, if it does anything."""
        if self._found is not None and self._found.changed:
            self.dismiss(self._shown)

    def action_cancel(self) -> None:
        """Change nothing."""
        self.dismiss(None)


def told(found: Preview) -> Iterator[list[Part]]:
    """What a rule would come to, and examples of it."""
    tone: Any = "ok" if found.changed else "warn"
    counts: list[Part] = [
        (f"changes {text.number(found.changed)} of {text.number(found.total)}", tone),
        (f"   {text.number(found.well)} then break no rule", "plain") if found.well else ("", "plain"),
        *((f"   {text.number(n)} still break {rule}", "warn") for rule, n in found.left.items()),
    ]
    if found.closed:
        counts.append((f"   {text.number(found.closed)} can't be mapped again", "warn"))
    yield counts
    if not found.changed:
        yield [("this fix changes nothing here: try another action or field", "dim")]
    for example in found.examples[:EXAMPLES]:
        number: Part = (f"  #{example.error}  ", "dim")
        if not example.changed:
            yield [number, ("left out", "plain")]
        for name, (before, after) in list(example.changed.items())[:1]:
            yield [
                number,
                (f"{text.line(name, 30)}: ", "busy"),
                (_short(name, before), "bad"),
                (" → ", "dim"),
                (_short(name, after), "ok"),
                (f"  and {len(example.changed) - 1} more" if len(example.changed) > 1 else "", "dim"),
            ]
    yield [("nothing is sent by this; z takes it back until it is", "dim")]


def _short(name: str, value: Any) -> str:
    if value is None:
        return "(left out)"
    masked = mask({name.rpartition(".")[2]: value})
    return text.line(json.dumps(next(iter(masked.values())), ensure_ascii=False), 36)
