"""Which held events need not be sent: what a newer one says again, what came and went, what was imported."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from cockpit.webhooks.classify import verb

Reason = Literal["superseded", "paired", "stale"]
"""superseded: a newer update of the same thing is held. paired: it was created and deleted again while held.
stale: the record that was imported is as new or newer."""


class Told(NamedTuple):
    """A held event of one subject. `id` grows in the order of arrival, `at` is in ms."""

    id: int
    type: str
    at: int | None


def coalesce(events: Sequence[Told]) -> dict[int, Reason]:
    """Of all held events of one subject, in order of arrival: those that may be left out, and why.

    Webhooks come in any order, so the age inside them decides, and arrival where ages are the same or
    unknown.
    """
    ordered = sorted(events, key=lambda event: (event.at, event.id)) if _aged(events) else events
    lives = [event for event in ordered if verb(event.type) in ("created", "updated", "deleted")]
    if lives and verb(lives[0].type) == "created" and verb(lives[-1].type) == "deleted":
        return {event.id: "paired" for event in lives}
    updates = [event.id for event in lives if verb(event.type) == "updated"]
    return dict.fromkeys(updates[:-1], "superseded")


def stale(event: Told, imported_at: int | None) -> bool:
    """Whether what it says of a record is in the one that was imported, which was changed at `imported_at`.

    Both ages are the provider's own. A deletion is never stale.
    """
    if event.at is None or imported_at is None:
        return False
    return verb(event.type) in ("created", "updated") and event.at <= imported_at


def _aged(events: Iterable[Told]) -> bool:
    return all(event.at is not None for event in events)
