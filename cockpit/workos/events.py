"""The Events API: which events are followed, a page of them, and what one says.

GET /events: oldest first, its order is guaranteed, its ids are those of webhooks; an event is kept for 90
days, and a range in a request may be 30 days long (documentation: events).
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cockpit.terms import FOLLOWED, SIGN_INS, Event
from cockpit.workos.client import WorkOS
from cockpit.workos.replies import Reply

PAGE = 100
RANGE_MS, KEPT_MS = 30 * 86_400_000, 90 * 86_400_000


class EventsRefused(Exception):
    """The target refuses to list its events, or lists them in a way that can't be read; one line."""


class Window(NamedTuple):
    """The part of the log that a page is asked from: what follows an event, or a range of time (ms)."""

    after: str | None = None
    since: int | None = None
    until: int | None = None


async def page(target: WorkOS, window: Window) -> Reply:
    """A page of the events of FOLLOWED."""
    wanted = {
        "after": window.after,
        "range_start": None if window.since is None else iso(window.since),
        "range_end": None if window.until is None else iso(window.until),
    }
    params = {"events": ",".join(FOLLOWED), "limit": str(PAGE)}
    return await target.list_events(params | {name: value for name, value in wanted.items() if value})


class Read(NamedTuple):
    """What a page says: the events of FOLLOWED, the id of its last event of any name, whether more follow."""

    events: Sequence[Event]
    last: str | None
    more: bool


def read(reply: Reply) -> Read:
    """What is in a page. Raises ValueError where it has no usable shape."""
    body = reply.data or {}
    found = body.get("data")
    if not isinstance(found, list):
        raise ValueError("no list of events")
    try:
        events = [_event(raw) for raw in found if raw["event"] in FOLLOWED]
        last = str(found[-1]["id"]) if found else None
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"an event of another shape ({type(error).__name__}: {error})") from None
    return Read(events, last, bool((body.get("list_metadata") or {}).get("after")))


def _event(raw: Any) -> Event:
    data = raw["data"]
    sso = data.get("sso") or {}
    # connection.saml_certificate_... have the connection one level deeper.
    own = data if data.get("object") == "connection" else data.get("connection") or {}
    return Event(
        id=str(raw["id"]),
        name=str(raw["event"]),
        at=round(datetime.fromisoformat(raw["created_at"]).timestamp() * 1000),
        connection=sso.get("connection_id") or own.get("id"),
        organization=sso.get("organization_id") or own.get("organization_id"),
        sign_in=SIGN_INS.get(raw["event"]),
        body=json.dumps(raw, separators=(",", ":")),
    )


def iso(milliseconds: int) -> str:
    """ISO 8601 in UTC that ends in Z: offsets are refused."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
