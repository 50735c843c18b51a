"""cockpit sandbox serve: what it is told becomes the sandbox's configuration."""

import pytest
from click.testing import CliRunner

from cockpit.cli.sandbox import sandbox_command
from cockpit.sandbox import server
from cockpit.sandbox.config import SandboxConfig


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[SandboxConfig]:
    """What the server was to run with."""
    found: list[SandboxConfig] = []

    def run(config: SandboxConfig) -> int:
        found.append(config)
        return 0

    monkeypatch.setattr(server, "run", run)
    return found


@pytest.mark.parametrize(("options", "organizations"), [([], None), (["--organizations", "50"], 50)])
def test_how_many_organizations_there_are_is_passed_on(
    started: list[SandboxConfig], options: list[str], organizations: int | None
) -> None:
    serve = ["serve", "--source", "clerk", "--users", "70", *options]
    done = CliRunner().invoke(sandbox_command, serve, standalone_mode=False)
    assert done.exception is None
    assert started == [SandboxConfig(source="clerk", users=70, organizations=organizations)]


def test_fewer_than_none_are_refused(started: list[SandboxConfig]) -> None:
    done = CliRunner().invoke(sandbox_command, ["serve", "--organizations", "-1"])
    assert done.exit_code == 2 and "-1 is not in the range" in done.output
    assert started == []


def test_where_idps_are_is_an_address(started: list[SandboxConfig]) -> None:
    done = CliRunner().invoke(sandbox_command, ["serve", "--idp-address", "127.0.0.1:8443"])
    assert done.exit_code == 0
    assert started == [SandboxConfig(idp_address=("127.0.0.1", 8443))]
    refused = CliRunner().invoke(sandbox_command, ["serve", "--idp-address", "login.example:8443"])
    assert refused.exit_code == 2 and "'login.example' does not appear to be" in refused.output
