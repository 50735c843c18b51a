"""cockpit help: the pages of cockpit/docs, or a command's own help."""

from importlib import resources

import click

from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.group import Command
from cockpit.cli.output import say

ORDER = (
    "start", "doctor", "sources", "passwords", "import", "tenancy", "connections", "package", "errors",
    "rules", "diff", "events", "proxy", "rollout", "webhooks", "state", "settings", "limits", "exit-codes",
)  # fmt: skip


@click.command("help", cls=Command)
@click.argument("topic", required=False)
@click.pass_context
def help_command(ctx: click.Context, topic: str | None) -> None:
    """Explain TOPIC; without one, list the topics."""
    if topic is None:
        say("topics:")
        for name in ORDER:
            say(f"  {name.ljust(12)}{_page(name).splitlines()[0].removeprefix('# ')}")
        say("\nread one with: cockpit help TOPIC; a command's options with: cockpit COMMAND --help")
        return
    if topic in ORDER:
        click.echo(_page(topic), nl=False)
        return
    root = ctx.find_root()
    assert isinstance(root.command, click.Group)
    command = root.command.get_command(root, topic)
    if command is None:
        raise Failed(f"no topic {topic!r}; there are: {', '.join(ORDER)}", ExitCode.USAGE)
    with click.Context(command, info_name=topic, parent=root) as inner:
        click.echo(command.get_help(inner))


def _page(name: str) -> str:
    return (resources.files("cockpit.docs") / f"{name}.md").read_text(encoding="utf-8")
