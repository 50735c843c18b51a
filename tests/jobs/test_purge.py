"""Purge: what was secret is in no file any more; what was decided and done stays."""

from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.jobs import purge
from cockpit.jobs.purge import Purged
from cockpit.state import audit, check, checkpoint, journal, meta, users
from cockpit.state.database import StateError, open_readonly, open_state, transaction
from cockpit.state.tank import TANK, beside, counts, deliveries
from cockpit.state.tank.deliveries import Outcome
from cockpit.state.tank.tap import TARGET
from tests.jobs.companies import factor, organization, secret, store
from tests.jobs.world import HASH, person, seed
from tests.webhooks.filled import event, fill, updates

SECRETS = (HASH, "signer-key-of-the-source", "auth0|000003", secret(1))
"""A hash, a remembered secret, what only the raw record says in that form, an authenticator app's."""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    path = tmp_path / "cockpit.db"
    seed(path, [person(number) for number in range(50)])
    store(path, "organization", [organization(1)])
    store(path, "factor", [factor(1)])
    connection = open_state(path)
    with transaction(connection):
        meta.put(connection, "memo.signer", "signer-key-of-the-source", secret=True)
        meta.put(connection, "memo.plain", "kept")
    connection.close()
    return path


def bytes_of(state: Path) -> bytes:
    return b"".join(file.read_bytes() for file in state.parent.iterdir() if file.is_file())


def run(state: Path) -> Purged:
    return purge.purge(state, operator="tester", clock=SystemClock())


def test_no_byte_of_a_hash_or_secret_is_left(state: Path) -> None:
    assert all(secret.encode() in bytes_of(state) for secret in SECRETS)
    assert run(state) == (50, None)
    left = bytes_of(state)
    assert HASH.encode() not in left
    assert b"signer-key-of-the-source" not in left
    assert b'{"user_id"' not in left
    assert secret(1).encode() not in left
    assert b'{"source_id"' not in left


def test_the_journal_the_sums_and_the_trail_stay(state: Path) -> None:
    run(state)
    connection = open_readonly(state)
    assert check.check(connection) == []
    assert journal.counts(connection, "user")["ready"] == 50
    assert meta.facts(connection, "memo.") == {"memo.plain": "kept"}
    (row,) = audit.tail(connection)
    assert (row.operator, row.action, row.subject) == ("tester", "state.purge", "50 hashes")
    connection.close()


def test_whoever_was_not_sent_is_not_sent_without_the_hash_in_silence(state: Path) -> None:
    run(state)
    connection = open_readonly(state)
    assert users.without_hash(connection) == [("its hash was removed by purge", 50)]
    connection.close()


def test_it_does_not_claim_success_while_somebody_reads(state: Path) -> None:
    reader = open_readonly(state)
    reader.execute("begin")
    reader.execute("select count(*) from raw").fetchall()
    with pytest.raises(StateError, match="is being read"):
        run(state)
    assert checkpoint.wal_size(state) > 0
    reader.execute("commit")
    reader.close()
    run(state)
    assert HASH.encode() not in bytes_of(state)


def test_it_says_so_when_somebody_writes(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cockpit.state.database.BUSY_TIMEOUT_MS", 50)
    writer = open_state(state)
    writer.execute("begin immediate")
    with pytest.raises(StateError, match="stayed locked"):
        run(state)
    writer.execute("rollback")
    writer.close()


def settle(state: Path, *outcomes: Outcome) -> None:
    connection = open_state(beside(state), kind=TANK)
    with transaction(connection):
        deliveries.claim(connection, ["clerk"], 0, len(outcomes), run=1, now=1)
        deliveries.settle(connection, outcomes, run=1, now=2)
    connection.close()


def test_nothing_is_removed_while_webhooks_wait_for_a_decision(state: Path) -> None:
    fill(state, updates(3, 3))
    settle(state, Outcome(1, "delivered"), Outcome(2, "dead"))
    before = bytes_of(state)
    with pytest.raises(StateError, match=r"held and would be lost \(1\).*webhooks drain"):
        run(state)
    assert HASH.encode() in before and HASH.encode() in bytes_of(state)
    assert b"svix-id" in bytes_of(state)


def test_a_webhook_that_is_on_its_way_is_waited_for(state: Path) -> None:
    fill(state, updates(1, 1))
    connection = open_state(beside(state), kind=TANK)
    with transaction(connection):
        deliveries.claim(connection, ["clerk"], 0, 1, run=1, now=1)
    connection.close()
    with pytest.raises(StateError, match="held and would be lost"):
        run(state)


def test_bodies_of_webhooks_go_and_what_became_of_each_stays(state: Path) -> None:
    fill(state, [*updates(2, 2), event(2, "connection.activated", "conn_1")._replace(source=TARGET)])
    settle(state, Outcome(1, "delivered", 1, 200), Outcome(2, "dead", 5, 422, "HTTP 422"))
    assert b"svix-id" in bytes_of(state) and b"sequence" in bytes_of(state)
    assert run(state) == (50, 3)
    assert b"svix-id" not in bytes_of(state) and b"sequence" not in bytes_of(state)
    connection = open_state(beside(state), kind=TANK)
    assert counts.total(connection) == counts.counted(connection)
    assert counts.total(connection).states == {"delivered": 1, "discarded": 2}
    assert deliveries.redrive(connection) == 0
    connection.close()
    assert check.beside(state) == []
    trail = open_readonly(state)
    assert audit.tail(trail)[0].after == "3 bodies of webhooks"
    trail.close()
    assert run(state) == (0, 0)
