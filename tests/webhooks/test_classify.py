"""What events of each provider are about; shapes from the providers' documentation."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.webhooks.classify import Classified, classify, moment

AT = "2026-01-02T03:04:05.678Z"
AT_MS = 1767323045678

SAMPLES: dict[str, tuple[dict[str, str], Any, Classified]] = {
    "clerk, a user": (
        {"svix-id": "msg_1"},
        {"type": "user.updated", "object": "event", "data": {"id": "user_1", "updated_at": AT_MS}},
        Classified("msg_1", "user.updated", "user_1", "user:user_1", AT_MS),
    ),
    "clerk, a deletion": (
        {"svix-id": "msg_2"},
        {
            "type": "user.deleted",
            "timestamp": AT_MS,
            "data": {"id": "user_1", "deleted": True, "object": "user"},
        },
        Classified("msg_2", "user.deleted", "user_1", "user:user_1", AT_MS),
    ),
    "clerk, a membership": (
        {"svix-id": "msg_3"},
        {
            "type": "organizationMembership.created",
            "data": {
                "id": "orgmem_1",
                "organization": {"id": "org_1"},
                "public_user_data": {"user_id": "user_1"},
                "updated_at": AT_MS,
            },
        },
        Classified(
            "msg_3", "organizationMembership.created", "user_1", "organizationMembership:orgmem_1", AT_MS
        ),
    ),
    "clerk, an organization": (
        {"svix-id": "msg_4"},
        {"type": "organization.updated", "data": {"id": "org_1", "updated_at": AT_MS}},
        Classified("msg_4", "organization.updated", "org_1", "organization:org_1", AT_MS),
    ),
    "workos, a user": (
        {"workos-signature": "t=1, v1=x"},
        {
            "id": "event_1",
            "event": "user.created",
            "created_at": AT,
            "data": {"id": "user_1", "updated_at": AT},
        },
        Classified("event_1", "user.created", "user_1", "user:user_1", AT_MS),
    ),
    "workos, a membership": (
        {},
        {
            "id": "event_2",
            "event": "organization_membership.created",
            "data": {"id": "om_1", "user_id": "user_1", "organization_id": "org_1", "updated_at": AT},
        },
        Classified(
            "event_2", "organization_membership.created", "user_1", "organization_membership:om_1", AT_MS
        ),
    ),
    "auth0, an event stream": (
        {},
        {
            "specversion": "1.0",
            "type": "user.updated",
            "id": "evt_1",
            "time": "2026-02-02T00:00:00Z",
            "data": {"object": {"user_id": "auth0|1", "updated_at": AT}},
        },
        Classified("evt_1", "user.updated", "auth0|1", "user:auth0|1", AT_MS),
    ),
    "auth0, one of a log stream": (
        {},
        {"log_id": "900", "data": {"type": "ss", "user_id": "auth0|1", "date": AT}},
        Classified("900", "log.ss", "auth0|1", "log:auth0|1", AT_MS),
    ),
    "stytch, a user": (
        {"svix-id": "msg_5"},
        {
            "action": "UPDATE",
            "event_id": "event-1",
            "id": "user-1",
            "object_type": "user",
            "timestamp": AT,
            "user": {"user_id": "user-1"},
        },
        Classified("msg_5", "user.updated", "user-1", "user:user-1", AT_MS),
    ),
    "supabase, a row": (
        {},
        {"type": "INSERT", "table": "users", "schema": "auth", "record": {"id": "u1", "updated_at": AT}},
        Classified("sha256:", "user.created", "u1", "user:u1", AT_MS),
    ),
    "a batch": ({}, [{"log_id": "1"}], Classified("sha256:", "unknown", "", "", None)),
    "nothing known": ({}, {"hello": 1}, Classified("sha256:", "unknown", "", "", None)),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_an_event_is_what_its_provider_says(name: str) -> None:
    headers, body, expected = SAMPLES[name]
    found = classify(headers, json.dumps(body).encode())
    assert found.event.startswith(expected.event)
    assert found._replace(event="") == expected._replace(event="")


def test_a_body_without_an_id_is_the_same_event_only_when_it_is_the_same() -> None:
    assert classify({}, b"[1]").event == classify({}, b"[1]").event != classify({}, b"[2]").event


NAMES = st.sampled_from(
    ["type", "event", "data", "object", "id", "user_id", "user", "table", "record", "action", "object_type"]
)
AGES = st.sampled_from(["updated_at", "timestamp", "log_id"])
ODD = st.sampled_from(
    [1e300, -1e300, 10**30, "\ud800", "a\r\nb", "x" * 9999, "0001-01-01T00:00:00+14:00", "9999"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | AGES, inner, max_size=6),
    max_leaves=20,
)


@given(st.dictionaries(NAMES | AGES, JSON))
def test_any_json_is_an_event_that_can_be_kept_and_named_in_a_header(body: dict[str, object]) -> None:
    found = classify({}, json.dumps(body).encode())
    assert found.event and found.type
    for text in (found.event, found.type, found.key, found.subject):
        assert "\r" not in text and "\n" not in text
        assert len(text.encode()) < 4000
    assert found.at is None or -(1 << 62) < found.at < 1 << 62


@given(st.binary())
def test_any_bytes_are_an_event(body: bytes) -> None:
    assert classify({"svix-id": "\x00"}, body).event.startswith("sha256:") or body.strip()


def test_times_in_every_writing() -> None:
    assert moment(AT) == moment(AT_MS) == AT_MS
    assert moment(1767323045) == 1767323045000
    assert moment("2026-01-02T03:04:05") == 1767323045000
    assert moment("soon") is moment(None) is moment(True) is None
