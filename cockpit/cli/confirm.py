"""Asking before what can't be undone."""

import sys

import click

from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.group import F


def yes_option(function: F) -> F:
    """--yes, for commands that ask."""
    return click.option("--yes", is_flag=True, help="Don't ask.")(function)


def confirmed(question: str, yes: bool) -> None:
    """Return when a person at the terminal agrees, with --yes, or where nobody can be asked.

    Raises Failed otherwise.
    """
    if yes or not sys.stdin.isatty():
        return
    if not click.confirm(question, default=False, err=True):
        raise Failed("nothing was changed", ExitCode.FAILED)
