"""Order within a key, none between keys, whatever comes again."""

from collections import defaultdict
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from cockpit.webhooks.lanes import Lanes


class Item(NamedTuple):
    id: int
    key: str


def test_the_next_of_a_key_waits_for_the_one_before() -> None:
    lanes: Lanes[Item] = Lanes()
    first, second, other, free = Item(1, "a"), Item(2, "a"), Item(3, "b"), Item(4, "")
    for item in (first, second, other, free, Item(5, "")):
        lanes.add(item)
    assert [lanes.take() for _ in range(5)] == [first, other, free, Item(5, ""), None]
    lanes.again(first)
    assert lanes.take() == first
    lanes.done(first)
    assert lanes.take() == second
    assert lanes.left() == [second, other, free, Item(5, "")]


@given(st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=40), st.data())
def test_each_goes_through_once_and_in_order_of_its_key(keys: list[str], data: st.DataObject) -> None:
    lanes: Lanes[Item] = Lanes()
    coming = [Item(number, key) for number, key in enumerate(keys)]
    taken: list[Item] = []
    through: dict[str, list[int]] = defaultdict(list)
    while coming or len(lanes):
        step = data.draw(
            st.sampled_from(["add"] * bool(coming) + ["take"] * lanes.ready + ["end"] * bool(taken))
        )
        if step == "add":
            lanes.add(coming.pop(0))
        elif step == "take":
            item = lanes.take()
            assert item is not None
            assert not item.key or all(other.key != item.key for other in taken)
            taken.append(item)
        else:
            item = taken.pop(data.draw(st.integers(0, len(taken) - 1)))
            if data.draw(st.booleans()):
                lanes.again(item)
            else:
                lanes.done(item)
                through[item.key].append(item.id)
    assert sorted(id_ for ids in through.values() for id_ in ids) == list(range(len(keys)))
    assert all(ids == sorted(ids) for key, ids in through.items() if key)
