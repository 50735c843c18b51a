"""A migration from a real server, steered by the command line as a person would."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from workos import WorkOSClient
from workos.user_management import User

from tests.jobs.world import UNLIMITED, World

LONGEST_S = 300
ALL = '[mapping]\nbanned = "import"\n'
"""Settings by which those who are disabled at the source go along too."""
NOWHERE = "http://127.0.0.1:9"
"""A target for those who send it nothing."""


class Source(NamedTuple):
    """A provider, its part of cockpit.toml, and what it needs in the environment."""

    name: str
    settings: str
    environment: Mapping[str, str]


class Journey(World):
    """A folder whose cockpit.toml names a real server as the source."""

    def __init__(
        self,
        folder: Path,
        source: Source,
        target: str = NOWHERE,
        *,
        settings: str = UNLIMITED + ALL,
        key: str = "sk_sandbox",
    ) -> None:
        super().__init__(folder, target, source.settings + settings, key)
        self.environment |= source.environment
        self._source, self._key, self._target = source.name, key, target

    def cockpit(self, *arguments: str, exit_code: int = 0) -> str:
        """`cockpit ARGUMENTS` to its end; what it printed."""
        options = ["--config", str(self.config), "--state", str(self.state)]
        done = subprocess.run(
            [sys.executable, "-m", "cockpit", *options, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
        )
        assert done.returncode == exit_code, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout

    def users(self, verb: str, *options: str, exit_code: int = 0) -> dict[str, Any]:
        """`cockpit users VERB`: the numbers that the job ended with."""
        lines = self.cockpit("users", verb, *options, "--json", exit_code=exit_code).splitlines()
        result: dict[str, Any] = json.loads(lines[-1])
        return result

    def export(self) -> dict[str, int]:
        """`cockpit users export --source NAME`: its users, and read = users + merged + held."""
        ended = self.users("export", "--source", self._source)
        numbers = {name: int(ended[name]) for name in ("users", "read", "merged", "held")}
        assert numbers["read"] == numbers["users"] + numbers["merged"] + numbers["held"]
        return numbers

    def kill_export(self, at_pages: Iterable[int]) -> None:
        """Start the export and kill it once it has committed so many pages; and again, for each number."""
        for pages in at_pages:
            process = self.start("export", source=self._source, kinds=["user"])
            self._wait_for_pages(pages, process)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            assert self.ask("select complete_at from exports") == [None], "it ended before it was killed"

    def _wait_for_pages(self, wanted: int, process: "subprocess.Popen[str]") -> None:
        deadline = time.monotonic() + LONGEST_S
        connection = self.read()
        while connection.execute("select count(*) from pages").fetchone()[0] < wanted:
            assert time.monotonic() < deadline, "the export does not get on"
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.002)
        connection.close()

    def ignore(self, fingerprint: str, reason: str) -> None:
        """Leave the users behind that failed for this cause."""
        self.cockpit("errors", "ignore", "--group", fingerprint, "--reason", reason)

    def sdk(self) -> WorkOSClient:
        """The vendor's client of the target; close it."""
        return WorkOSClient(
            api_key=self._key, client_id="client_sandbox", base_url=self._target, max_retries=0
        )

    def listed(self) -> list[User]:
        """Every user of the target, by the vendor's client."""
        with self.sdk() as client:
            page = client.user_management.list_users(limit=100, order="asc")
            return list(page.auto_paging_iter())

    def raw(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The source records as they are kept, with their ids, by id."""
        connection = self.read()
        for source_id, body in connection.execute("select source_id, body from raw order by source_id"):
            yield source_id, json.loads(body)
        connection.close()
