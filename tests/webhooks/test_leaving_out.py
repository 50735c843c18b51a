"""What may be left out, and that nothing else is."""

from hypothesis import given
from hypothesis import strategies as st

from cockpit.webhooks.leaving_out import Told, coalesce, stale

VERBS = ("user.created", "user.updated", "user.deleted", "user.locked")


def told(*events: tuple[str, int | None]) -> list[Told]:
    return [Told(number, f"user.{verb}", at) for number, (verb, at) in enumerate(events, 1)]


def test_only_the_newest_update_is_sent() -> None:
    events = told(("created", 1), ("updated", 2), ("updated", 5), ("locked", 6), ("updated", 3))
    assert coalesce(events) == {2: "superseded", 5: "superseded"}


def test_without_an_age_the_last_that_came_is_the_newest() -> None:
    assert coalesce(told(("updated", 9), ("updated", None))) == {1: "superseded"}


def test_who_came_and_went_never_was() -> None:
    events = told(("created", 1), ("deleted", 4), ("updated", 2), ("locked", 3))
    assert coalesce(events) == {1: "paired", 3: "paired", 2: "paired"}


def test_who_was_there_before_or_is_there_again_stays() -> None:
    assert coalesce(told(("updated", 1), ("deleted", 2))) == {}
    assert coalesce(told(("deleted", 1), ("created", 2))) == {}
    assert coalesce(told(("created", 1), ("deleted", 2), ("created", 3))) == {}


@given(st.lists(st.tuples(st.sampled_from(VERBS), st.none() | st.integers(0, 9))))
def test_what_is_left_tells_how_it_ended(drawn: list[tuple[str, int | None]]) -> None:
    events = [Told(number, type_, at) for number, (type_, at) in enumerate(drawn)]
    gone = coalesce(events)
    left = [event for event in events if event.id not in gone]
    assert [e for e in left if e.type == "user.locked"] == [e for e in events if e.type == "user.locked"]
    if "paired" in gone.values():
        assert {event.type for event in left} <= {"user.locked"}
        assert any(event.type == "user.created" for event in events)
        assert any(event.type == "user.deleted" for event in events)
    else:
        updates = [event for event in events if event.type == "user.updated"]
        kept = [event for event in left if event.type == "user.updated"]
        assert len(kept) == min(1, len(updates))
        if kept and all(event.at is not None for event in events):
            assert kept[0].at == max(event.at or 0 for event in updates)


def test_what_the_import_already_brought_is_stale_but_no_deletion() -> None:
    created, updated, deleted = told(("created", 5), ("updated", 5), ("deleted", 5))
    assert stale(created, 5) and stale(updated, 6)
    assert not stale(updated, 4)
    assert not stale(deleted, 6)
    assert not stale(updated, None)
    assert not stale(updated._replace(at=None), 6)
