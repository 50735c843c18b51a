"""The vendors' SDKs, unchanged, against what the sandbox has of webhooks and streams."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from auth0.management import Auth0
from auth0.management.errors import ForbiddenError
from auth0.management.types import CreateLogStreamHttpRequestBody, LogStreamHttpSink
from workos import ConflictError, NotFoundError, UnprocessableEntityError, WorkOSClient

from cockpit.sandbox.config import SandboxConfig
from tests.sandbox.running import Running

WRITES = SandboxConfig().auth0_write_token


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with Running("--source", "auth0", "--users", "10", "--limits", "off") as running:
        yield running


def test_workos_endpoints(sandbox: Running) -> None:
    with WorkOSClient(
        api_key="sk_sandbox", client_id="client_sandbox", base_url=sandbox.base_url, max_retries=0
    ) as client:
        hooks = client.webhooks
        made = hooks.create_webhook_endpoint(endpoint_url="https://a.example/", events=["user.created"])
        assert made.secret and made.status == "enabled"
        with pytest.raises(ConflictError) as taken:
            hooks.create_webhook_endpoint(endpoint_url="https://a.example/", events=["user.created"])
        assert taken.value.code == "duplicate_endpoint"
        with pytest.raises(UnprocessableEntityError) as bad:
            hooks.create_webhook_endpoint(endpoint_url="http://a.example/", events=["user.created"])
        assert bad.value.code == "invalid_url"
        assert hooks.update_webhook_endpoint(made.id, status="disabled").status == "disabled"
        listed = hooks.list_webhook_endpoints(limit=1).auto_paging_iter()
        assert [(row.id, row.status) for row in listed] == [(made.id, "disabled")]
        hooks.delete_webhook_endpoint(made.id)
        with pytest.raises(NotFoundError):
            hooks.update_webhook_endpoint(made.id, status="enabled")


def test_auth0_log_streams(sandbox: Running) -> None:
    with tenant(sandbox, reading(sandbox)) as reads, tenant(sandbox, WRITES) as writes:
        (row,) = reads.log_streams.list()
        assert row.id and row.status == "active"
        with pytest.raises(ForbiddenError):
            reads.log_streams.update(row.id, status="paused")
        assert writes.log_streams.update(row.id, status="paused").status == "paused"
        assert reads.log_streams.get(row.id).status == "paused"
        body = CreateLogStreamHttpRequestBody(
            type="http",
            sink=LogStreamHttpSink(http_endpoint="https://tank.example/"),
            start_from="2027-01-01T00:00:00Z",
        )
        made = writes.log_streams.create(request=body)
        assert made.status == "active"
        writes.log_streams.delete(row.id)
        assert [stream.id for stream in reads.log_streams.list()] == [made.id]


def test_auth0_event_streams(sandbox: Running) -> None:
    with tenant(sandbox, reading(sandbox)) as reads, tenant(sandbox, WRITES) as writes:
        (row,) = reads.event_streams.list(take=1)
        assert row.id and row.status == "enabled"
        with pytest.raises(ForbiddenError):
            reads.event_streams.update(row.id, status="disabled")
        assert writes.event_streams.update(row.id, status="disabled").status == "disabled"
        assert reads.event_streams.get(row.id).status == "disabled"


@contextmanager
def tenant(sandbox: Running, token: str) -> Iterator[Auth0]:
    with httpx.Client() as client:
        yield Auth0(base_url=f"{sandbox.base_url}/auth0/api/v2", token=token, httpx_client=client)


def reading(sandbox: Running) -> str:
    """A token of the client, which has read scopes."""
    body = {
        "grant_type": "client_credentials",
        "client_id": "sandbox",
        "client_secret": "sandbox-secret",
        "audience": f"{sandbox.base_url}/auth0/api/v2/",
    }
    asked = urllib.request.Request(f"{sandbox.base_url}/auth0/oauth/token", json.dumps(body).encode())
    with urllib.request.urlopen(asked) as answer:
        return str(json.load(answer)["access_token"])
