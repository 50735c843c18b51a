"""The ledger: first writer wins, in memory and in the file, with the file there or not."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.proxy.ledger import Ledger, key
from cockpit.proxy.store import BUSY_MS, Store
from cockpit.rollout.route import Side
from cockpit.state.rollout import flows
from cockpit.state.rollout.flows import Claim, Flow
from tests.clocks import FakeClock
from tests.proxy.running import Rollout

ONE, TWO, RELAY = key("seen", "1"), key("asked", "2"), key("relay", "/home")


@pytest.fixture
def rollout(tmp_path: Path) -> Rollout:
    return Rollout(tmp_path)


@pytest.fixture
def stores(rollout: Rollout) -> Iterator[list[Store]]:
    """Two proxies on one host."""
    made = [Store(rollout.path, FakeClock()) for _ in range(2)]
    for store in made:
        store.look()
    yield made
    for store in made:
        store.close()


def flow(side: Side, until: int = 1000) -> Flow:
    return Flow(side, "con_1", until)


def first(ledger: Ledger, keys: Sequence[bytes], flow: Flow, now: int, others: Sequence[bytes] = ()) -> bool:
    (is_first,) = ledger.first([Claim(keys, flow, others)], now)
    return is_first


def test_the_first_of_two_proxies_is_the_only_first(stores: list[Store]) -> None:
    one, two = map(Ledger, stores)
    assert first(one, [ONE, TWO], flow("legacy"), 1, [RELAY])
    assert not first(two, [ONE], flow("workos"), 2)
    assert not first(two, [key("seen", "9"), TWO], flow("workos"), 2), "all or nothing"
    assert two.find([ONE, TWO, key("seen", "9")], 2) == {ONE: flow("legacy"), TWO: flow("legacy")}
    assert two.claim([ONE], flow("workos"), 3) == "legacy"


def test_another_key_that_is_known_stops_it_but_is_not_taken(stores: list[Store]) -> None:
    ledger = Ledger(stores[0])
    assert first(ledger, [ONE], flow("legacy"), 1, [RELAY])
    assert ledger.find([RELAY], 1) == {}
    ledger.note(RELAY, flow("workos"), 1)
    assert not first(ledger, [TWO], flow("legacy"), 1, [RELAY])


def test_what_is_over_can_be_taken_anew(stores: list[Store]) -> None:
    one, two = map(Ledger, stores)
    one.claim([ONE], flow("legacy", 10), 1)
    assert two.find([ONE], 10) == {}
    assert first(two, [ONE], flow("workos", 50), 10)
    assert two.claim([ONE], flow("legacy"), 11) == "workos"
    assert one.claim([ONE], flow("legacy"), 12) == "workos", "its memory of the old one is over too"


def test_without_the_file_memory_goes_on_and_is_written_later(rollout: Rollout, stores: list[Store]) -> None:
    away = rollout.path.with_name("away")
    rollout.path.rename(away)
    ledger, other = map(Ledger, stores)
    for store in stores:
        store.look()
    assert first(ledger, [ONE], flow("workos"), 1)
    assert ledger.claim([ONE], flow("legacy"), 2) == "workos"
    assert stores[0].fault and ledger.pending == {ONE: flow("workos")}
    away.rename(rollout.path)
    connection = rollout.open()
    assert flows.claim(connection, ledger.pending.items(), 3)
    connection.close()
    stores[1].look()
    assert other.find([ONE], 3) == {ONE: flow("workos")}


def test_a_lock_is_not_waited_for(rollout: Rollout, stores: list[Store]) -> None:
    holder = rollout.open()
    holder.execute("begin exclusive")
    ledger = Ledger(stores[0])
    assert first(ledger, [ONE], flow("workos"), 1)
    assert stores[0].resting and ONE in ledger.pending
    holder.execute("rollback")
    holder.close()


def test_what_the_file_knows_holds_while_nothing_can_be_written(
    rollout: Rollout, stores: list[Store]
) -> None:
    """A proxy that has just been started remembers nothing; readers never wait for a writer."""
    before, after = map(Ledger, stores)
    before.note(TWO, flow("legacy"), 1)
    holder = rollout.open()
    holder.execute("begin immediate")
    assert first(after, [key("seen", "9")], flow("workos"), 1), "nothing is known of another"
    assert stores[1].resting
    assert not first(after, [ONE, TWO], flow("workos"), 1)
    assert after.find([TWO], 1) == {TWO: flow("legacy")}
    holder.execute("rollback")
    holder.close()


def test_a_start_waits_for_a_lock_that_others_hold(rollout: Rollout) -> None:
    """Readers wait for one who recovers the log, or has it for itself."""
    holder = rollout.open()
    holder.execute("pragma locking_mode = exclusive")
    holder.execute("update route_version set n = n")
    store = Store(rollout.path, FakeClock())
    store.look()
    assert store.away and "locked" in str(store.fault)
    again = Store(rollout.path, FakeClock())
    soon = threading.Timer(0.1, holder.close)
    soon.start()
    again.look(60_000)
    assert not again.away
    assert again.read(lambda db: db.execute("pragma busy_timeout").fetchone()) == (BUSY_MS,)
    soon.join()
    again.close()


def test_a_promise_waits_for_a_lock_and_not_for_a_file(rollout: Rollout, stores: list[Store]) -> None:
    holder = rollout.open()
    holder.execute("begin exclusive")
    ledger = Ledger(stores[0])
    ledger.note(ONE, flow("workos"), 1)
    assert ledger.missed.is_set(), "who writes is told at once"

    async def main() -> None:
        waits = asyncio.create_task(ledger.written([ONE], 60))
        await asyncio.sleep(0)
        assert not waits.done()
        ledger.pending.clear()  # as the scribe does, when it is written
        await waits
        ledger.note(TWO, flow("legacy"), 1)
        await ledger.written([TWO], 0.01)
        stores[0].close()
        await ledger.written([TWO], 60)

    asyncio.run(main())
    assert TWO in ledger.pending
    holder.execute("rollback")
    holder.close()


def test_what_is_dumped_is_known_after_the_next_start(stores: list[Store]) -> None:
    before, after = map(Ledger, stores)
    before.note(ONE, flow("workos"), 1)
    before.note(TWO, flow("legacy", 5), 1)
    after.load(before.dump(7))
    assert after.pending == {ONE: flow("workos")}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.integers(0, 1),
            st.lists(st.integers(0, 6), min_size=1, max_size=4),
            st.sampled_from(("legacy", "workos")),
        ),
        max_size=20,
    ),
    st.booleans(),
)
def test_an_answer_has_one_side_whoever_asks(
    stores: list[Store], steps: list[tuple[int, list[int], Side]], away: bool
) -> None:
    """Two proxies, any order, several answers at a time: the first one's side, ever after."""
    ledgers = [Ledger(store) for store in stores]
    for store in stores:
        store.look()
    stores[0].write(lambda db: db.execute("delete from flows").rowcount)
    if away:  # one proxy is left, and its memory
        stores[0].close()
        steps = [(0, numbers, wanted) for _, numbers, wanted in steps]
    sides: dict[int, Side] = {}
    for who, numbers, wanted in steps:
        keys = [key("seen", str(number)) for number in numbers]
        firsts = ledgers[who].first([Claim([one], flow(wanted)) for one in keys], 1)
        for number, one, is_first in zip(numbers, keys, firsts, strict=True):
            assert is_first == (number not in sides)
            side = wanted if is_first else ledgers[who].claim([one], flow(wanted), 1)
            assert side == sides.setdefault(number, side)
