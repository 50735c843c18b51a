"""What the tests of sources share."""

import pytest


@pytest.fixture
def auth0_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client of the tenant, and no token."""
    monkeypatch.delenv("AUTH0_TOKEN", raising=False)
    monkeypatch.setenv("AUTH0_CLIENT_ID", "sandbox")
    monkeypatch.setenv("AUTH0_CLIENT_SECRET", "sandbox-secret")
