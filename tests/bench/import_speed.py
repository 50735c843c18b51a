"""The import job beside a bare loop: same users, bodies, client, concurrency and sandbox, in turns."""

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from cockpit.jobs.deliver.users import request_body
from cockpit.state import journal
from cockpit.state.claims import USERS
from cockpit.state.database import open_state
from tests.bench import seeded
from tests.bench.child import Usage, finish
from tests.bench.figures import Figure
from tests.jobs.world import World
from tests.sandbox.running import Running

MANY = 20_000
ROUNDS = 3


def run() -> list[Figure]:
    """Ratios of each round, their medians. Processor time counts a process from its start to its end."""
    speeds, costs, ours, theirs = [], [], [], []
    with TemporaryDirectory() as folder, Running("--source", "none", "--limits", "off") as sandbox:
        bodies = Path(folder, "bodies.jsonl")
        for number in range(ROUNDS):
            bare_s, bare = bare_loop(sandbox.base_url, _bodies(bodies), MANY)
            _reset(sandbox)
            job_s, job = _job(sandbox.base_url, Path(folder, str(number)))
            _reset(sandbox)
            speeds.append(bare_s / job_s)
            costs.append(job.cpu_s / bare.cpu_s)
            ours.append((MANY / job_s, job.cpu_s / MANY * 1000))
            theirs.append((MANY / bare_s, bare.cpu_s / MANY * 1000))
    return [
        Figure("import: users/s, job / bare loop", median(speeds), "", 0.8, at_least=True),
        Figure("import: CPU a user, job / bare loop", median(costs), "", 1.4),
        Figure("import: job", median(rate for rate, _ in ours), "users/s"),
        Figure("import: job", median(cost for _, cost in ours), "ms CPU/user"),
        Figure("import: bare loop", median(rate for rate, _ in theirs), "users/s"),
        Figure("import: bare loop", median(cost for _, cost in theirs), "ms CPU/user"),
    ]


def _bodies(file: Path) -> Path:
    """What the job sends, one body a line; written once."""
    if not file.exists():
        state = file.with_name("bodies.db")
        seeded.seed(state, MANY)
        connection = open_state(state)
        connection.execute("begin")
        claimed = journal.claim(connection, USERS, 0, MANY, 1, 1)
        connection.execute("rollback")
        connection.close()
        file.write_text("".join(f"{request_body(user)}\n" for user in claimed), encoding="utf-8")
    return file


def bare_loop(base_url: str, bodies: Path, many: int, *path: str) -> tuple[float, Usage]:
    """Seconds from the first request to the last reply of a bare loop, and what its process used."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bare_import", base_url, str(bodies), *path],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    assert told["users"] == many
    return told["seconds"], finish(process, began)


def _job(base_url: str, folder: Path) -> tuple[float, Usage]:
    """Seconds from the first intent to the last outcome in the journal, and what the process used."""
    folder.mkdir()
    world = World(folder, base_url)
    seeded.seed(world.state, MANY)
    began = time.monotonic()
    used = finish(world.start("import"), began)
    assert world.counts() == {"imported": MANY}
    return sending_s(world), used


def sending_s(world: World) -> float:
    """Seconds from the first intent to the last outcome in the journal."""
    connection = world.read()
    first, last = connection.execute("select min(sent_at), max(done_at) from operations").fetchone()
    connection.close()
    return float(last - first) / 1000


def _reset(sandbox: Running) -> None:
    asked = urllib.request.Request(f"{sandbox.base_url}/_sandbox/reset", b"{}", method="POST")
    with urllib.request.urlopen(asked) as answer:
        answer.read()
