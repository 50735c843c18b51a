"""Seeing to it that WorkOS is asked before logins move, and that somebody watches them after."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cockpit.cli.context import Cli
from cockpit.cli.follow import CLOCK

if TYPE_CHECKING:
    from cockpit.settings import Settings


def ask_first(cli: Cli, settings: "Settings", idents: Sequence[str]) -> str | None:
    """Ask WorkOS how they stand; why that was not possible, None when it was. Old answers count then."""
    from cockpit.jobs.rollout import ask
    from cockpit.settings import SettingsError

    try:
        ask.keep(cli.state, settings, idents, CLOCK)
    except (ask.Silent, SettingsError) as error:
        return str(error)
    return None


def watch_it(cli: Cli, settings: "Settings") -> str | None:
    """See to it that somebody watches; why nobody does, None when somebody does."""
    from cockpit.jobs import launch, lock
    from cockpit.state import jobs

    with cli.reading() as connection:
        job = jobs.latest(connection, "rollout")
        if job is not None and lock.liveness(cli.state, job, CLOCK) != "dead":
            return None  # one watches, or is about to: it takes a moment until it holds its lock
    if settings.target.api_key is None:
        return "no API key for the target here; see to it that one watches: cockpit rollout watch --detach"
    try:
        launch.start(cli.state, "rollout", {}, operator=cli.operator, clock=CLOCK, config=cli.config)
    except launch.JobRefused:
        return None  # one watches already
    return None
