"""A line of names of lists, one of which is shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from cockpit.tui.marks import STYLES, Tone


@dataclass(frozen=True, slots=True)
class View:
    """A list that can be shown, and the figure beside its name."""

    name: str
    figure: str = ""
    tone: Tone = "dim"


class Views(Static):
    """The names; a click or `v` changes which is shown."""

    @dataclass
    class Picked(Message):
        """Another list is to be shown."""

        index: int

    def __init__(self) -> None:
        super().__init__(classes="views")
        self._views: tuple[View, ...] = ()
        self._index = 0
        self._edges: list[int] = []

    def show(self, views: Sequence[View], index: int) -> None:
        """Paint the names, one of them as the present one."""
        if (tuple(views), index) == (self._views, self._index):
            return
        self._views, self._index = tuple(views), index
        parts: list[Content] = []
        self._edges = []
        for number, view in enumerate(views):
            if number == index:
                label = f" {view.name} {view.figure} " if view.figure else f" {view.name} "
                parts.append(
                    Content.styled(label, "$block-cursor-foreground on $block-cursor-background bold")
                )
            else:
                figure = Content.styled(view.figure and f"{view.figure} ", STYLES[view.tone])
                parts.append(Content.assemble(f" {view.name} ", figure))
            self._edges.append(sum(part.cell_length for part in parts))
        self.update(Content("").join(parts))

    def on_click(self, event: events.Click) -> None:
        """Pick the name under the mouse."""
        for number, edge in enumerate(self._edges):
            if event.x < edge:
                self.post_message(self.Picked(number))
                return
