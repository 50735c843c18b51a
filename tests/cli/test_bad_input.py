"""Every mistake ends in a clear line on standard error and the right exit code, with nothing lost."""

import sqlite3
from pathlib import Path

import pytest

from cockpit.cli.app import run
from cockpit.jobs import lock
from cockpit.state import meta
from cockpit.state.database import SCHEMA_VERSION, open_state
from tests.cli.shell import Shell, seeded


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def states(shell: Shell) -> dict[str, int]:
    users: dict[str, int] = shell.json("status")["users"]
    return users


def test_an_unknown_command(shell: Shell) -> None:
    assert "nope" in shell.refused("nope", code=2)


def test_an_unknown_verb_and_an_unknown_option(shell: Shell) -> None:
    assert "nope" in shell.refused("users", "nope", code=2)
    assert "--nope" in shell.refused("users", "list", "--nope", code=2)


def test_no_terminal_to_open_the_cockpit_on(shell: Shell) -> None:
    assert "terminal" in shell.refused(code=2)


def test_a_settings_file_that_is_not_toml(shell: Shell) -> None:
    (shell.folder / "cockpit.toml").write_text("[source\nprovider = ")
    said = shell.refused("users", "export", "--source", "auth0", code=2)
    assert "cockpit.toml" in said and "not TOML" in said
    assert not shell.state.exists()


def test_a_settings_file_with_an_unknown_table(shell: Shell) -> None:
    (shell.folder / "cockpit.toml").write_text("[sorce]\n")
    assert "[sorce]" in shell.refused("users", "export", "--source", "auth0", code=2)


def test_a_settings_file_that_is_named_and_missing(shell: Shell) -> None:
    assert "other.toml" in shell.refused("users", "export", "--config", "other.toml", code=2)


@pytest.mark.parametrize("table", ["target", "source"])
def test_a_secret_written_in_the_settings_file(shell: Shell, table: str) -> None:
    name = "api_key" if table == "target" else "client_secret"
    (shell.folder / "cockpit.toml").write_text(
        f'[source]\nprovider = "auth0"\ndomain = "acme.example"\n[{table}]\n{name} = "sk_live_written_out"\n'
        if table == "target"
        else f'[source]\nprovider = "auth0"\ndomain = "acme.example"\n{name} = "sk_live_written_out"\n'
    )
    said = shell.refused("users", "export", code=2)
    assert name in said and "sk_live_written_out" not in said


def test_an_export_without_a_source(shell: Shell) -> None:
    assert "which source" in shell.refused("users", "export", code=2)


def test_an_export_of_a_source_that_there_is_not(shell: Shell) -> None:
    said = shell.refused("users", "export", "--source", "nope", code=2)
    assert "auth0" in said and "firebase" in said
    assert not shell.state.exists()


def test_an_export_without_credentials(shell: Shell) -> None:
    said = shell.refused("users", "export", "--source", "auth0", code=2, AUTH0_DOMAIN="acme.example")
    assert "AUTH0_CLIENT_ID" in said


def test_another_source_than_the_settings_name(shell: Shell) -> None:
    (shell.folder / "cockpit.toml").write_text('[source]\nprovider = "firebase"\n')
    assert "firebase" in shell.refused("users", "export", "--source", "auth0", code=2)


def test_another_source_than_the_states(tmp_path: Path) -> None:
    shell = seeded(tmp_path)
    said = shell.refused("users", "export", "--source", "auth0", code=2, AUTH0_DOMAIN="other.example")
    assert "auth0:acme.example" in said and "auth0:other.example" in said
    for verb in ("import", "diff"):
        assert "firebase" in shell.refused("users", verb, "--source", "firebase", code=2)


@pytest.mark.parametrize(
    "command",
    ["status", "jobs", "users list", "users lint", "users import", "users diff", "errors list", "state check",
     "audit", "errors retry", "target", "target new", "purge", "pause import", "state backup copy.db"],
)  # fmt: skip
def test_no_state(
    shell: Shell, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shell.folder)
    monkeypatch.setenv("WORKOS_API_KEY", "sk_test_of_cli")
    assert run(command.split()) == 1
    said = capsys.readouterr()
    assert said.err.startswith("cockpit: no state at cockpit.db") and said.out == ""
    assert not shell.state.exists()


def test_a_truncated_state_file(tmp_path: Path) -> None:
    shell = seeded(tmp_path)
    for beside in tmp_path.glob("cockpit.db-*"):
        beside.unlink()
    shell.state.write_bytes(shell.state.read_bytes()[:6000])
    assert "damaged" in shell.refused("status", code=1)
    assert "state backup" in shell.refused("users", "import", code=1)


