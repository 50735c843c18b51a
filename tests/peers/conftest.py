"""One emulator for all tests of a process; each test has a project of its own in it."""

from collections.abc import Iterator

import pytest

from tests.peers import servers
from tests.peers.servers import Server


@pytest.fixture(scope="session")
def firebase(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.firebase_emulator(tmp_path_factory.mktemp("firebase")) as emulator:
        yield emulator
