"""A link to the Admin Portal while it lives: copied, counted down, shown only when asked for."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from cockpit.clock import Clock
from cockpit.tui import text
from cockpit.tui.connections.portal import Link
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lines import Part


class LinkShown(ModalScreen[None]):
    """`copy` puts text on the clipboard and says whether it was sent; it is called at once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "close", show=False),
        Binding("y", "copy", "copy again", show=False),
        Binding("u", "show", "show", show=False),
    ]

    def __init__(self, link: Link, clock: Clock, copy: Callable[[str], bool]) -> None:
        super().__init__()
        self._link: Link | None = link
        self._organization, self._ends = link.organization, link.expires_at
        self._clock, self._copy = clock, copy
        self._copied = False
        self._shown = False
        self._text = Static()

    def compose(self) -> ComposeResult:
        """For whom, how long, the keys."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Link to the Admin Portal"
            yield self._text

    def on_mount(self) -> None:
        """Copy, and count down."""
        self.action_copy()
        self.set_interval(1.0, self.paint)

    @property
    def left(self) -> int:
        """Whole seconds that the link is still good for."""
        return max(0, int(self._ends - self._clock.now()))

    def paint(self) -> None:
        """How much time is left; a link that has ended is forgotten."""
        if not self.left:
            self._link = None
        self._text.update(lines.joined(map(lines.content, self._lines())))

    def _lines(self) -> list[list[Part]]:
        who: list[Part] = [("for ", "dim"), (text.line(self._organization, 60), "strong")]
        if self._link is None:
            return [
                who,
                [("It has ended. ", "warn"), ("Esc, then t makes another.", "plain")],
            ]
        minutes, seconds = divmod(self.left, 60)
        where = "on the clipboard (OSC 52)" if self._copied else "not on the clipboard: u shows it"
        said: list[list[Part]] = [
            who,
            [("good for ", "plain"), (f"{minutes}:{seconds:02}", "strong"), (f"   {where}", "plain")],
            [("Hand it over in person or by chat; it is not to be e-mailed. It is kept nowhere.", "dim")],
        ]
        if self._shown:
            said += [[], [(text.line(self._link.url, 2_000), "busy")]]
        keys = {"y": "copies again", "u": "hides it" if self._shown else "shows it", "Esc": "closes"}
        said += [[], [part for key, does in keys.items() for part in _key(key, does)]]
        return said

    def action_copy(self) -> None:
        """Put it on the clipboard."""
        if self._link is not None:
            self._copied = self._copy(self._link.url)
        self.paint()

    def action_show(self) -> None:
        """Show it, or hide it again."""
        self._shown = not self._shown
        self.paint()


def _key(key: str, does: str) -> tuple[Part, Part]:
    return (key, "key"), (f" {does}   ", "dim")
