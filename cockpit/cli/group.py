"""Click's pieces as cockpit uses them: commands loaded when named, global options in any place."""

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from cockpit.cli.context import Cli

F = TypeVar("F", bound=Callable[..., Any])


def _remember(ctx: click.Context, param: click.Parameter, value: object) -> None:
    if value is None or value is False:
        return
    if param.name == "no_color":
        ctx.color = ctx.find_root().color = False
    elif param.name is not None:
        setattr(ctx.find_root().ensure_object(Cli), param.name, value)


def global_options(*, hidden: bool) -> list[click.Parameter]:
    """The options of every command; the root's help shows them, they may also follow the verb."""
    shared: dict[str, Any] = {"callback": _remember, "expose_value": False, "hidden": hidden}
    path: type[Path] = Path
    return [
        click.Option(
            ["--config"],
            type=click.Path(dir_okay=False, path_type=path),
            help="Settings file (./cockpit.toml).",
            **shared,
        ),
        click.Option(
            ["--state"],
            type=click.Path(dir_okay=False, path_type=path),
            help="State database (./cockpit.db).",
            **shared,
        ),
        click.Option(
            ["--operator", "operator_name"],
            metavar="NAME",
            help="Name for the audit trail (the login name).",
            **shared,
        ),
        click.Option(["--read-only"], is_flag=True, help="Refuse every command that writes.", **shared),
        click.Option(["--no-color"], is_flag=True, help="No colours (NO_COLOR does the same).", **shared),
        click.Option(["-v", "--verbose"], is_flag=True, help="Show where an error came from.", **shared),
    ]


class Command(click.Command):
    """A command that takes the global options too, where their names are free.

    One that `writes` is refused by --read-only.
    """

    def __init__(self, *args: Any, writes: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.writes = writes
        taken = {name for param in self.params for name in param.opts}
        self.params += [param for param in global_options(hidden=True) if taken.isdisjoint(param.opts)]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, unless it writes and must not."""
        if self.writes:
            ctx.find_root().ensure_object(Cli).refuse_if_read_only()
        return super().invoke(ctx)


class Group(click.Group):
    """A noun: its verbs are Commands."""

    command_class = Command
    shows_global_options = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += global_options(hidden=not self.shows_global_options)


class LazyGroup(Group):
    """The root: a command's module is imported when the command is named.

    `table` maps a command to its module under cockpit.cli (where it goes by that name) and the line that
    help shows, so that help imports nothing either.
    """

    shows_global_options = True

    def __init__(self, *args: Any, table: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in self.table:
            return None
        module = importlib.import_module(f"cockpit.cli.{self.table[cmd_name][0]}")
        found = getattr(module, f"{cmd_name}_command")
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands with their lines."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.table.items()])


def json_option(function: F) -> F:
    """--json, for commands that print a table."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(function)
