"""20,000 users of moto's Cognito: exported in chains of short answers, killed on the way, nobody lost."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.sources._cognito_mapping import attributes
from tests.peers import cognito
from tests.peers.journey import Journey, Source

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(cognito.missing() is not None, reason=cognito.missing() or ""),
]

USERS = 20_000
SEED = 20261125


@pytest.fixture(scope="module")
def pool() -> Iterator[Source]:
    with cognito.pool(USERS) as source:
        yield source


def test_an_export_killed_at_random_pages_has_everybody_once(pool: Source, tmp_path: Path) -> None:
    fast = Source(pool.name, pool.settings + "requests_per_s = 1000\n", pool.environment)
    journey = Journey(tmp_path, fast)
    rng = random.Random(SEED)
    journey.kill_export((rng.randint(1, 100), rng.randint(101, 200), rng.randint(201, 300)))
    # Cognito tells no total, so everybody is read a second time.
    assert journey.export() == {"users": USERS, "read": 2 * USERS, "merged": USERS, "held": 0}
    kept = dict(journey.raw())
    expected = {cognito.sub(number): cognito.user(number) for number in range(USERS)}
    assert kept.keys() == expected.keys()
    for sub, record in kept.items():
        shown = {name: record[name] for name in expected[sub]} | {
            "Attributes": attributes(record["Attributes"])
        }
        assert shown == expected[sub]
