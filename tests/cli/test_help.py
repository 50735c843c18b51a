"""The pages of `cockpit help`: each exists, and names no command or option that does not."""

import re
from importlib import resources
from pathlib import Path

import click
import pytest

from cockpit.cli.app import COMMANDS, cockpit, run
from cockpit.cli.exits import EXPECTED
from cockpit.cli.help import ORDER
from tests.cli.shell import Shell

PAGES = {name: (resources.files("cockpit.docs") / f"{name}.md").read_text() for name in ORDER}
README = (Path(__file__).parents[2] / "README.md").read_text()
TEXTS = {**PAGES, "README": README}


def test_every_page_is_a_topic() -> None:
    files = {Path(str(file)).stem for file in resources.files("cockpit.docs").iterdir()}
    assert {name for name in files if not name.startswith("__")} == set(ORDER)


@pytest.mark.parametrize("topic", ORDER)
def test_a_topic_is_shown(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["help", topic]) == 0
    assert capsys.readouterr().out == PAGES[topic]


def test_help_lists_topics_and_explains_commands(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    listed = shell.run("help").stdout
    assert all(topic in listed for topic in ORDER)
    assert "--watch" in shell.run("help", "status").stdout
    assert "no topic" in shell.refused("help", "nope", code=2)


@pytest.mark.parametrize("name", TEXTS)
def test_pages_name_only_commands_that_exist(name: str) -> None:
    context = click.Context(cockpit)
    for line in re.findall(r"cockpit((?: [a-z-]+)+)", "\n".join(re.findall(r"`[^`]+`", TEXTS[name]))):
        first, *rest = line.split()
        command = cockpit.get_command(context, first)
        assert command is not None, f"{name}: cockpit {line}"
        if rest and isinstance(command, click.Group):
            assert command.get_command(context, rest[0]) is not None, f"{name}: cockpit {line}"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_mentioned_somewhere(command: str) -> None:
    assert any(re.search(rf"\bcockpit {command}\b", text) for text in TEXTS.values())


@pytest.mark.parametrize("name", EXPECTED)
def test_expected_failures_are_named_right(name: str) -> None:
    module, _, kind = name.rpartition(".")
    assert isinstance(getattr(__import__(module, fromlist=[kind]), kind), type)
