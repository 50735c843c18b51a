"""One connection of the rollout opened: boxes of evidence beside each other, or below each other."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content

from cockpit.rollout.checklist import Item
from cockpit.tui.rollout import evidence
from cockpit.tui.rollout.evidence import Evidence
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.still import Still

BOXES = {
    "checklist": "Checklist",
    "health": "Health",
    "history": "Flips",
    "proxies": "Proxies",
    "observed": "Observed in live traffic",
    "trail": "Audit trail",
}
LEFT = ("checklist", "health", "proxies")


class EvidenceView(Vertical):
    """Shows what is known of one connection; the checklist comes later, since WorkOS is asked for it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll(1)", "down", show=False),
        Binding("k", "scroll(-1)", "up", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="evidence")
        self._heading = Still(classes="record-head")
        self._boxes = {name: Still(classes="box") for name in BOXES}

    def compose(self) -> ComposeResult:
        """The heading, then the boxes."""
        for name, title in BOXES.items():
            self._boxes[name].border_title = title
        yield self._heading
        with VerticalScroll(), Horizontal(classes="columns"):
            with Vertical():
                yield from (box for name, box in self._boxes.items() if name in LEFT)
            with Vertical():
                yield from (box for name, box in self._boxes.items() if name not in LEFT)

    def focus_first(self) -> None:
        """Keys scroll it."""
        self.query_one(VerticalScroll).focus()

    def top(self) -> None:
        """Another connection begins at its top."""
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def show(self, found: Evidence, place: str) -> None:
        """Show what is known now; `place` says which of how many it is."""
        self._heading.show_text(lines.joined(evidence.heading(found, place)))
        self._fill("health", evidence.health(found))
        self._fill("history", evidence.history(found))
        self._fill("proxies", evidence.reporting(found))
        self._fill("observed", evidence.observed(found))
        self._fill("trail", evidence.trail(found))

    def show_ticks(self, items: Sequence[Item] | None, said: str = "") -> None:
        """Show the checklist, or why it is not here."""
        self._fill("checklist", evidence.ticks(items, said))

    def _fill(self, name: str, content: Iterable[Content]) -> None:
        self._boxes[name].show_text(lines.joined(content))

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)
