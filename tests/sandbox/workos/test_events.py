"""GET /events: oldest first, by cursor, by name and by time."""

from typing import Any

import pytest

from cockpit.sandbox.workos import event_log
from tests.sandbox.inside import BARE, Sandbox, inside
from tests.sandbox.workos.tenants import join, organization, user

ALL = "events=user.created,user.updated,user.deleted"


async def _history(sandbox: Sandbox) -> None:
    ids = []
    for number in range(3):
        sandbox.clock.advance(1)
        ids.append((await sandbox.create(email=f"u{number}@b.example", name="Old")).body["id"])
    await sandbox.call("PUT", f"/user_management/users/{ids[0]}", json={"name": "New"})
    await sandbox.call("DELETE", f"/user_management/users/{ids[1]}")


async def _page(sandbox: Sandbox, query: str) -> Any:
    return (await sandbox.call("GET", f"/events?{query}")).body


def test_events_tell_what_happened_oldest_first() -> None:
    async def test(sandbox: Sandbox) -> None:
        await _history(sandbox)
        events = (await _page(sandbox, ALL))["data"]
        assert [event["event"] for event in events] == ["user.created"] * 3 + ["user.updated", "user.deleted"]
        assert [event["id"] for event in events] == sorted(event["id"] for event in events)
        assert events[0]["data"]["name"] == "Old"
        assert events[3]["data"]["name"] == "New"

    inside(BARE, test)


def test_a_cursor_leads_on_until_there_is_no_more() -> None:
    async def test(sandbox: Sandbox) -> None:
        await _history(sandbox)
        first = await _page(sandbox, f"{ALL}&limit=2")
        second = await _page(sandbox, f"{ALL}&limit=3&after={first['list_metadata']['after']}")
        assert len(first["data"]) == 2
        assert len(second["data"]) == 3
        assert second["list_metadata"]["after"] is None

    inside(BARE, test)


def test_names_may_be_a_list_or_repeated() -> None:
    async def test(sandbox: Sandbox) -> None:
        await _history(sandbox)
        repeated = await _page(sandbox, "events[]=user.updated&events[]=user.deleted")
        assert [event["event"] for event in repeated["data"]] == ["user.updated", "user.deleted"]
        assert (await sandbox.call("GET", "/events")).status == 422

    inside(BARE, test)


def test_a_range_is_in_utc_with_z() -> None:
    async def test(sandbox: Sandbox) -> None:
        await _history(sandbox)
        created = [event["created_at"] for event in (await _page(sandbox, "events=user.created"))["data"]]
        late = await _page(sandbox, f"events=user.created&range_start={created[1]}")
        assert len(late["data"]) == 2
        early = await _page(sandbox, f"events=user.created&range_end={created[0]}")
        assert len(early["data"]) == 1
        for instant in ("2024-01-01T00:00:00%2B00:00", "yesterdayZ"):
            assert (await sandbox.call("GET", f"/events?{ALL}&range_start={instant}")).status == 422

    inside(BARE, test)


def test_a_range_is_at_most_thirty_days() -> None:
    async def test(sandbox: Sandbox) -> None:
        query = f"/events?{ALL}&range_start=2023-10-16T00:00:00Z"  # it is 14 November
        assert (await sandbox.call("GET", query)).status == 200
        assert (await sandbox.call("GET", f"{query}&range_end=2023-11-15T00:00:01Z")).status == 422
        sandbox.clock.advance(86_400)
        sandbox.clock.advance(86_400)
        assert (await sandbox.call("GET", query)).status == 422
        assert (await sandbox.call("GET", f"{query}&range_end=2023-11-15T00:00:00Z")).status == 200

    inside(BARE, test)


def test_events_may_be_those_of_one_organization() -> None:
    async def test(sandbox: Sandbox) -> None:
        first, second = await organization(sandbox, "A"), await organization(sandbox, "B")
        member = await user(sandbox)
        await join(sandbox, member, second)
        names = "events=organization.created,organization_membership.created,user.created"
        found = (await _page(sandbox, f"{names}&organization_id={second}"))["data"]
        assert [event["event"] for event in found] == [
            "organization.created",
            "organization_membership.created",
        ]
        assert len((await _page(sandbox, f"{names}&organization_id={first}"))["data"]) == 1

    inside(BARE, test)


def test_events_are_kept_for_ninety_days() -> None:
    async def test(sandbox: Sandbox) -> None:
        await _history(sandbox)
        sandbox.clock.advance(91 * 86_400)
        assert (await _page(sandbox, ALL))["data"] == []

    inside(BARE, test)


def test_the_log_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "EVENTS_KEPT", 5)
    monkeypatch.setattr(event_log, "_EVENTS_DROPPED_AT_ONCE", 5)

    async def test(sandbox: Sandbox) -> None:
        for number in range(12):
            await sandbox.create(email=f"u{number}@b.example")
        emails = [event["data"]["email"] for event in (await _page(sandbox, ALL + "&limit=100"))["data"]]
        assert emails == [f"u{number}@b.example" for number in range(5, 12)]

    inside(BARE, test)
