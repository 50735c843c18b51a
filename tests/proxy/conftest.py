"""One proxy with both sides for a module's tests; each test uses ids of its own."""

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from tests.proxy.running import CONNECTIONS, Rollout, RunningProxy, route
from tests.proxy.sides import Sides


class World(NamedTuple):
    """Everything that is running."""

    sides: Sides
    rollout: Rollout
    proxy: RunningProxy


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("proxy")
    with Sides() as sides:
        rollout = Rollout(folder, [route(ident, sides.workos.port) for ident in CONNECTIONS])
        with RunningProxy(folder, sides) as proxy:
            yield World(sides, rollout, proxy)


@pytest.fixture
def fresh() -> Callable[[], str]:
    """Ids that no other test of this run has."""
    return lambda: f"_t{next(_numbers)}"


_numbers = itertools.count(1)
