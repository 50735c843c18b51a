"""A pane with several lists, one of which is shown: their names in a line, and the way through them."""

from textual import on

from cockpit.tui.panes.base import Host, Pane
from cockpit.tui.widgets.views import Views


class ViewedPane(Pane):
    """`views` is the line of names; a subclass says in `pick` what a place in it shows."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.views = Views()

    def pick(self, index: int) -> None:
        """Show the list at that place; it may be one beyond either end."""
        raise NotImplementedError

    def do_next_view(self) -> None:
        """Show the next list."""
        self.pick(self.views.index + 1)

    def do_previous_view(self) -> None:
        """Show the list before."""
        self.pick(self.views.index - 1)

    @on(Views.Picked)
    def _picked(self, event: Views.Picked) -> None:
        self.pick(event.index)
