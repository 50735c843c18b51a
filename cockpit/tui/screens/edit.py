"""The form of one record: its fields as they would be sent, held against the target's rules as one types."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from cockpit.rules import check, fields
from cockpit.rules.fields import NotEditable
from cockpit.rules.lint import Finding
from cockpit.rules.mask import printable
from cockpit.state import fix
from cockpit.state.fix import Edit
from cockpit.state.overlays import Subject
from cockpit.tui import text
from cockpit.tui.marks import Tone
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lines import Part

NEW = "metadata + key"
"""The line for a key of metadata that is not there yet."""
_TOLD = 4
"""Lines of what the rules say."""


def shown(value: Any) -> str:
    """A value as it stands in its line; `fields.read` reads it back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(item, str) and "," not in item for item in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def of_subject(subject: Subject) -> dict[str, str]:
    """The lines of the form: what is there, control characters escaped, then what could be."""
    there = {name: printable(shown(value)) for name, value in fields.flat(subject.fields).items()}
    could = [name for name in fields.EDITABLE[subject.kind] if name not in ("metadata", "password_hash")]
    new = [NEW] if "metadata" in fields.EDITABLE[subject.kind] else []
    return {**there, **{name: "" for name in (*could, *new) if name not in there}}


def read(subject: Subject, before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, Any]:
    """What the lines set; an emptied one leaves its field out. Raises NotEditable."""
    typed = {name: line for name, line in now.items() if line != before[name]}
    if (line := typed.pop(NEW, "")) != "":
        key, _, value = line.partition("=")
        name = f"metadata.{key.strip()}"
        if name in before:
            raise NotEditable(f"{name} has a line of its own")
        if not value:
            raise NotEditable("a new key of metadata is written KEY=VALUE")
        typed[name] = value
    return {name: fields.read(subject.kind, name, line) if line else None for name, line in typed.items()}


class EditForm(ModalScreen[Edit | None]):
    """Returns what is to be saved, None when nothing is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", show=False),
        Binding("ctrl+s", "save", "save", show=False),
        Binding("ctrl+r", "revert", "as at the source", show=False),
        Binding("down", "app.focus_next", "next field", show=False),
        Binding("up", "app.focus_previous", "field before", show=False),
    ]

    def __init__(self, subject: Subject, who: str, hot: frozenset[str], on_it: str) -> None:
        super().__init__()
        self._subject, self._who, self._on_it = subject, who, on_it
        self._before = of_subject(subject)
        self._hot = [name for name in self._before if name in hot or name.partition(".")[2] in hot - {""}]
        self._known = {finding.rule for finding in check.errors(subject.kind, subject.fields)}
        self._reverted: set[str] = set()
        self._inputs = {
            name: Input(
                value,
                compact=True,
                name=name,
                placeholder="KEY=VALUE" if name == NEW else "(left out)",
                select_on_focus=False,
            )
            for name, value in self._before.items()
        }
        self._said = Static(classes="said")

    def compose(self) -> ComposeResult:
        """A line for each field, what the rules say, the keys."""
        with Vertical(classes="form") as form:
            form.border_title = f"Fix {text.line(self._who, 60)}".replace("[", "\\[")
            form.border_subtitle = "⏎ save · ↑↓ field · ^r as at the source · Esc cancel"
            with Vertical(classes="fields"):
                for name, line in self._inputs.items():
                    with Horizontal(classes="field"):
                        yield Static(self._label(name), classes="label")
                        yield line
            yield self._said

    def on_mount(self) -> None:
        """Begin at the field that the failure names."""
        first = next(iter(self._hot), next(iter(self._inputs)))
        self._inputs[first].focus()
        self._check()

    def _label(self, name: str) -> Any:
        tone: Tone = "bad" if name in self._hot else "warn" if name in self._subject.values else "busy"
        edited = " ✎" if name in self._subject.values else ""
        return lines.content(
            [("▶ " if name in self._hot else "  ", "bad"), (f"{text.line(name, 22)}{edited}", tone)]
        )

    @property
    def _now(self) -> dict[str, str]:
        return {name: line.value for name, line in self._inputs.items() if name not in self._reverted}

    def _judge(self) -> tuple[dict[str, Any], str, list[Finding]]:
        """(what is set, why it can't be saved, what the rules say)."""
        try:
            values = read(self._subject, self._before, self._now)
            found = fix.checked(self._subject, values)
        except NotEditable as error:
            return {}, str(error), []
        worse = [finding for finding in found.blocking if finding.rule not in self._known]
        if worse:
            return values, f"{worse[0].field}: {worse[0].detail}", found.findings
        changed = fields.differences(self._subject.fields, found.after)
        if not changed and not self._reverted:
            return {}, "nothing is changed yet; an emptied line leaves its field out", found.findings
        return values, "", found.findings

    @on(Input.Changed)
    def _check(self) -> None:
        values, refused, findings = self._judge()
        told: list[list[Part]] = []
        if self._on_it:
            told.append([(f"! {self._on_it}", "warn")])
        if refused:
            told.append([("✘ ", "bad") if values else ("· ", "dim"), (text.line(refused), "plain")])
        else:
            names = ", ".join([*values, *(f"{name} as at the source" for name in sorted(self._reverted))])
            told.append([("✔ ", "ok"), (f"saves {text.line(names, 120)}", "plain")])
        for finding in findings[:_TOLD]:
            tone: Tone = "bad" if finding.severity == "error" else "warn"
            said = f"{finding.field}: {text.line(finding.detail, 120)} ({finding.rule})"
            told.append([("  still " if finding.rule in self._known else "  then  ", "dim"), (said, tone)])
        if not any(finding.severity == "error" for finding in findings):
            told.append([("✔ no rule that is known before sending is broken", "ok")])
        self._said.update(lines.joined(map(lines.content, told)))

    @on(Input.Submitted)
    def action_save(self) -> None:
        """Save, unless the rules speak against it; they are on the screen."""
        values, refused, _ = self._judge()
        if not refused:
            self.dismiss(Edit(values, sorted(self._reverted)))

    def action_revert(self) -> None:
        """Send what the source says for the field with the focus."""
        line = self.focused
        if isinstance(line, Input) and line.name in self._subject.values:
            self._reverted.add(line.name)
            with self.prevent(Input.Changed):
                line.value = ""
            line.placeholder = "(as at the source)"
            self._check()

    def action_cancel(self) -> None:
        """Change nothing."""
        self.dismiss(None)
