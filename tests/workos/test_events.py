"""What an event of WorkOS says, and which part of the log is asked for."""

import json
from typing import Any

import pytest

from cockpit.workos import events
from cockpit.workos.replies import Reply

SSO = {"organization_id": "org_1", "connection_id": "conn_1", "session_id": "s"}


def page(*found: dict[str, Any], after: str | None = None) -> Reply:
    return Reply("ok", 200, {"object": "list", "data": list(found), "list_metadata": {"after": after}})


def raw(name: str, data: dict[str, Any], number: int = 1) -> dict[str, Any]:
    return {
        "object": "event",
        "id": f"event_{number}",
        "event": name,
        "data": data,
        "created_at": "2026-11-25T12:00:00.250Z",
    }


def test_a_sign_in_names_its_connection_and_what_came_of_it() -> None:
    told = raw("authentication.sso_failed", {"type": "sso", "email": "a@b.example", "sso": SSO})
    (event,) = events.read(page(told)).events
    assert (event.connection, event.organization, event.sign_in) == ("conn_1", "org_1", "failed")
    assert event.at == 1_795_608_000_250
    assert json.loads(event.body) == told


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("connection.activated", {"object": "connection", "id": "conn_1", "organization_id": "org_1"}),
        (
            "connection.saml_certificate_renewal_required",
            {"connection": {"id": "conn_1", "organization_id": "org_1"}, "days_until_expiry": 9},
        ),
    ],
)
def test_events_of_connections_name_them_and_are_no_sign_ins(name: str, data: dict[str, Any]) -> None:
    (event,) = events.read(page(raw(name, data))).events
    assert (event.connection, event.organization, event.sign_in) == ("conn_1", "org_1", None)


def test_events_of_other_names_are_left_out_but_lead_on() -> None:
    other = raw("user.created", {"object": "user"}, 2)
    found = events.read(page(raw("authentication.sso_started", {"sso": SSO}), other, after="event_2"))
    assert [event.id for event in found.events] == ["event_1"]
    assert (found.last, found.more) == ("event_2", True)
    assert events.read(page()) == ([], None, False)


@pytest.mark.parametrize(
    "reply",
    [
        Reply("ok", 200, {}),
        Reply("ok", 200, {"data": ["text"]}),
        Reply("ok", 200, {"data": [raw("authentication.sso_started", {}) | {"created_at": "soon"}]}),
        Reply("ok", 200, {"data": [raw("authentication.sso_started", {}) | {"data": None}]}),
    ],
)
def test_a_page_of_another_shape_is_refused(reply: Reply) -> None:
    with pytest.raises(ValueError):
        events.read(reply)
