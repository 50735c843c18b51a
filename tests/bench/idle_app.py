"""python -m tests.bench.idle_app: the least that answers a key; what Textual itself takes on this machine."""

from textual.app import App, ComposeResult
from textual.widgets import OptionList


class IdleApp(App[None]):
    """A list whose cursor moves, and nothing else."""

    def compose(self) -> ComposeResult:
        """The list."""
        yield OptionList(*(f"user{number}@example.com" for number in range(100)))


if __name__ == "__main__":
    IdleApp().run()
