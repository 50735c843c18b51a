"""Five kills at random moments lose nothing, double nothing and blame nobody."""

import random
import signal
import time
from pathlib import Path

from workos import WorkOSClient

from tests.jobs.world import World, person, seed
from tests.sandbox.running import Running

USERS = 5000
KILLS = 5
SEED = 20261123


def test_an_import_killed_five_times_ends_with_every_user_once(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    with (
        Running("--source", "none", "--limits", "off") as sandbox,
        WorkOSClient(api_key="sk_sandbox", client_id="client_x", base_url=sandbox.base_url) as target,
    ):
        world = World(tmp_path, sandbox.base_url)
        seed(world.state, [person(number) for number in range(USERS)])
        kills = applied_unknown = 0
        while kills < KILLS:
            process = world.start("import")
            _wait_for_a_claim(world)
            time.sleep(rng.uniform(0.02, 0.3))  # the random moment is the test, not a wait
            process.send_signal(signal.SIGKILL)
            process.communicate()
            adrift = _adrift(world)
            assert sum(world.counts().values()) == USERS
            if adrift:  # else it died between two claims, which proves nothing
                kills += 1
                applied_unknown += len(adrift.intersection(_listed(target)))
        job = world.run("import")
        assert job.result is not None and job.result["exit"] == 0, job.result
        assert world.counts() == {"imported": USERS}
        assert applied_unknown > 0, "no kill fell between an applied write and its outcome"
        everyone = sorted(person(number).source_id for number in range(USERS))
        assert sorted(str(external_id) for external_id in _listed(target)) == everyone
        connection = world.read()
        assert connection.execute("select count(*) from errors").fetchone()[0] == 0
        connection.close()


def _wait_for_a_claim(world: World) -> None:
    """Until this run has claimed something."""
    deadline = time.monotonic() + 30
    connection = world.read()
    before = connection.execute("select coalesce(max(run), 0) from operations").fetchone()[0]
    while connection.execute("select coalesce(max(run), 0) from operations").fetchone()[0] <= before:
        assert time.monotonic() < deadline, "the import did not start"
        time.sleep(0.005)
    connection.close()


def _adrift(world: World) -> set[str]:
    connection = world.read()
    rows = connection.execute(
        "select u.external_id from operations o join users u on u.id = o.subject where o.state = 'sending'"
    ).fetchall()
    connection.close()
    return {row[0] for row in rows}


def _listed(target: WorkOSClient) -> list[str | None]:
    page = target.user_management.list_users(limit=100, order="asc")
    return [user.external_id for user in page.auto_paging_iter()]
