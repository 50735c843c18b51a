"""A migration from the emulator, steered by the command line as a person would."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workos import WorkOSClient
from workos.user_management import User

from tests.jobs.world import UNLIMITED, World
from tests.peers import people
from tests.peers.people import Realm
from tests.peers.servers import Server

LONGEST_S = 300
ALL = '[mapping]\nbanned = "import"\n'
"""Settings by which those who are disabled at the source go along too."""


class Journey(World):
    """A folder whose cockpit.toml names a project of the emulator as the source, with its realms."""

    def __init__(
        self,
        folder: Path,
        emulator: Server,
        project: str,
        realms: Sequence[Realm],
        target: str,
        *,
        settings: str = UNLIMITED + ALL,
        key: str = "sk_sandbox",
    ) -> None:
        super().__init__(folder, target, people.settings(project, realms) + settings, key)
        self.environment |= people.environment(emulator.host, realms)
        self._key, self._target = key, target

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

    def users(self, verb: str, exit_code: int = 0) -> dict[str, Any]:
        """`cockpit users VERB`: the numbers that the job ended with."""
        lines = self.cockpit("users", verb, "--json", exit_code=exit_code).splitlines()
        result: dict[str, Any] = json.loads(lines[-1])
        return result

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

    def raw(self) -> dict[str, dict[str, Any]]:
        """The source records as they are kept, by id."""
        connection = self.read()
        rows = connection.execute("select source_id, body from raw").fetchall()
        connection.close()
        return {source_id: json.loads(body) for source_id, body in rows}
