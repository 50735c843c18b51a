"""A tank that has something in it, without a sender."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from cockpit.state.database import open_state, transaction
from cockpit.state.tank import TANK, arrivals, beside
from cockpit.state.tank.arrivals import Arrival
from cockpit.webhooks.classify import classify

AT = 1_767_323_045_000


def event(number: int, type_: str, user: str, **data: object) -> Arrival:
    """An event of Clerk's; `sequence` is its number. `at` in data sets its age."""
    data.setdefault("updated_at", AT + number)
    body = json.dumps({"type": type_, "data": {"id": user, **data}, "sequence": number}).encode()
    ident = f"msg_{number:06}"
    headers = {"svix-id": ident, "content-type": "application/json", "x-tag": "kept", "x-odd": "ün\u00ef"}
    return Arrival("clerk", *classify(headers, body), AT, json.dumps(headers), body)


def updates(count: int, users: int) -> Iterator[Arrival]:
    """So many updates, the users in turn."""
    for number in range(count):
        yield event(number, "user.updated", f"user_{number % users}", note="x" * 200)


def fill(state: Path, events: Iterable[Arrival], scheme: str = "standard") -> None:
    """Put them into the tank of a state file."""
    connection = open_state(beside(state), create=True, kind=TANK)
    with transaction(connection):
        arrivals.listening(connection, {"clerk": scheme}, "127.0.0.1:9", AT)
        arrivals.keep(connection, list(events))
    connection.close()
