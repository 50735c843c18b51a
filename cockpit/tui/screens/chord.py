"""The second half of a chord: one key does it, any other lets it be. It asks nothing."""

from collections.abc import Mapping

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from cockpit.tui.actions import key_name
from cockpit.tui.widgets import lines
from cockpit.tui.widgets.lines import Part


class Chord(ModalScreen[str]):
    """Returns the key that was pressed if it is one of `keys` (what each does, in words), else ""."""

    def __init__(self, title: str, keys: Mapping[str, str]) -> None:
        super().__init__()
        self._title, self._keys = title, keys

    def compose(self) -> ComposeResult:
        """The keys."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = self._title
            told: list[list[Part]] = [
                [(f"{key_name(key)}  ", "key"), (does, "plain")] for key, does in self._keys.items()
            ]
            told.append([("any other key lets it be", "dim")])
            yield Static(lines.joined(map(lines.content, told)))

    def on_key(self, event: events.Key) -> None:
        """Do it, or not."""
        event.stop()
        self.dismiss(event.key if event.key in self._keys else "")
