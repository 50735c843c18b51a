"""Users created in one moment come in no order: pages lose some, and no export is complete without."""

from collections import Counter
from pathlib import Path

import pytest

from cockpit.sandbox import standins
from cockpit.sandbox.config import SandboxConfig
from tests.clocks import LeapingClock
from tests.jobs.world import World
from tests.sandbox.inside import Sandbox, inside

USERS = 1300
TIED = {"clerk": 300, "descope": 70, "supabase": 600}
"""How many share each moment: more than half of a page."""


@pytest.mark.parametrize(
    ("source", "cursors"), [("clerk", False), ("descope", False), ("supabase", False), ("supabase", True)]
)
def test_users_who_tie_are_never_lost_in_silence(source: str, cursors: bool, tmp_path: Path) -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.configure(tied=TIED[source], cursor_paging=cursors)
        world = World(tmp_path, sandbox.base_url)
        world.environment |= standins.find(source).environment(sandbox.base_url, tmp_path)
        job = await world.perform("export", LeapingClock(), source=source, kinds=["user"])
        assert job.result is not None and job.result["exit"] == 0
        fresh = Counter(dict(world.ask("select chain, sum(fresh) from pages group by chain")))
        assert fresh[""] < USERS
        assert fresh.total() > fresh[""]
        ((outcome, missing, kept),) = world.ask(
            "select outcome, missing, (select count(*) from raw) from exports"
        )
        assert kept == fresh.total() == USERS - missing
        assert outcome == ("open" if missing else "complete")
        assert not (cursors and missing)

    inside(SandboxConfig(source=source, users=USERS, limits="off"), test)
