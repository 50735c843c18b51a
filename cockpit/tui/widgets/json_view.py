"""One side of a record to read: the lines of its JSON."""

from cockpit.rules.mask import mask
from cockpit.tui.records import Side
from cockpit.tui.widgets.json_lines import lines
from cockpit.tui.widgets.text_view import TextView


class JsonView(TextView):
    """One side of a record, masked unless a person asked to see more."""

    _title = ""

    def show(self, side: Side, hot: frozenset[str], *, revealed: bool, unfolded: bool) -> None:
        """Paint one side."""
        if side.title != self._title:
            self.border_title = self._title = side.title
        if side.value is None:
            self.show_lines([((f"({side.missing})", "dim"),)])
        else:
            value = side.value if revealed else mask(side.value)
            self.show_lines(list(lines(value, hot, unfolded=unfolded)))
