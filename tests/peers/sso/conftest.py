"""One stage for all tests of a process; a browser of its own for each way to the application."""

from collections.abc import Iterator

import pytest

from tests.peers.sso.stage import Stage, missing, stage


@pytest.fixture(scope="session")
def sso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    if why := missing():
        pytest.skip(why)
    with stage(tmp_path_factory.mktemp("sso")) as everybody:
        yield everybody
