"""One sandbox for the tests of a module, as at the start for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.remote import Remote
from tests.jobs.world import World
from tests.sandbox.running import Running


@pytest.fixture(scope="module")
def bare() -> Iterator[Remote]:
    """WorkOS alone, without limits."""
    with Running("--source", "none", "--limits", "off") as running:
        yield Remote(running.base_url)


@pytest.fixture
def target(bare: Remote) -> Remote:
    """The same, empty and well."""
    bare.reset()
    return bare


@pytest.fixture
def world(tmp_path: Path, target: Remote) -> World:
    """A folder whose settings point at it, without a state yet."""
    return World(tmp_path, target.base_url)