def test_a_state_file_full_of_noise(shell: Shell) -> None:
    shell.state.write_bytes(b"no database at all, " * 500)
    assert "damaged" in shell.refused("status", code=1)
    assert shell.state.read_bytes().startswith(b"no database at all")


def test_a_state_of_a_newer_version(tmp_path: Path) -> None:
    shell = seeded(tmp_path)
    connection = sqlite3.connect(shell.state)
    connection.execute(f"pragma user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    for command in ("status", "users import", "errors retry"):
        assert "newer cockpit" in shell.refused(*command.split(), code=1)


def test_another_programs_database(shell: Shell) -> None:
    connection = sqlite3.connect(shell.state)
    connection.execute("create table theirs(id integer)")
    connection.execute("pragma application_id = 77")
    connection.close()
    assert "another program" in shell.refused("status", code=1)
    assert "another program" in shell.refused("purge", code=1)


def test_another_targets_key(tmp_path: Path) -> None:
    shell = seeded(tmp_path)
    connection = open_state(shell.state)
    meta.bind_target(connection, "http://127.0.0.1:9", "sk_of_another_environment")
    connection.close()
    before = states(shell)
    said = shell.refused("users", "import", code=2)
    assert "target new" in said and "sk_of_another_environment" not in said
    assert states(shell) == before


def test_no_key_for_the_target(tmp_path: Path) -> None:
    shell = seeded(tmp_path)
    del shell.environment["WORKOS_API_KEY"]
    assert "WORKOS_API_KEY" in shell.refused("users", "import", code=2)


def test_a_second_job_of_the_same_kind(tmp_path: Path) -> None:
    shell = seeded(tmp_path)
    with lock.held(shell.state, "import"):
        assert "at work" in shell.refused("users", "import", code=1)
        assert "at work" in shell.refused("start", "import", code=1)
    assert shell.json("jobs") == []


@pytest.mark.parametrize(
    "command",
    ["users export --source auth0", "users lint", "users import", "users diff", "start import",
     "pause import", "resume import", "stop import", "throttle import 5", "errors retry",
     "errors ignore 1 --reason x", "target new", "purge", "init --source auth0", "demo"],
)  # fmt: skip
def test_read_only_refuses_what_writes(
    tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = seeded(tmp_path)
    before = shell.state.read_bytes()
    monkeypatch.chdir(tmp_path)
    assert run(["--read-only", *command.split()]) == 2
    assert "--read-only" in capsys.readouterr().err
    assert shell.state.read_bytes() == before
    assert not (tmp_path / "demo").exists() and not (tmp_path / "cockpit.toml").exists()


def test_read_only_may_stand_behind_the_verb(tmp_path: Path) -> None:
    shell = seeded(tmp_path)
    assert "--read-only" in shell.refused("users", "import", "--read-only", code=2)
    assert shell.json("jobs") == []


def test_read_only_allows_what_looks(tmp_path: Path) -> None:
    shell = seeded(tmp_path)
    for command in ("status", "jobs", "users list", "errors list", "users import --dry-run", "state check"):
        done = shell.run("--read-only", *command.split())
        assert done.returncode == 0, done.stderr


def test_steering_a_job_that_there_is_not(tmp_path: Path) -> None:
    shell = seeded(tmp_path)
    assert "no job" in shell.refused("pause", "import", code=1)
    assert "no job" in shell.refused("stop", "17", code=1)
    assert "export, lint, import, diff" in shell.refused("stop", "coffee", code=2)
    assert "RATE" in shell.refused("throttle", "import", "0", code=2)


def test_an_error_file_that_is_none(tmp_path: Path) -> None:
    shell = seeded(tmp_path)
    assert "absent.jsonl" in shell.refused("users", "import", "--only", "absent.jsonl", code=2)


def test_what_nobody_expected_is_one_line_and_where_to_look(shell: Shell) -> None:
    shell.state.mkdir()
    done = shell.run("status")
    assert done.returncode == 1 and "Traceback" not in done.stderr


def test_users_that_refuse_are_still_accounted_for(tmp_path: Path) -> None:
    users = states(seeded(tmp_path))
    assert users.pop("exported") == sum(users.values()) == 250


def test_an_error_stays_off_standard_output(shell: Shell) -> None:
    done = shell.run("status", "--json")
    assert done.returncode == 1 and done.stdout == ""
