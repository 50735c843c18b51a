"""cockpit init: a settings file that says of every setting what may be written there."""

import re
from pathlib import Path

import pytest

from cockpit.cli.init import template
from cockpit.settings import ImportSettings, MappingSettings, PasswordSettings, load
from cockpit.sources import base
from cockpit.terms import TRAITS
from tests.sources.providers import SERVICES


@pytest.mark.parametrize("provider", base.names())
def test_the_file_holds_the_defaults_whether_its_lines_are_comments_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    monkeypatch.chdir(tmp_path)
    written = template(base.find(provider))
    _, mine = written.split("[import]")
    for text in (written, "[import]" + re.sub(r'^# (?=\w+ = (?!""))', "", mine, flags=re.MULTILINE)):
        Path("cockpit.toml").write_text(text, encoding="utf-8")
        settings = load()
        assert settings.imports == ImportSettings()
        assert settings.passwords == PasswordSettings()
        assert settings.mapping == MappingSettings()


def test_what_may_be_chosen_stands_beside_it() -> None:
    lines = template(base.find("auth0")).splitlines()
    for trait in TRAITS:
        (line,) = [line for line in lines if line.startswith(f"# {trait} = ")]
        assert re.search(r'= "(import|hold)"   # import \| hold: \w+', line)


@pytest.mark.parametrize("provider", SERVICES)
def test_every_setting_of_the_provider_is_there(provider: str) -> None:
    lines = template(base.find(provider)).partition("[target]")[0].splitlines()
    own = [line for line in lines if re.match(r"# \w+(?: = |: a secret)", line)]
    assert any("_" in line.partition(" or ")[2] or ", from " in line for line in own), lines
    assert len(own) >= 4
