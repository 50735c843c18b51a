"""Cursors over sorted ids: what a naive list says, from every place and in every order."""

from hypothesis import given
from hypothesis import strategies as st

from cockpit.sandbox.workos.paging import Order, Page, Place, page

IDS = st.lists(st.integers(0, 30).map(lambda number: f"id_{number:02}"), unique=True).map(sorted)
CURSORS = st.none() | st.integers(0, 30).map(lambda number: f"id_{number:02}")
ORDERS = st.sampled_from(["asc", "desc", "normal"])


def is_even(ident: str) -> bool:
    return int(ident[-1]) % 2 == 0


@given(IDS, st.integers(1, 5), ORDERS, st.booleans())
def test_a_walk_shows_everything_wanted_once_and_in_order(
    ids: list[str], limit: int, order: Order, some: bool
) -> None:
    wanted = is_even if some else None
    expected = [ident for ident in ids if wanted is None or wanted(ident)]
    found, at = list[str](), Place(limit, order)
    while True:
        part = page(ids, at, str, wanted)
        found += part.items
        following = part.before if order == "normal" else part.after
        if following is None:
            break
        at = (
            Place(limit, order, before=following)
            if order == "normal"
            else Place(limit, order, after=following)
        )
    assert found == (expected if order == "asc" else expected[::-1])


@given(IDS, st.integers(1, 5), CURSORS, CURSORS, st.booleans())
def test_a_page_is_what_a_naive_list_has_there(
    ids: list[str], limit: int, after: str | None, before: str | None, some: bool
) -> None:
    wanted = is_even if some else None
    rows = [ident for ident in ids if wanted is None or wanted(ident)]
    assert page(ids, Place(limit, "asc", after, before), str, wanted) == _naive(rows, limit, after, before)


def _naive(rows: list[str], limit: int, after: str | None, before: str | None) -> Page[str]:
    """A page in ascending order; `after` counts when both cursors are given."""
    if after is not None:
        shown = [row for row in rows if row > after][:limit]
    elif before is not None:
        shown = [row for row in rows if row < before][-limit:]
    else:
        shown = rows[:limit]
    if not shown:
        return Page([], None, None)
    return Page(
        shown, shown[0] if shown[0] != rows[0] else None, shown[-1] if shown[-1] != rows[-1] else None
    )


def test_only_what_is_near_the_cursor_is_looked_up() -> None:
    ids = [f"id_{number:06}" for number in range(100_000)]
    looked = list[str]()

    def find(ident: str) -> str:
        looked.append(ident)
        return ident

    part = page(ids, Place(100, "asc", after="id_050000"), find)
    assert len(part.items) == 100
    assert len(looked) == 102
