"""passwords plan: who keeps the password, who does not, and choosing for a group."""

from pathlib import Path

import pytest

from cockpit.rules.lint import SECOND_FACTOR_LOST
from cockpit.state import lint, users
from cockpit.state.database import open_state, transaction
from tests.cli.shell import Shell, seeded


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = seeded(tmp_path)
    connection = open_state(shell.state)
    with transaction(connection):
        users.not_carried(connection, [1, 2], "md5 \x1b[31m")
    connection.close()
    return shell


def md5(shell: Shell) -> dict[str, object]:
    groups = shell.json("passwords", "plan")["groups"]
    found: dict[str, object] = next(group for group in groups if group["reason"].startswith("md5"))
    return found


def test_nothing_is_decided_until_somebody_does(shell: Shell) -> None:
    assert md5(shell)["choice"] == "ask"
    said = shell.run("passwords", "plan").stdout
    assert "--choose" in said and "\x1b[31m" not in said


def test_a_choice_is_kept_and_audited(shell: Shell) -> None:
    key = str(md5(shell)["key"])
    chosen = ("--group", key, "--choose", "email", "--reason", "agreed", "--operator", "ada")
    assert shell.run("passwords", "plan", *chosen).returncode == 0
    assert md5(shell)["choice"] == "email"
    connection = open_state(shell.state)
    rows = connection.execute("select operator, before, after, why from audit order by id desc limit 1")
    assert rows.fetchone() == ("ada", "ask", "email", "agreed")
    connection.close()


@pytest.mark.parametrize(
    "wrong", [["--group", "nobody", "--choose", "hold"], ["--group", "x"], ["--choose", "hold"]]
)
def test_a_choice_for_no_group_is_refused(shell: Shell, wrong: list[str]) -> None:
    refused = shell.run("passwords", "plan", *wrong)
    assert refused.returncode == 2 and "Traceback" not in refused.stderr
    assert md5(shell)["choice"] == "ask"


def test_second_factors_that_stay_behind_are_counted(shell: Shell) -> None:
    connection = open_state(shell.state)
    with transaction(connection):
        found = [(1, "sms"), (2, "sms"), (2, "passkey")]
        lint.replace(
            connection, [1, 2], [(user, SECOND_FACTOR_LOST, "warning", name, "") for user, name in found]
        )
    connection.close()
    assert shell.json("passwords", "plan")["second_factors_lost"] == {"sms": 2, "passkey": 1}
    assert "2 sms, 1 passkey" in shell.run("passwords", "plan").stdout


def test_choosing_writes_and_looking_does_not(shell: Shell) -> None:
    key = str(md5(shell)["key"])
    assert shell.run("--read-only", "passwords", "plan").returncode == 0
    assert shell.run("--read-only", "passwords", "plan", "--group", key, "--choose", "hold").returncode == 2
    assert md5(shell)["choice"] == "ask"
