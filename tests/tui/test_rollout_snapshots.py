"""The rollout board in its states, pixel for pixel."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tui.board_state import seed_rollout
from tests.tui.seeded import Seeded, seed
from tests.tui.test_snapshots import check

Compare = Callable[..., bool]

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "160x50": (160, 50)}
KILLED = ("ctrl+k", "exclamation_mark")
STATES = {
    "before": (("before", ()), SIZES),
    "wave": (("wave", ()), SIZES),
    "table": (("wave", ("v",)), ("160x50",)),
    "failing": (("failing", ()), ("80x24", "120x40")),
    "silent": (("silent", ()), ("80x24", "120x40")),
    "killed": (("wave", KILLED), SIZES),
    "evidence": (("wave", ("slash", *"state:verifying", "enter", "enter")), SIZES),
    "flip": (("before", ("f",)), ("80x24", "120x40")),
    "closed": (("before", ("slash", *"stark", "enter", "f", "y")), ("80x24",)),
    "several": (("before", ("space", "space", "f")), ("80x24",)),
    "waves": (("wave", ("w",)), ("80x24",)),
    "chord": (("wave", ("ctrl+k",)), ("80x24",)),
    "log": (("failing", ("9", "v")), SIZES),
}
CASES = [(name, size) for name, (_, sizes) in STATES.items() for size in sizes]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Seeded]]:
    """Scenes that a test only looks at."""
    seeded: dict[str, Seeded] = {}
    for scene in ("before", "failing", "silent"):
        seeded[scene] = seed_rollout(tmp_path_factory.mktemp(scene), scene)
    yield seeded
    for one in seeded.values():
        one.close()


@pytest.mark.parametrize(("name", "size"), CASES)
@pytest.mark.usefixtures("outside_words")
def test_the_rollout(
    snap_compare: Compare, tmp_path: Path, shared: dict[str, Seeded], name: str, size: str
) -> None:
    (scene, keys), _ = STATES[name]
    own = None if scene in shared else seed_rollout(tmp_path, "wave")
    check(snap_compare, own or shared[scene], ("7", *keys), SIZES[size])
    if own is not None:
        own.close()


@pytest.mark.parametrize("size", ["80x24", "120x40"])
def test_without_a_state(snap_compare: Compare, tmp_path: Path, size: str) -> None:
    check(snap_compare, seed(tmp_path, "empty"), ("7",), SIZES[size])


@pytest.mark.parametrize("size", ["80x24", "120x40"])
def test_the_overview_with_a_rollout(snap_compare: Compare, tmp_path: Path, size: str) -> None:
    own = seed_rollout(tmp_path, "wave")
    check(snap_compare, own, (), SIZES[size])
    own.close()
