"""factors load: the files of Auth0's support and of Clerk's dashboard, from the sandbox that plays both."""

from pathlib import Path

import pytest

from cockpit.state.database import open_readonly
from tests.cli.shell import Shell, against
from tests.sandbox.running import Running

USERS = 400


@pytest.mark.parametrize(("source", "file"), [("auth0", "mfa.ndjson"), ("clerk", "users.csv")])
def test_apps_of_the_vendors_file_are_ready_and_no_secret_is_shown(
    tmp_path: Path, source: str, file: str
) -> None:
    with Running("--source", source, "--users", str(USERS), "--limits", "off") as running:
        shell = against(tmp_path, running.base_url, source, USERS)
        assert shell.run("users", "export", "--source", source).returncode == 0
        assert shell.run("users", "lint").returncode == 0
        lost = len(losing(shell))
        assert lost > 5
        report = shell.json("factors", "load", file)
        assert report == {
            "matched": lost, "replaced": 0, "unmatched_file": 0, "unmatched_users": 0, "refused": {},
        }  # fmt: skip
        assert losing(shell) == []
        apps = shell.json("factors", "list", "--state", "ready")
        assert len(apps) == lost
        shown = shell.json("factors", "show", apps[0]["source_id"])
        assert "totp_secret" not in str(shown) and shown["user"] == apps[0]["user"]
        again = shell.run("factors", "load", file)
        assert again.stdout.startswith(f"{lost} apps joined, 0 of them in place of another")


def losing(shell: Shell) -> list[str]:
    """Users of whom lint says that they lose a second factor."""
    connection = open_readonly(shell.state)
    found = connection.execute("select user from findings where rule = 'second_factor_lost'").fetchall()
    connection.close()
    return [user for (user,) in found]
