"""Webhook endpoints: made, listed, switched off, deleted; what is refused."""

import pytest

from tests.sandbox.inside import BARE, Sandbox, inside

PATH = "/webhook_endpoints"


def made(url: str) -> dict[str, object]:
    return {"endpoint_url": url, "events": ["user.created"]}


def test_an_endpoint_is_made_switched_off_and_deleted() -> None:
    async def test(sandbox: Sandbox) -> None:
        created = await sandbox.call("POST", PATH, json=made("https://app.example/hooks"))
        assert (created.status, created.body["status"]) == (201, "enabled")
        assert created.body["secret"].startswith("whsec_")
        one = f"{PATH}/{created.body['id']}"
        sandbox.clock.advance(1)
        changed = await sandbox.call("PATCH", one, json={"status": "disabled"})
        same = ("id", "endpoint_url", "secret", "events", "created_at")
        assert {name: changed.body[name] for name in same} == {name: created.body[name] for name in same}
        assert changed.body["status"] == "disabled"
        assert changed.body["updated_at"] > created.body["updated_at"]
        assert (await sandbox.call("GET", PATH)).body["data"] == [changed.body]
        assert (await sandbox.call("DELETE", one)).status == 204
        assert (await sandbox.call("PATCH", one, json={})).status == 404
        assert (await sandbox.call("GET", PATH)).body["data"] == []

    inside(BARE, test)


def test_a_url_is_an_endpoint_once() -> None:
    async def test(sandbox: Sandbox) -> None:
        first, second = [
            (await sandbox.call("POST", PATH, json=made(f"https://app.example/{name}"))).body for name in "ab"
        ]
        again = await sandbox.call("POST", PATH, json=made(first["endpoint_url"]))
        assert (again.status, again.code) == (409, "duplicate_endpoint")
        body = {"endpoint_url": first["endpoint_url"]}
        moved = await sandbox.call("PATCH", f"{PATH}/{second['id']}", json=body)
        assert (moved.status, moved.code) == (409, "duplicate_endpoint")
        assert (await sandbox.call("PATCH", f"{PATH}/{first['id']}", json=body)).status == 200

    inside(BARE, test)


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://app.example/", 201),
        ("http://127.0.0.1:8080/hooks", 201),
        ("http://app.example/", 422),
        ("ftp://127.0.0.1/", 422),
        ("hooks", 422),
    ],
)
def test_a_url_is_https_or_on_loopback(url: str, status: int) -> None:
    async def test(sandbox: Sandbox) -> None:
        answer = await sandbox.call("POST", PATH, json=made(url))
        assert answer.status == status
        assert status == 201 or answer.code == "invalid_url"

    inside(BARE, test)


def test_what_else_is_refused() -> None:
    async def test(sandbox: Sandbox) -> None:
        url = "https://app.example/"
        for body in (
            {"endpoint_url": url},
            {"endpoint_url": url, "events": []},
            {"events": ["user.created"]},
        ):
            assert (await sandbox.call("POST", PATH, json=body)).status == 422
        row = (await sandbox.call("POST", PATH, json=made(url))).body
        bad = await sandbox.call("PATCH", f"{PATH}/{row['id']}", json={"status": "paused"})
        assert bad.status == 422
        assert (await sandbox.call("GET", PATH, "sk_unknown")).status == 401

    inside(BARE, test)
