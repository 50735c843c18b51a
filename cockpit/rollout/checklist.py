"""What proves that a connection's logins work at WorkOS, item by item. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

DASHBOARD = "dashboard"
TICKS = (DASHBOARD,)
"""What a person sees and ticks off."""
SAME_SIGN_IN_S = 300
"""A session made so near to the event, by SSO, is the one of that sign-in."""


class SignedIn(NamedTuple):
    """The newest authentication.sso_succeeded of a connection; `at` in ms."""

    event: str
    at: int
    session: str | None
    user: str | None
    email: str | None


class Webhook(NamedTuple):
    """Whether the event of a sign-in came to the tank by webhook: when (ms), None where it has not."""

    received: int | None


class Item(NamedTuple):
    """One point: whether it holds (None: not known yet), what was found, and what to do where it does not."""

    what: str
    done: bool | None
    found: str
    todo: str = ""


def shows(sessions: Sequence[dict[str, Any]], signed_in: SignedIn) -> str | None:
    """The id of the session of that sign-in in a user's list, None when the list has none.

    UNVERIFIED: that the event's session id is the one of the list. Where it is not there, an SSO session of
    the same moment is taken.
    """
    for each in sessions:
        if each.get("id") == signed_in.session:
            return str(each["id"])
    for each in sessions:
        near = abs(_seconds(each.get("created_at")) - signed_in.at / 1000) <= SAME_SIGN_IN_S
        if each.get("auth_method") == "sso" and near:
            return str(each["id"])
    return None


def _seconds(text: Any) -> float:
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return float("-inf")


def items(
    signed_in: SignedIn | None,
    session: str | None,
    asked: str | None,
    webhook: Webhook | None,
    dashboard: str,
    ticked: str | None,
) -> Iterator[Item]:
    """The list. `session`: what the user's sessions showed; `asked`: why they could not be asked for.

    `webhook`: None where no tank takes WorkOS's. `dashboard`: the address to look at; `ticked`: who has, and
    when.
    """
    if signed_in is None:
        yield Item(
            "event",
            False,
            "no authentication.sso_succeeded since the flip",
            "ask the customer for a test login",
        )
    elif signed_in.session is None:
        yield Item("event", False, f"{signed_in.event} names no session", "look at it: cockpit events")
    else:
        yield Item("event", True, f"{signed_in.event}, session {signed_in.session}")
    if signed_in is None:
        yield Item("session", None, "no sign-in to look for")
    elif asked is not None:
        yield Item("session", None, asked, "try again")
    else:
        found = f"{signed_in.email or signed_in.user}: {session or 'no session of that sign-in'}"
        yield Item("session", session is not None, found)
    yield _by_webhook(signed_in, webhook)
    yield Item(
        DASHBOARD,
        ticked is not None,
        ticked or dashboard,
        "" if ticked else "look there, then: cockpit rollout tick ID dashboard",
    )


def _by_webhook(signed_in: SignedIn | None, webhook: Webhook | None) -> Item:
    if webhook is None:
        hold = "point an endpoint of WorkOS at the tank: cockpit webhooks hold --source workos"
        return Item("webhook", None, "no tank takes WorkOS's webhooks", hold)
    if signed_in is None:
        return Item("webhook", None, "no sign-in to look for")
    if webhook.received is None:
        return Item("webhook", False, f"{signed_in.event} has not come", "look at: cockpit webhooks flow")
    seconds = (webhook.received - signed_in.at) / 1000
    return Item("webhook", True, f"{signed_in.event} came after {seconds:.1f} s")
