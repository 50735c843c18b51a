"""A link to the Admin Portal: made by a command of its own, since the cockpit itself reaches no network.

The link comes by a pipe and stays in memory: it is in no file, no log and no argument.
"""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass, field
from datetime import datetime

from cockpit.tui import text
from cockpit.tui.commands import Commands, Refused


@dataclass(frozen=True, slots=True)
class Link:
    """A link, for whom, and when it ends (seconds since the epoch)."""

    organization: str
    url: str = field(repr=False)
    expires_at: float


async def link(commands: Commands, source_id: str) -> Link:
    """A link for the connection of that id. Raises Refused."""
    with commands.refusing():
        process = await asyncio.create_subprocess_exec(
            *command(commands, source_id), stdin=DEVNULL, stdout=PIPE, stderr=PIPE
        )
    try:
        told, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        lines = said.decode(errors="replace").strip().splitlines()
        raise Refused(text.line(lines[-1] if lines else f"exit code {process.returncode}"))
    (made,) = json.loads(told)
    ends = datetime.fromisoformat(made["expires_at"]).timestamp()
    return Link(made["organization"], made["url"], ends)


def command(commands: Commands, source_id: str) -> list[str]:
    """The command line that makes a link."""
    config = ["--config", str(commands.config)] if commands.config is not None else []
    told = ["--state", str(commands.state), "--operator", commands.operator, *config]
    return [sys.executable, "-m", "cockpit", *told, "connections", "links", "--json", "--", source_id]
