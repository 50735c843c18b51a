"""Organizations and memberships beside a bare loop; memory of an import of 200,000 and 400,000 of them."""

import json
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import seeded
from tests.bench.child import Usage, finish
from tests.bench.figures import Figure
from tests.bench.import_speed import bare_loop
from tests.jobs.world import World
from tests.sandbox.running import Running

MANY = 20_000
USERS, ORGANIZATIONS, MEMBERSHIPS = 19_999, 200_000, 400_000
"""Both are dealt to memberships in turn; without a common divisor no pair comes twice."""
PATHS = {"organization": "/organizations", "membership": "/user_management/organization_memberships"}


def run() -> list[Figure]:
    """Ratios of one round at MANY of each, then the peak at full size."""
    return [*_speed(), *_memory()]


def _speed() -> list[Figure]:
    figures = []
    with TemporaryDirectory() as folder, Running("--source", "none", "--limits", "off") as sandbox:
        world = World(Path(folder), sandbox.base_url)
        seeded.seed_companies(world.state, MANY, MANY, MANY)
        _sent(world, "user")
        for kind in ("organization", "membership"):
            used, seconds = _sent(world, kind)
            bodies = Path(folder, f"{kind}.jsonl")
            others = _organizations() if kind == "organization" else _memberships(world)
            bodies.write_text("".join(f"{json.dumps(body)}\n" for body in others), encoding="utf-8")
            bare_s, bare = bare_loop(sandbox.base_url, bodies, MANY, PATHS[kind])
            figures += [
                Figure(f"import: {kind}s/s, job / bare loop", bare_s / seconds, "", 0.8, at_least=True),
                Figure(f"import: CPU a {kind}, job / bare loop", used.cpu_s / bare.cpu_s, "", 1.4),
                Figure("import: job", MANY / seconds, f"{kind}s/s"),
            ]
    return figures


def _memory() -> list[Figure]:
    with TemporaryDirectory() as folder, Running("--source", "none", "--limits", "off") as sandbox:
        world = World(Path(folder), sandbox.base_url)
        seeded.seed_companies(world.state, USERS, ORGANIZATIONS, MEMBERSHIPS)
        used, seconds = _sent(world)
    moved = USERS + ORGANIZATIONS + MEMBERSHIPS
    return [
        Figure(f"import: peak memory at {moved:,} of all kinds", used.rss_mb, "MB", 120),
        Figure(f"import: {moved:,} of all kinds", seconds, "s"),
    ]


def _sent(world: World, kind: str | None = None) -> tuple[Usage, float]:
    """An import of one kind, or all: what the job used, and the seconds from first intent to last outcome."""
    began = time.monotonic()
    used = finish(world.start("import", kinds=kind and [kind]), began)
    wanted = "where kind = ?" if kind else "where ? is null"
    ((first, last),) = world.ask(f"select min(sent_at), max(done_at) from operations {wanted}", kind)
    left = world.ask("select count(*) from operations where state <> 'imported' and kind = ?", kind)
    assert left == [0], left
    return used, (last - first) / 1000


def _organizations() -> Iterable[dict[str, str]]:
    """Others than the job's, of the same size."""
    return ({"external_id": f"oth_{n:07}", "name": f"Company {n}"} for n in range(MANY))


def _memberships(world: World) -> Iterable[dict[str, str]]:
    """The same users in other organizations than the job's."""
    query = "select target_id from operations where kind = ? order by subject"
    users, organizations = world.ask(query, "user"), world.ask(query, "organization")
    for n, user in enumerate(users):
        other = organizations[(n + 1) % len(organizations)]
        yield {"user_id": user, "organization_id": other, "role_slug": "member"}
