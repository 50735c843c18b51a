"""A migration in a folder: a seeded state, settings for a sandbox, and jobs as real processes."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from cockpit.clock import Clock, SystemClock, millis
from cockpit.jobs import run as runner
from cockpit.records import Password, User
from cockpit.state import exports, jobs, journal, meta, users, webhook_steps
from cockpit.state.database import open_readonly, open_state, transaction
from cockpit.state.jobs import Job, JobKind
from cockpit.terms import Page, RawItem
from cockpit.webhooks.sequence import Step

HASH = "$2a$04$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"
WAIT_S = 30.0
QUIET: tuple[Step, ...] = ("baseline", "legacy_off", "workos_off", "quiet")
"""What an import to a target that is not on loopback needs of webhooks."""
UNLIMITED = "[target]\nwrites_per_10s = 0\nreads_per_10s = 0\nrequests_per_60s = 0\n"


def person(number: int, **changes: Any) -> User:
    """A user that the target takes."""
    fields: dict[str, Any] = {
        "source_id": f"auth0|{number:06}",
        "email": f"user{number}@example.com",
        "email_verified": True,
        "first_name": "Ana",
        "last_name": f"Diaz {number}",
        "metadata": {"provider": "auth0"},
        "password": Password.carried("bcrypt", HASH),
    }
    return User(**{**fields, **changes})


def seed(state: Path, people: Sequence[User], batch_size: int = 100) -> None:
    """An export of these users, complete, mapped and ready."""
    connection = open_state(state, create=True)
    with transaction(connection):
        meta.bind_source(connection, "auth0:acme.example")
        export = exports.begin(connection, 1)
    for start in range(0, len(people), 1000):
        part = people[start : start + 1000]
        following = str(start + 1000) if start + 1000 < len(people) else None
        items = [RawItem(user.source_id, json.dumps({"user_id": user.source_id})) for user in part]
        with transaction(connection):
            exports.commit_page(connection, export.id, Page("", str(start), following, items), batch_size, 2)
    with transaction(connection):
        exports.complete(connection, export.id, "complete", 0, 3)
        raws = users.unmapped(connection, 0, len(people))
        by_id = {user.source_id: user for user in people}
        users.save(connection, [(raw, by_id[raw.source_id]) for raw in raws])
    connection.close()


class World:
    """A folder with a state and a cockpit.toml that points at a target."""

    def __init__(
        self, folder: Path, base_url: str, settings: str = UNLIMITED, key: str = "sk_sandbox"
    ) -> None:
        self.state = folder / "cockpit.db"
        self.config = folder / "cockpit.toml"
        self.config.write_text(settings, encoding="utf-8")
        self.environment = {**os.environ, "WORKOS_BASE_URL": base_url, "WORKOS_API_KEY": key}

    def create(self, kind: JobKind, **args: Any) -> int:
        """A job row."""
        connection = open_state(self.state, create=True)
        with transaction(connection):
            job = jobs.create(connection, kind, args, "tester", 1)
        connection.close()
        return job

    def start(self, kind: JobKind, **args: Any) -> "subprocess.Popen[str]":
        """The job as a process, not yet waited for."""
        command = [sys.executable, "-m", "cockpit.jobs.run", str(self.create(kind, **args))]
        return subprocess.Popen(
            [*command, "--state", str(self.state), "--config", str(self.config)],
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
        )

    def command(self, *args: str) -> "subprocess.Popen[str]":
        """A command of the command line as a process, not yet waited for."""
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "cockpit",
                "--state",
                str(self.state),
                "--config",
                str(self.config),
                *args,
            ],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, kind: JobKind, **args: Any) -> Job:
        """The job run to its end, in a process of its own."""
        return self.end(self.start(kind, **args), kind)

    def end(self, process: "subprocess.Popen[str]", kind: JobKind) -> Job:
        """Wait for the end of a job that was started; its row, with a result."""
        _, errors = process.communicate(timeout=120)
        job = self.job(kind)
        assert job.result is not None, errors
        assert job.result["exit"] == process.returncode
        return job

    def run_here(self, kind: JobKind, clock: Clock | None = None, **args: Any) -> Job:
        """The same in this process, which is quicker where no process is needed; by the machine's clock."""
        return asyncio.run(self.perform(kind, clock, **args))

    async def perform(self, kind: JobKind, clock: Clock | None = None, **args: Any) -> Job:
        """The same in the loop that runs already, such as that of a server in the test."""
        job = self.create(kind, **args)
        with mock.patch.dict(os.environ, self.environment, clear=True):
            code = await runner.perform(job, self.state, self.config, clock or SystemClock())
        ended = self.job(kind)
        assert ended.result is not None
        assert ended.result["exit"] == code
        return ended

    def job(self, kind: JobKind) -> Job:
        """The newest job of a kind."""
        connection = self.read()
        job = jobs.latest(connection, kind)
        connection.close()
        assert job is not None
        return job

    def wait_for(self, what: str, kind: JobKind, condition: Callable[[Job], bool]) -> Job:
        """Until the newest job of the kind is so, for at most WAIT_S."""
        deadline = time.monotonic() + WAIT_S
        while not condition(job := self.job(kind)):
            assert time.monotonic() < deadline, f"not in {WAIT_S:.0f} s: {what}; {job}"
            time.sleep(0.02)
        return job

    def ask(self, query: str, *values: object) -> list[Any]:
        """Rows of a query; of one column, just its values."""
        connection = self.read()
        rows = connection.execute(query, values).fetchall()
        connection.close()
        return [row[0] if len(row) == 1 else row for row in rows]

    def prove(self, *steps: Step) -> None:
        """These steps of the sequence of webhooks, as proven now and for an hour."""
        connection = open_state(self.state)
        now = millis(SystemClock().now())
        for step in steps:
            with transaction(connection):
                webhook_steps.record(connection, step, "proven", "tester", now, "seen", life_ms=3_600_000)
        connection.close()

    def read(self) -> sqlite3.Connection:
        """A reading connection."""
        return open_readonly(self.state)

    def counts(self) -> dict[str, int]:
        """Users by state, from the counters; they are checked against the rows."""
        connection = self.read()
        connection.execute("begin")
        told, counted = journal.counts(connection, "user"), journal.counted(connection, "user")
        connection.close()
        assert told == counted
        return {str(state): n for state, n in told.items() if n}
