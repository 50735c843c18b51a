"""The lines around the panes: header, tabs, alarms, keys."""

import time
from collections.abc import Mapping, Sequence

from textual.content import Content
from textual.events import Click
from textual.message import Message

from cockpit.tui import actions, marks, text
from cockpit.tui.actions import Action, key_name
from cockpit.tui.marks import STYLES
from cockpit.tui.situation import Situation
from cockpit.tui.snapshots import PANES, PaneId, Snapshot
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lines import Part
from cockpit.tui.widgets.still import Still

_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SHORT = 100


class Head(Still):
    """Which migration this is, what is at work and alive, who looks, and when."""

    def update_from(
        self, snapshot: Snapshot, operator: str, host: str, *, frozen: bool, read_only: bool
    ) -> None:
        """Paint the line."""
        width = self.size.width - 2
        self.show_text(
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


class Tabs(Still):
    """The panes by number, with the open errors."""

    class Picked(Message):
        """Another pane is wanted."""

        def __init__(self, pane: PaneId) -> None:
            super().__init__()
            self.pane = pane

    _edges: Sequence[int] = ()

    def show(self, pane: PaneId, open_errors: int) -> None:
        """Paint the names."""
        badge = str(open_errors).translate(_SUPERSCRIPT) if open_errors else ""
        for names, gap in ((_WHOLE, " "), (_WHOLE, ""), (_BRIEF, ""), (_BRIEFEST, "")):
            shown = [
                _tab(name, names[name], badge if name == "errors" else "", name == pane, gap)
                for name in PANES
            ]
            if sum(part.cell_length for part in shown) <= self.size.width:
                break
        edge = 0
        self._edges = [edge := edge + part.cell_length for part in shown]
        self.show_text(Content("").join(shown))

    def on_click(self, event: Click) -> None:
        """Go to the pane under the mouse."""
        at = event.get_content_offset(self)
        for pane, edge in zip(PANES, self._edges, strict=False):
            if at is not None and at.x < edge:
                self.post_message(self.Picked(pane))
                return


_WHOLE: Mapping[PaneId, str] = {pane: pane.capitalize() for pane in PANES}
_BRIEF: Mapping[PaneId, str] = {**_WHOLE, "connections": "Conns", "webhooks": "Hooks"}
_BRIEFEST: Mapping[PaneId, str] = {**_BRIEF, "connections": "SSO", "rollout": "Roll"}


def _tab(pane: PaneId, name: str, badge: str, here: bool, gap: str) -> Content:
    style = "bold $block-cursor-foreground on $block-cursor-background" if here else ""
    label = f" {PANES.index(pane) + 1} {name}{' ' if badge and gap else ''}"
    ending = Content.styled(f"{badge} " if gap or here else badge, style or STYLES["bad"])
    return Content.assemble(Content.styled(label, style), ending, gap)


class Alarms(Still):
    """What must not be overlooked; nothing otherwise."""

    def show(self, alarms: Sequence[str]) -> None:
        """Paint them, or make room."""
        self.display = bool(alarms)
        self.show_text(lines.joined(lines.content([(f"! {text.line(alarm)}", "plain")]) for alarm in alarms))


class KeyBar(Still):
    """The keys of this pane. Those that can't be used now stay, dimmed; a click does, or says why not."""

    class Picked(Message):
        """An action is wanted."""

        def __init__(self, id_: str) -> None:
            super().__init__()
            self.id_ = id_

    _edges: Sequence[tuple[int, str]] = ()

    def show(self, situation: Situation) -> None:
        """Paint as many as fit, the most important ones first to stay."""
        last = [actions.get(id_) for id_ in actions.ALWAYS_LAST]
        shown = [
            one for one in actions.of_pane(situation.pane) if one.at(situation.level) and one not in last
        ]
        width = self.size.width - 2
        space = width - sum(map(_width, [*shown, *last]))
        while shown and space < 0:
            left_out = max(reversed(shown), key=lambda action: action.footer)
            shown.remove(left_out)
            space += _width(left_out)
        parts: list[Part] = []
        edges: list[tuple[int, str]] = []
        at = 0
        for action in [*shown, *last]:
            if action is last[0]:
                parts.append((" " * space, "plain"))
                at += space
            dim = bool(action.why_not(situation))
            name = key_name(action.keys[0])
            parts += [(name, "faint" if dim else "key"), (f" {action.label}  ", "faint" if dim else "plain")]
            at += _width(action)
            edges.append((at, action.id))
        self._edges = edges
        self.show_text(lines.content(parts))

    def on_click(self, event: Click) -> None:
        """Do what is under the mouse."""
        at = event.get_content_offset(self)
        for edge, id_ in self._edges:
            if at is not None and at.x < edge:
                self.post_message(self.Picked(id_))
                return


def _width(action: Action) -> int:
    return len(key_name(action.keys[0])) + len(action.label) + 3
