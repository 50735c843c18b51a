"""Commands of cockpit run beside the cockpit, for what needs the network, which it never reaches itself."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Container

from cockpit.tui import text
from cockpit.tui.commands import Commands, Refused

DONE = frozenset((0,))


async def run(commands: Commands, *words: str, fine: Container[int] = DONE, outlives: bool = False) -> str:
    """What a command wrote, with these exit codes. Raises Refused with its last word on any other.

    It inherits the environment, so credentials come from the shell that opened the cockpit. One that
    `outlives` the cockpit goes on to its end where nobody waits for it any more; others end then.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *line(commands, *words), stdin=DEVNULL, stdout=PIPE, stderr=PIPE
        )
    except OSError as error:
        raise Refused(str(error)) from error
    try:
        told, said = await process.communicate()
    except asyncio.CancelledError:
        if process.returncode is None and not outlives:
            process.kill()
            await process.wait()
        raise
    if process.returncode not in fine:
        lines = said.decode(errors="replace").strip().splitlines()
        raise Refused(text.line(lines[-1] if lines else f"exit code {process.returncode}", 600))
    return told.decode()


def line(commands: Commands, *words: str) -> list[str]:
    """The command line of these words, on this state and by this operator."""
    config = ["--config", str(commands.config)] if commands.config is not None else []
    gate = ["--read-only"] if commands.read_only else []
    told = ["--state", str(commands.state), "--operator", commands.operator, *config, *gate]
    return [sys.executable, "-m", "cockpit", *told, *words]
