"""The sandbox and the folder of tests/jobs, for the jobs on connections too."""

from tests.jobs.conftest import bare, target, world

__all__ = ["bare", "target", "world"]
