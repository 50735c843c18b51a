"""A migration package of a million rows read into a state, and one written from a state: memory and pace."""

import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from cockpit.package import headers
from cockpit.package.cells import written
from cockpit.package.headers import FILES, HEADERS
from cockpit.package.manifest import compose
from tests.bench import seeded
from tests.bench.child import finish
from tests.bench.figures import Figure
from tests.jobs.world import HASH, World

USERS = 500_000
"""Each has a row in users.csv and one in organization_memberships.csv: a million rows."""
ORGANIZATIONS = 1_000
WRITTEN = 200_000


def run() -> list[Figure]:
    """The export job over the package, then `package write` over a seeded state."""
    with TemporaryDirectory() as folder:
        package = Path(folder, "package")
        _make(package)
        world = World(Path(folder), "http://127.0.0.1:9")
        began = time.monotonic()
        told = {"dir": str(package)}
        job = world.start("export", source="package", kinds=["organization", "user"], told=told)
        loaded = finish(job, began)
        assert world.counts() == {"ready": USERS}
    with TemporaryDirectory() as folder:
        world = World(Path(folder), "http://127.0.0.1:9")
        seeded.seed(world.state, WRITTEN)
        began = time.monotonic()
        process = world.command("package", "write", str(Path(folder, "package")))
        wrote = finish(process, began)
        with Path(folder, "package", FILES["users"]).open(encoding="utf-8") as users:
            assert sum(1 for _ in users) == WRITTEN + 1
    return [
        Figure("package of 1,000,000 rows loaded: peak memory", loaded.rss_mb, "MB", 120),
        Figure("the same: rows a second", 2 * USERS / loaded.wall_s, "rows/s"),
        Figure(f"package of {WRITTEN:,} users written: peak memory", wrote.rss_mb, "MB", 120),
        Figure("the same: users a second", WRITTEN / wrote.wall_s, "users/s"),
    ]


def _make(folder: Path) -> None:
    columns = HEADERS["2.5.0"]
    folder.mkdir()
    with (
        (folder / FILES["users"]).open("w", encoding="utf-8") as users,
        (folder / FILES["memberships"]).open("w", encoding="utf-8") as memberships,
    ):
        users.write(",".join(columns["users"]) + "\n")
        memberships.write(",".join(columns["memberships"]) + "\n")
        for number in range(USERS):
            row = {
                "email": f"user{number}@example.com",
                "password_hash": HASH,
                "password_hash_type": "bcrypt",
                "first_name": "Ana",
                "last_name": f"Diaz, {number}",
                "email_verified": "true",
                "external_id": f"auth0|{number:06}",
                "org_external_id": f"org_{number % ORGANIZATIONS}",
                "org_name": f"Company {number % ORGANIZATIONS}",
                "role_slugs": "member",
            }
            users.write(written(columns["users"], row))
            memberships.write(written(columns["memberships"], row))
    counts = {"users": USERS, "memberships": USERS}
    told = compose(
        provider="auth0",
        tenant=None,
        generated_at="2026-01-01T00:00:00Z",
        counts=counts,
        template="2.5.0",
        secrets=False,
        hashes=USERS,
        warnings=(),
        users=USERS,
    )
    (folder / headers.MANIFEST).write_text(json.dumps(told), encoding="utf-8")
