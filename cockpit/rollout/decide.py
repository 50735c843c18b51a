"""Which side a login goes to. Pure."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from cockpit.rollout.route import Route, Side

Reason = Literal["again", "flow", "marker", "begun", "route", "unknown"]
"""again: this very answer was here before. flow: what it answers to began on that side. marker: this
browser's login did. begun: one that nobody can tell apart began at WorkOS. route: the map and the flag.
unknown: no route."""


class Decision(NamedTuple):
    """A side, and what decided it."""

    side: Side
    reason: Reason


class Known(NamedTuple):
    """What is known of an answer besides its route: the sides of `again` and `flow`, as in `Reason`.

    `solicited`: somebody asked for it; False for a login that the IdP began.
    """

    again: Side | None = None
    flow: Side | None = None
    marker: Side | None = None
    solicited: bool = True


def decide(route: Route | None, now_at: Side, known: Known, begun_at_workos: Callable[[], bool]) -> Decision:
    """The side of an answer of a connection whose new logins go to `now_at`.

    What began on one side ends there. After a hard kill nothing new goes to WorkOS, but what was there
    before goes there again: no assertion is ever seen by both.
    """
    if known.again is not None:
        return Decision(known.again, "again")
    if route is None:
        return Decision("legacy", "unknown")
    if known.flow is not None and not (route.hard and known.flow == "workos"):
        return Decision(known.flow, "flow")
    if known.solicited:
        if known.marker is not None and not (route.hard and known.marker == "workos"):
            return Decision(known.marker, "marker")
        if now_at == "legacy" and not route.hard and begun_at_workos():
            return Decision("workos", "begun")
    return Decision(now_at, "route")
