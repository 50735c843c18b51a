"""Text that keeps still: a screen that is told the same every moment must not be laid out every moment."""

from textual.content import Content
from textual.widgets import Static


class Still(Static):
    """A Static that is drawn when its text changed, and laid out anew only when its extent did."""

    _shown: Content | None = None
    _extent: tuple[int, int] | None = None

    def show_text(self, content: Content) -> None:
        """Show this from now on."""
        if (
            self._shown is not None
            and content.plain == self._shown.plain
            and content.spans == self._shown.spans
        ):
            return
        self._shown = content
        width = self.content_size.width
        # Where the width follows the text, the text's own width counts; else only how many lines it takes.
        own = content.cell_length if self.styles.is_auto_width else 0
        extent = (own, content.get_height(self.styles.get_rules(), width) if width else -1)
        self.update(content, layout=extent != self._extent or not width)
        self._extent = extent
