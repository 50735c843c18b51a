"""The command as a person runs it: a subprocess in a folder, judged by its streams and its exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from cockpit.demo.folder import Choice, Demo
from cockpit.demo.sandbox import Sandbox
from cockpit.sandbox import standins
from cockpit.state import jobs, journal
from cockpit.state.claims import USERS
from cockpit.state.database import open_state, transaction
from cockpit.state.errors import Failure
from cockpit.state.jobs import ACTIVE
from cockpit.state.journal import USER, Outcome
from tests.jobs.world import UNLIMITED, person, seed

BATCH = 100
SECRET_NOTE = "s3cr3t-recovery"
REFUSED = Failure(
    klass="fixable",
    fingerprint="422:email",
    title="the target refuses the e-mail",
    message="\x1b[31mnot deliverable",
    request=json.dumps({"email": "user1@example.com", "password_hash": "***"}),
    status=422,
    code="email_invalid",
    body=json.dumps({"code": "email_invalid", "token": SECRET_NOTE}),
    attempts=1,
)
TAKEN = Failure(
    klass="conflict",
    fingerprint="409:email_taken",
    title="the e-mail is taken",
    message="already exists",
    status=409,
    attempts=1,
)


ALL = '[mapping]\nbanned = "import"\n'
"""Settings by which nobody of a sandbox's source stays behind."""


class Shell:
    """A folder to run cockpit in, with an environment that reaches nothing outside."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.state = folder / "cockpit.db"
        self.environment = {
            **os.environ,
            "WORKOS_BASE_URL": "http://127.0.0.1:9",
            "WORKOS_API_KEY": "sk_test_of_cli",
            **environment,
        }

    def command(self, *args: str) -> list[str]:
        """The command line."""
        return [sys.executable, "-m", "cockpit", *args]

    def run(self, *args: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end, without a terminal."""
        return subprocess.run(
            self.command(*args),
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=180,
        )

    def json(self, *args: str) -> Any:
        """What a command prints as one document."""
        done = self.run(*args, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def json_of(self, *args: str, code: int) -> Any:
        """What a command prints as one document that ends with this code."""
        done = self.run(*args, "--json")
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)

    def working(self) -> list[int]:
        """The processes of the jobs that are at work."""
        connection = open_state(self.state)
        found = [job.pid for job in jobs.listed(connection) if job.state in ACTIVE and job.pid]
        connection.close()
        return found

    def refused(self, *args: str, code: int, **environment: str) -> str:
        """What a command that must end with this code says on standard error; never a traceback."""
        done = self.run(*args, **environment)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        said = [line for line in done.stderr.strip().splitlines() if " RUNNING " not in line]
        assert len(said) <= 2, done.stderr
        return done.stderr


def seeded(folder: Path, **environment: str) -> Shell:
    """250 exported users: 1-3 refused for two causes, 4-100 imported, the rest ready."""
    shell = Shell(folder, **environment)
    seed(shell.state, [person(number) for number in range(1, 251)], BATCH)
    connection = open_state(shell.state)
    with transaction(connection):
        claimed = journal.claim(connection, USERS, 0, 100, 1, 10)
        outcomes = [
            Outcome(
                user.operation, user.subject, "failed", 1, failure=TAKEN if user.subject == 3 else REFUSED
            )
            if user.subject <= 3
            else Outcome(user.operation, user.subject, "imported", 1, target_id=f"user_{user.subject}")
            for user in claimed
        ]
        journal.settle(connection, USER, outcomes, 1, BATCH, 20)
    connection.close()
    return shell


def against(folder: Path, sandbox: str, source: str, users: int) -> Shell:
    """A shell whose cockpit reads that source of a running sandbox and moves all of it to its WorkOS."""
    demo = Demo(folder, Choice(source, users, 1, "none"), Sandbox(sandbox))
    for name, path in standins.find(source).files.items():
        demo.sandbox.download(path, folder / name)
    (folder / "cockpit.toml").write_text(UNLIMITED + ALL)
    return Shell(folder, **demo.environment())
