"""The sandbox and the folder of tests/jobs, with connections that are at WorkOS and may be flipped."""

from pathlib import Path

import pytest

from tests.jobs.conftest import bare, target
from tests.jobs.remote import Remote
from tests.jobs.rollout.ready import Ready

__all__ = ["bare", "ready", "target"]


@pytest.fixture
def ready(tmp_path: Path, target: Remote) -> Ready:
    """Four connections of four customers, created at WorkOS; users compared, no difference."""
    return Ready.prepared(tmp_path, target)
