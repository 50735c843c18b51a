"""A line of names of lists, one of which is shown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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

    @property
    def label(self) -> str:
        """As it stands in the line."""
        return f" {self.name} {self.figure} " if self.figure else f" {self.name} "


class Views(Static):
    """The names; a click or `v` changes which is shown."""

    @dataclass
    class Picked(Message):
        """Another list is to be shown."""

        index: int

    def __init__(self) -> None:
        super().__init__(classes="views")
        self.index = 0
        self._views: tuple[View, ...] = ()
        self._shown: tuple[View, ...] = ()

    def show(self, views: Sequence[View], index: int) -> None:
        """Paint the names, one of them as the present one."""
        if (tuple(views), index) != (self._views, self.index):
            self._views, self.index = tuple(views), index
            self._paint()

    def on_resize(self, event: events.Resize) -> None:
        """Show as many figures as there is room for now."""
        self._paint()

    def _paint(self) -> None:
        self._shown = fitting(self._views, self.index, self.size.width)
        parts: list[Content] = []
        for number, view in enumerate(self._shown):
            if number == self.index:
                style = "$block-cursor-foreground on $block-cursor-background bold"
                parts.append(Content.styled(view.label, style))
            else:
                figure = Content.styled(view.figure and f"{view.figure} ", STYLES[view.tone])
                parts.append(Content.assemble(f" {view.name} ", figure))
        self.update(Content("").join(parts))

    def on_click(self, event: events.Click) -> None:
        """Pick the name under the mouse."""
        edge = 0
        for number, view in enumerate(self._shown):
            edge += len(view.label)
            if event.x < edge:
                self.post_message(self.Picked(number))
                return


def fitting(views: Sequence[View], index: int, width: int) -> tuple[View, ...]:
    """The same names in that width: figures that tell least go first, that of the present one at last."""
    kept = list(views)
    told: dict[Tone, int] = {"dim": 0, "warn": 1}
    least_first = sorted(range(len(kept)), key=lambda n: (n == index, told.get(kept[n].tone, 2)))
    for number in least_first:
        if sum(len(view.label) for view in kept) <= width:
            break
        kept[number] = replace(kept[number], figure="")
    return tuple(kept)
