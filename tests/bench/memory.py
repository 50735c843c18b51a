"""Memory of an import of 200,000 users: its peak, and that it does not grow on the way."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from cockpit.state import journal
from tests.bench import seeded
from tests.bench.child import finish, memory_mb
from tests.bench.figures import Figure
from tests.jobs.world import World
from tests.sandbox.running import Running

USERS = 200_000
MARKS = (50_000, 100_000, 150_000, 195_000)


def run() -> list[Figure]:
    """Resident memory when so many users were there, and the kernel's peak."""
    seen: dict[int, float] = {}
    with (
        TemporaryDirectory() as folder,
        Running("--source", "none", "--limits", "off") as sandbox,
    ):
        world = World(Path(folder), sandbox.base_url)
        seeded.seed(world.state, USERS)
        began = time.monotonic()
        process = world.start("import")
        reader = world.read()

        def look() -> None:
            done = journal.counts(reader, journal.USER)["imported"]
            for mark in MARKS:
                if done >= mark and mark not in seen:
                    seen[mark] = memory_mb(process.pid, "VmRSS")

        used = finish(process, began, look)
        reader.close()
        assert world.counts() == {"imported": USERS}
    growth = seen[MARKS[-1]] - seen[MARKS[0]]
    return [
        Figure(f"import: peak memory at {USERS:,} users", used.rss_mb, "MB", 120),
        *(Figure(f"import: memory at {mark:,} users", seen[mark], "MB") for mark in MARKS),
        Figure(f"import: memory gained from {MARKS[0]:,} to {MARKS[-1]:,}", growth, "MB", 5),
    ]
