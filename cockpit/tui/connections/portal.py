"""A link to the Admin Portal: made by a command of its own, since the cockpit itself reaches no network.

The link comes by a pipe and stays in memory: it is in no file, no log and no argument.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime

from cockpit.tui import outside
from cockpit.tui.commands import Commands


@dataclass(frozen=True, slots=True)
class Link:
    """A link, for whom, and when it ends (seconds since the epoch)."""

    organization: str
    url: str = field(repr=False)
    expires_at: float


async def link(commands: Commands, source_id: str) -> Link:
    """A link for the connection of that id. Raises Refused."""
    with commands.refusing():
        told = await outside.run(commands, *_words(source_id))
    (made,) = json.loads(told)
    ends = datetime.fromisoformat(made["expires_at"]).timestamp()
    return Link(made["organization"], made["url"], ends)


def command(commands: Commands, source_id: str) -> list[str]:
    """The command line that makes a link."""
    return outside.line(commands, *_words(source_id))


def _words(source_id: str) -> tuple[str, ...]:
    return "connections", "links", "--json", "--", source_id
