"""The whole examination, in the order in which it is shown."""

import os
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Literal

from cockpit.clock import Clock
from cockpit.doctor import logind, source, state, target, terminal
from cockpit.findings import Finding, fail
from cockpit.settings import Settings
from cockpit.sources import base
from cockpit.sources.base import Checkup
from cockpit.state.preflight import Preflight

About = Literal["state", "source", "target", "machine"]


async def examine(
    settings: Settings, path: Path, named: str | None, user: str, clock: Clock
) -> AsyncGenerator[tuple[About, Finding], None]:
    """Every finding as it is made, and what it is about. Nothing is written, here or anywhere.

    `named`: the source, else the settings' or the state's. Raises SettingsError when there is none such.
    """
    about_state, known = state.examine(path)
    bound = known.binding.source if known else None
    name = named or settings.provider or (bound.partition(":")[0] if bound else None)
    checkup = Checkup()
    if name is None:
        step = f"name it with --source ({', '.join(base.names())}), or write it: cockpit init --source NAME"
        findings = [fail("settings", "no source is named", "there is nothing to read from", step)]
    else:
        findings, checkup = await source.examine(name, settings, clock, bound)
    for finding in findings:
        yield "source", finding
    amounts = _amounts(checkup, known)
    for finding in await target.examine(settings.target, clock, known, amounts):
        yield "target", finding
    for finding in [*about_state, state.disk(path, amounts["user"])]:
        yield "state", finding
    for finding in [*logind.examine(user), *_terminal()]:
        yield "machine", finding


def _amounts(checkup: Checkup, known: Preflight | None) -> Counter[str]:
    """Users and organizations, by the source or by the state, whoever knows of more."""
    told = {"user": checkup.users or 0, "organization": checkup.organizations or 0}
    there = {kind: known.kinds.get(kind, 0) for kind in told} if known else {}
    return Counter(told) | Counter(there)


def _terminal() -> list[Finding]:
    """Of the first stream that is a terminal, since the output may go into a pipe."""
    streams = [stream for stream in (sys.stdout, sys.stderr, sys.stdin) if stream is not None]
    fd = next((stream.fileno() for stream in streams if stream.isatty()), -1)
    return terminal.examine(fd, sys.stdout.encoding, os.environ)
