"""A source that is read as a whole: one chain, without a count or a second look."""

from collections.abc import Sequence

from cockpit.transport import Note, quiet


class Plain:
    """What such sources share. `note` hears what it waits for."""

    def __init__(self) -> None:
        self.note: Note = quiet

    def hear(self, text: str | None) -> None:
        """Pass on what is waited for, to whoever listens then."""
        self.note(text)

    async def chains(self) -> Sequence[str]:
        """One."""
        return [""]

    async def count(self) -> int | None:
        """None: nobody counts them."""
        return None

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """None: connections are few, and made by hand."""
        return []
