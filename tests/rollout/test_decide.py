"""Every case of a decision, by what must hold in all of them."""

import itertools

import pytest

from cockpit.rollout.decide import Known, decide
from cockpit.rollout.route import SIDES, Side
from tests.rollout.test_route import route

OPTIONAL: tuple[Side | None, ...] = (None, *SIDES)
CASES = [
    (hard, now_at, Known(again, flow, marker, solicited), begun)
    for hard, now_at, again, flow, marker, solicited, begun in itertools.product(
        (False, True), SIDES, OPTIONAL, OPTIONAL, OPTIONAL, (False, True), (False, True)
    )
]


@pytest.mark.parametrize(("hard", "now_at", "known", "begun"), CASES)
def test_a_decision(hard: bool, now_at: Side, known: Known, begun: bool) -> None:
    one = route(column="held" if now_at == "legacy" else "workos", hard=hard)  # type: ignore[arg-type]
    side = decide(one, now_at, known, lambda: begun).side
    if known.again:
        assert side == known.again, "no answer is ever seen by both"
    elif hard:
        assert side == (
            "legacy" if "legacy" in (known.flow, known.marker if known.solicited else None) else now_at
        )
    elif known.flow:
        assert side == known.flow, "what began on a side ends there"
    elif not known.solicited:
        assert side == now_at, "nobody began it here"
    elif known.marker:
        assert side == known.marker
    else:
        assert side == ("workos" if begun else now_at)


def test_what_belongs_to_nobody_is_legacys() -> None:
    assert decide(None, "legacy", Known(), lambda: True) == ("legacy", "unknown")
