"""The lines around the panes: header, tabs, alarms, keys."""

import time
from collections.abc import Sequence

from rich.markup import escape
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widgets import Static

from cockpit.tui import actions, marks, text
from cockpit.tui.actions import Action, Situation, key_name
from cockpit.tui.marks import STYLES
from cockpit.tui.snapshots import PANES, PaneId, Snapshot
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lines import Part

_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SHORT = 100


class Head(Static):
    """Which migration this is, what is at work and alive, who looks, and when."""

    def update_from(
        self, snapshot: Snapshot, operator: str, host: str, *, frozen: bool, read_only: bool
    ) -> None:
        """Paint the line."""
        width = self.size.width - 2
        self.update(
            lines.apart(
                _which(snapshot, width), _who(snapshot, operator, host, frozen, read_only, width), width
            )
        )


def _which(snapshot: Snapshot, width: int) -> list[Part]:
    parts: list[Part] = [("cockpit", "strong")]
    bound = snapshot.summary.binding if snapshot.summary is not None else None
    if bound is not None and bound.source is not None:
        provider, colon, tenant = bound.source.partition(":")
        tenant = tenant if width >= _SHORT else tenant.partition(".")[0]
        parts.append((f" · {text.line(provider + colon + tenant, 60)}", "plain"))
    if bound is not None and bound.target is not None:
        host = bound.target.partition("#")[0].removeprefix("https://").removeprefix("http://")
        parts.append((f" ─▶ {text.line(host, 60)}", "plain"))
    return parts


def _who(
    snapshot: Snapshot, operator: str, host: str, frozen: bool, read_only: bool, width: int
) -> list[Part]:
    parts: list[Part] = []
    for kind, view in snapshot.jobs.items():
        if view.active or view.lost:
            mark = marks.of(marks.JOB_STATES, view.mark)
            parts.append((f"{mark.glyph} {kind} {mark.word}", mark.tone))
            if view.active:
                parts.append((f" hb {text.age(view.age)}", "bad" if view.stale else "dim"))
            parts.append(("  ", "dim"))
    if read_only:
        parts.append(("READ-ONLY  ", "warn"))
    if frozen:
        parts.append(("FROZEN since  ", "warn"))
    elif width >= _SHORT:
        parts.append((f"{text.line(operator, 30)}@{text.line(host, 30)}  ", "dim"))
    parts.append((time.strftime("%H:%M:%S", time.localtime(snapshot.at)), "strong"))
    return parts


class Tabs(Static):
    """The panes by number, with the open errors."""

    class Picked(Message):
        """Another pane is wanted."""

        def __init__(self, pane: PaneId) -> None:
            super().__init__()
            self.pane = pane

    _edges: Sequence[int] = ()

    def show(self, pane: PaneId, open_errors: int) -> None:
        """Paint the names."""
        shown: list[Content] = []
        for number, name in enumerate(PANES, 1):
            badge = str(open_errors).translate(_SUPERSCRIPT) if name == "errors" and open_errors else ""
            label = f" {number} {name.capitalize()}{' ' if badge else ''}"
            style = "bold $block-cursor-foreground on $block-cursor-background" if name == pane else ""
            ending = Content.styled(f"{badge} ", style or STYLES["bad"])
            shown.append(Content.assemble(Content.styled(label, style), ending, " "))
        edge = 0
        self._edges = [edge := edge + part.cell_length for part in shown]
        self.update(Content("").join(shown))

    def on_click(self, event: Click) -> None:
        """Go to the pane under the mouse."""
        at = event.get_content_offset(self)
        for pane, edge in zip(PANES, self._edges, strict=False):
            if at is not None and at.x < edge:
                self.post_message(self.Picked(pane))
                return


class Alarms(Static):
    """What must not be overlooked; nothing otherwise."""

    def show(self, alarms: Sequence[str]) -> None:
        """Paint them, or make room."""
        self.display = bool(alarms)
        self.update(lines.joined(lines.content([(f"! {text.line(alarm)}", "plain")]) for alarm in alarms))


class KeyBar(Static):
    """The keys of this pane. Those that can't be used now stay, dimmed; a click says why."""

    def show(self, situation: Situation) -> None:
        """Paint as many as fit, the most important ones first to stay."""
        offered = [action for action in actions.of_pane(situation.pane) if action.footer]
        last = [actions.get(id_) for id_ in actions.ALWAYS_LAST]
        shown = [action for action in offered if action not in last]
        width = self.size.width - 2
        while shown and _width([*shown, *last]) > width:
            shown.remove(max(shown, key=lambda action: action.footer))
        left = " ".join(_key(action, situation) for action in shown)
        right = " ".join(_key(action, situation) for action in last)
        space = " " * max(1, width - _width(shown) - _width(last) + 2)
        self.update(left + space + right)


def _width(shown: Sequence[Action]) -> int:
    return sum(len(key_name(action.keys[0])) + len(action.label) + 3 for action in shown)


def _key(action: Action, situation: Situation) -> str:
    name = escape(key_name(action.keys[0])).replace("[", "\\[")
    dim = bool(action.why_not(situation))
    key = f"[$foreground 40%]{name}[/]" if dim else f"[bold $footer-key-foreground]{name}[/]"
    label = f"[$foreground 40%]{action.label}[/]" if dim else action.label
    return f"[@click=app.do('{action.id}')]{key} {label}[/] "
