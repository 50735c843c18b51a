"""The folder of a demo: what it was started with, its settings file, its state, its sandbox."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

from cockpit.demo import sandbox
from cockpit.demo.sandbox import Sandbox
from cockpit.jobs import lock
from cockpit.sandbox import standins
from cockpit.sandbox.config import SandboxConfig
from cockpit.state.jobs import JobKind

SETTINGS = """\
# Written by `cockpit demo`. Credentials are in the environment of the demo, never here.

{source}

[target]
base_url = "{url}"
# WorkOS publishes 500 writes / 10 s: 5,000 users would take 100 s and more. To be watched they go at three
# times that, about a minute with faults; without a person as fast as they can. The sandbox of a demo
# enforces no limits; its 429s are injected faults.
writes_per_10s = {writes}
reads_per_10s = {reads}
requests_per_60s = {requests}

[passwords]
# Auth0's support file lacks whoever signed up after it was made. Here they choose a new password at their
# next login; the default, "ask", would make import wait for a decision.
without_hash = "silent"

[mapping]
metadata = ["plan", "note"]
"""


WATCHED, UNWATCHED = 1500, 0
"""Writes in 10 s with a person who watches, and without; 0 is no limit."""


class FolderRefused(Exception):
    """The folder can't hold this demo; one line says why and what to do."""


@dataclass(frozen=True)
class Choice:
    """What a demo is started with; the same choice finds the same demo again."""

    source: str
    users: int
    seed: int
    faults: str
    connections: int = SandboxConfig.connections

    @property
    def options(self) -> str:
        """The same on the command line."""
        size = f"--users {self.users} --connections {self.connections}"
        return f"--source {self.source} {size} --seed {self.seed} --faults {self.faults}"


@dataclass(frozen=True)
class Demo:
    """A demo in its folder, with its sandbox running."""

    folder: Path
    choice: Choice
    sandbox: Sandbox

    @property
    def state(self) -> Path:
        """The state file."""
        return self.folder / "cockpit.db"

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.folder / "cockpit.toml"

    @property
    def password_file(self) -> Path | None:
        """Where the vendor's file of hashes is put, for a source whose records have none."""
        name = standins.find(self.choice.source).hashes
        return self.folder / name if name else None

    def fetch_passwords(self, file: Path) -> None:
        """Ask the vendor's support for the file of hashes."""
        self.sandbox.download(standins.find(self.choice.source).files[file.name], file)

    def fetch_files(self) -> None:
        """Everything else that a client of this source needs in its folder, as it is now."""
        stand_in = standins.find(self.choice.source)
        for name, path in stand_in.files.items():
            if name != stand_in.hashes:
                self.sandbox.download(path, self.folder / name)

    def environment(self) -> Mapping[str, str]:
        """Credentials and addresses for the jobs.

        Every variable that could name a real tenant is set, so that neither the shell nor an .env file can.
        """
        config = SandboxConfig()
        target = {
            "WORKOS_BASE_URL": self.sandbox.url,
            "WORKOS_API_KEY": config.api_key,
            "WORKOS_CLIENT_ID": config.client_id,
        }
        return {**target, **standins.find(self.choice.source).environment(self.sandbox.url, self.folder)}


def enter(folder: Path, choice: Choice, writes_per_10s: int) -> Demo:
    """Go on with the demo of a folder while its sandbox lives, else begin one there.

    Raises FolderRefused, SandboxFailed.
    """
    mark, ready = folder / "demo.json", folder / "sandbox.json"
    if folder.exists() and not mark.exists() and any(folder.iterdir()):
        raise FolderRefused(f"{folder} holds something else; name an empty folder with --dir")
    running = sandbox.found(ready)
    if running is not None:
        before = Choice(**json.loads(mark.read_text()))
        if before != choice:
            raise FolderRefused(
                f"{folder} holds a demo with {before.options} that still runs; go on with the same options, "
                f"or name another folder with --dir"
            )
        demo = Demo(folder, choice, running)
        _write_settings(demo, writes_per_10s)
        return demo
    _clear(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark.write_text(json.dumps(asdict(choice)) + "\n")
    started = sandbox.start(ready, **asdict(choice))
    demo = Demo(folder, choice, started)
    demo.fetch_files()
    _write_settings(demo, writes_per_10s)
    return demo


def _write_settings(demo: Demo, writes: int) -> None:
    url = demo.sandbox.url
    pace = {"writes": writes, "reads": 2 * writes, "requests": 12 * writes}
    source = _source_table(demo.choice.source, url)
    demo.config.write_text(SETTINGS.format(url=url, source=source, **pace))


def settle_environment(demo: Demo) -> None:
    """Make the demo's credentials those of this process and of the jobs it starts."""
    os.environ.update(demo.environment())


def _source_table(source: str, url: str) -> str:
    table = {"provider": standins.provider(source), **standins.find(source).table(url)}
    return "\n".join(["[source]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())])


def _clear(folder: Path) -> None:
    """Remove the state of a demo whose sandbox is gone: the WorkOS it wrote to went with it."""
    state = folder / "cockpit.db"
    if any(lock.is_held(state, kind) for kind in get_args(JobKind)):
        raise FolderRefused(f"a job still ends on {state}; try again in a moment")
    for pattern in ("cockpit.db*", "rollout.db*", "errors.jsonl", "passwords.*"):
        for file in folder.glob(pattern):
            file.unlink()
