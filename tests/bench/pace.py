"""3,000 users at WorkOS's published 500 writes in 10 s, against fixed and against sliding windows."""

import json
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import seeded
from tests.bench.child import finish
from tests.bench.figures import Figure
from tests.bench.import_speed import sending_s
from tests.jobs.world import World
from tests.sandbox.running import Running

USERS = 3000
IDEAL_S = USERS / (500 / 10)
WINDOWS = ("fixed", "sliding")


def run() -> list[Figure]:
    """Both kinds side by side: at this pace neither feels the other."""
    figures = []
    with ExitStack() as opened:
        folder = Path(opened.enter_context(TemporaryDirectory()))
        sandboxes = {
            kind: opened.enter_context(Running("--source", "none", "--rate-window", kind)) for kind in WINDOWS
        }
        worlds = {kind: _world(folder / kind, sandbox) for kind, sandbox in sandboxes.items()}
        began = time.monotonic()
        jobs = {kind: world.start("import") for kind, world in worlds.items()}
        for kind, job in jobs.items():
            finish(job, began)
            lost = USERS - worlds[kind].counts().get("imported", 0)
            asked, refused = _answered(sandboxes[kind])
            figures += [
                Figure(f"pace, {kind} windows: time / ideal", sending_s(worlds[kind]) / IDEAL_S, "", 1.05),
                Figure(f"pace, {kind} windows: answered 429", 100 * refused / asked, "%", 0.1),
                Figure(f"pace, {kind} windows: users lost", lost, "", 0),
            ]
    return figures


def _world(folder: Path, sandbox: Running) -> World:
    folder.mkdir()
    world = World(folder, sandbox.base_url, settings="")
    seeded.seed(world.state, USERS)
    return world


def _answered(sandbox: Running) -> tuple[int, int]:
    """Writes that the sandbox was asked for, and requests that it refused for their pace."""
    with urllib.request.urlopen(f"{sandbox.base_url}/_sandbox/stats") as answer:
        stats = json.load(answer)
    return int(stats["writes"]), sum(stats["rate_limited"].values())
