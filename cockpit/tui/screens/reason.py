"""Asks why records are left out."""

from cockpit.tui.screens.ask import Ask


class Reason(Ask):
    """Asks for a reason; nothing happens without one."""

    def __init__(self, who: str) -> None:
        super().__init__(
            "Ignore",
            [[(who, "strong")], [("will not be moved and no longer counts as failed. Why?", "plain")]],
            "the reason; it stands in the report and the audit trail",
            "ignores",
        )
