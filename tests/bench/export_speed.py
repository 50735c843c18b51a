"""The export job beside a bare loop that pages, parses and inserts: from Firebase's emulator, in turns."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.bench.child import Usage, finish
from tests.bench.figures import Figure
from tests.jobs.world import World
from tests.peers import people, servers
from tests.peers.people import Realm
from tests.sandbox.running import Running

USERS = 200_000
ROUNDS = 3
PROJECT = "demo-bench"


class Firebase(NamedTuple):
    """Somebody who answers as Firebase, and what to call it in the table."""

    host: str
    name: str


def run() -> list[Figure]:
    """Ratios of each round, their median. Seconds are from the first request to the last commit."""
    ratios, ours, peaks = [], [], []
    everybody = Realm(range(USERS))
    with TemporaryDirectory() as folder, _firebase(Path(folder), everybody) as firebase:
        for number in range(ROUNDS):
            part = Path(folder, str(number))
            part.mkdir()
            bare_s = _bare(firebase, part / "bare.db")
            job_s, used = _job(firebase, part, everybody)
            ratios.append(bare_s / job_s)
            ours.append(USERS / job_s)
            peaks.append(used.rss_mb)
    return [
        Figure(f"export: users/s, job / bare loop ({firebase.name})", median(ratios), "", 0.7, at_least=True),
        Figure("export: job", median(ours), "users/s"),
        Figure(f"export: peak memory at {USERS:,} users", max(peaks), "MB", 120),
    ]


@contextmanager
def _firebase(folder: Path, realm: Realm) -> Iterator[Firebase]:
    if servers.missing() is None:
        with servers.firebase_emulator(folder) as emulator:
            people.seed(emulator, PROJECT, realm)
            yield Firebase(emulator.host, "emulator")
    else:
        with Running("--source", "firebase", "--users", str(USERS), "--limits", "off") as sandbox:
            yield Firebase(sandbox.base_url.removeprefix("http://"), "sandbox")


def _bare(firebase: Firebase, file: Path) -> float:
    began = time.monotonic()
    path = f"/identitytoolkit.googleapis.com/v1/projects/{PROJECT}/accounts:batchGet"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bare_export", f"http://{firebase.host}{path}", str(file)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    finish(process, began)
    return float(told["seconds"])


def _job(firebase: Firebase, folder: Path, realm: Realm) -> tuple[float, Usage]:
    world = World(folder, "http://127.0.0.1:9", people.settings(PROJECT, [realm]))
    world.environment |= people.environment(firebase.host, [realm])
    began = time.monotonic()
    used = finish(world.start("export", source="firebase", kinds=["user"]), began)
    connection = world.read()
    started, complete, read = connection.execute(
        "select started_at, complete_at, read from exports"
    ).fetchone()
    connection.close()
    assert read >= USERS * 0.97, f"{read} read"
    return float(complete - started) / 1000, used
