"""What every test shares: a clean environment, and skips that CI does not forgive."""

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # machines are busy, and no test is about time
settings.load_profile("untimed")
for name in list(os.environ):
    if name in {"NO_COLOR", "TEXTUAL_THEME"} or name.startswith(
        ("WORKOS_", "AUTH0_", "FIREBASE_", "GOOGLE_", "AWS_")
    ):
        del os.environ[name]
os.environ["TEXTUAL_ANIMATIONS"] = "none"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests stay in one process, so that what they share (a server, a state) is made once."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped real part is a failure: a green run must mean that everything ran."""
    report = yield
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report
