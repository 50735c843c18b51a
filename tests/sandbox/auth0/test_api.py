"""Auth0's token, its rate limits, its users with the cap of 1,000 rows and its connections."""

from itertools import pairwise
from typing import Any

import pytest

from cockpit.sandbox.config import SandboxConfig
from tests.sandbox.inside import Sandbox, inside

CONFIG = SandboxConfig(source="auth0", users=2500, limits="off")
USERS = "/auth0/api/v2/users"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"client_secret": "wrong"}, 401),
        ({"audience": "https://elsewhere.example/"}, 403),
        ({"grant_type": "password"}, 403),
    ],
)
def test_a_token_is_refused(change: dict[str, str], status: int) -> None:
    async def test(sandbox: Sandbox) -> None:
        body = {
            "grant_type": "client_credentials",
            "client_id": "sandbox",
            "client_secret": "sandbox-secret",
            "audience": "https://sandbox.example/api/v2/",
        }
        answer = await sandbox.call("POST", "/auth0/oauth/token", None, json=body | change)
        assert answer.status == status
        assert answer.body["error"] in ("access_denied", "unauthorized_client")

    inside(CONFIG, test)


def test_a_token_expires() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.configure(token_ttl=60)
        token = await sandbox.auth0_token()
        assert (await sandbox.call("GET", f"{USERS}?per_page=1", token)).status == 200
        sandbox.clock.advance(61)
        expired = await sandbox.call("GET", USERS, token)
        assert (expired.status, expired.body["error"]) == (401, "Unauthorized")
        assert (await sandbox.call("GET", USERS, None)).status == 401

    inside(CONFIG, test)


def test_pages_end_at_a_thousand_rows() -> None:
    async def test(sandbox: Sandbox) -> None:
        token = await sandbox.auth0_token()
        page = await sandbox.call("GET", f"{USERS}?page=9&per_page=100&include_totals=true", token)
        assert (page.body["start"], page.body["length"], page.body["total"]) == (900, 100, 1000)
        beyond = await sandbox.call("GET", f"{USERS}?page=10&per_page=100", token)
        assert beyond.status == 400
        assert beyond.body["errorCode"] == "invalid_paging"
        assert beyond.body["message"] == "Requesting page exceeds the allowed maximum of 1000 records"
        assert (await sandbox.call("GET", f"{USERS}?per_page=101", token)).status == 400

    inside(CONFIG, test)


async def _window(sandbox: Sandbox, token: str, window: str, **more: str) -> Any:
    query = {"q": f"created_at:{window}", "search_engine": "v3", "include_totals": "true", "per_page": "100"}
    return (await sandbox.call("GET", USERS, token, params=query | more)).body


def test_windows_of_created_at_reach_everybody() -> None:
    async def test(sandbox: Sandbox) -> None:
        token = await sandbox.auth0_token()
        record = sandbox.world.population.record
        edges = [record(number)["created_at"] for number in (0, 700, 1400, 2100)]
        windows = [f"[{low} TO {high}}}" for low, high in pairwise(edges)]
        found = list[str]()
        for window in [*windows, f"[{edges[-1]} TO *]"]:
            total = (await _window(sandbox, token, window))["total"]
            for page in range(-(-total // 100)):
                users = (await _window(sandbox, token, window, page=str(page), sort="created_at:1"))["users"]
                found += [user["user_id"] for user in users]
        assert found == [record(number)["user_id"] for number in range(2500)]
        both = await _window(sandbox, token, f"[{edges[0]} TO {edges[1]}]")
        neither = await _window(sandbox, token, f"{{{edges[0]} TO {edges[1]}}}")
        assert (both["total"], neither["total"]) == (701, 699)
        for wrong in ("nonsense", "[x TO y]"):
            assert (await _window(sandbox, token, wrong))["errorCode"] == "invalid_query_string"

    inside(CONFIG, test)


def test_who_was_added_deleted_or_corrected_is_seen_so() -> None:
    async def test(sandbox: Sandbox) -> None:
        token = await sandbox.auth0_token()
        record = sandbox.world.population.record(0)
        path = f"/_sandbox/source/users/{record['user_id'].replace('|', '%7C')}"
        await sandbox.call("PATCH", path, None, json={"email": "fixed@example.com", "passwordHash": "x"})
        shown = await sandbox.call("GET", f"{USERS}/{record['user_id'].replace('|', '%7C')}", token)
        assert shown.body["email"] == "fixed@example.com"
        assert "passwordHash" not in shown.body
        new = {"user_id": "auth0|new", "email": "n@example.com", "created_at": "2026-01-01T00:00:00.000Z"}
        await sandbox.call("POST", "/_sandbox/source/users", None, json=new)
        recent = await _window(sandbox, token, "[2025-12-31 TO *]")
        assert [user["user_id"] for user in recent["users"]] == ["auth0|new"]
        assert (await sandbox.call("DELETE", path, None)).status == 204
        gone = await sandbox.call("GET", f"{USERS}/{record['user_id'].replace('|', '%7C')}", token)
        assert (gone.status, gone.body["errorCode"]) == (404, "inexistent_user")

    inside(CONFIG, test)


def test_every_kind_of_account_is_there() -> None:
    async def test(sandbox: Sandbox) -> None:
        records = [sandbox.world.population.record(number) for number in range(2500)]
        kinds = {record["user_id"].partition("|")[0] for record in records}
        assert kinds == {"auth0", "google-oauth2", "samlp", "waad", "sms"}
        assert any(len(record["identities"]) > 1 for record in records)
        assert any(record.get("blocked") for record in records)
        assert any("email" not in record for record in records)
        assert all(record["user_id"].isascii() for record in records)

    inside(SandboxConfig(source="auth0", users=2500, faults="some"), test)


def test_the_published_rate_is_kept_and_named_as_a_point_in_time() -> None:
    async def test(sandbox: Sandbox) -> None:
        token = await sandbox.auth0_token()
        for _ in range(40):
            assert (await sandbox.call("GET", f"{USERS}?per_page=1", token)).status == 200
        refused = await sandbox.call("GET", f"{USERS}?per_page=1", token)
        headers = {name.lower(): value for name, value in refused.headers.items()}
        assert (refused.status, refused.body["errorCode"]) == (429, "too_many_requests")
        assert "retry-after" not in headers
        assert headers["x-ratelimit-remaining"] == "0"
        assert 0 < int(headers["x-ratelimit-reset"]) - sandbox.clock.now() <= 1
        sandbox.clock.advance(int(headers["x-ratelimit-reset"]) - sandbox.clock.now())
        assert (await sandbox.call("GET", f"{USERS}?per_page=1", token)).status == 200

    inside(SandboxConfig(source="auth0", users=5), test)


def test_connections_are_listed_by_strategy_and_by_checkpoint() -> None:
    async def test(sandbox: Sandbox) -> None:
        token = await sandbox.auth0_token()
        path = "/auth0/api/v2/connections"
        assert len((await sandbox.call("GET", path, token)).body) == 3 + 24
        enterprise = (await sandbox.call("GET", f"{path}?strategy=samlp&strategy=adfs", token)).body
        assert {connection["strategy"] for connection in enterprise} == {"samlp", "adfs"}
        first = (await sandbox.call("GET", f"{path}?take=25", token)).body
        rest = (await sandbox.call("GET", f"{path}?take=25&from={first['next']}", token)).body
        assert (len(first["connections"]), len(rest["connections"])) == (25, 2)
        assert "next" not in rest
        assert (await sandbox.call("GET", f"{path}?include_totals=true", token)).body["total"] == 27

    inside(CONFIG, test)
