"""What must hold before a connection's logins go to WorkOS. Pure: facts in, closed gates out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from cockpit.connections.board import Column
from cockpit.rollout.freeze import spaced
from cockpit.rollout.route import AT_WORKOS
from cockpit.rollout.rules import RolloutSettings
from cockpit.words import DAY_MS, counted, ends

GateName = Literal[
    "order", "column", "mapped", "target", "domains", "diff", "quiet", "certificate", "approval", "calendar",
    "spacing",
]  # fmt: skip
NEVER_PASSED: frozenset[GateName] = frozenset(("column", "mapped"))
"""Without these there is nothing to flip to; --override does not help."""
OF_THE_MOMENT: frozenset[GateName] = frozenset(("calendar", "spacing"))
"""These open by themselves; an armed flip waits for them."""

HOUR_MS = 3_600_000
_USABLE = ("validating", "active")


class Closed(NamedTuple):
    """A gate that is closed: why, and what to do."""

    gate: GateName
    why: str


class Target(NamedTuple):
    """What WorkOS said of a connection, and when (ms). `unverified`: domains that are not so there."""

    state: str | None
    callback_endpoint: str | None
    unverified: tuple[str, ...]
    asked_at: int


class LastDiff(NamedTuple):
    """The newest finished diff: when (ms), and how many differences it found in this organization's users."""

    finished_at: int
    of_organization: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a connection before its flip. Times are ms; `last_flip`: of any other connection.

    `approved_by`: who approved it, the one who flips not counted. `restless`: why nothing at all may be
    flipped yet, of a source that is not proven quiet; None once something was.
    """

    connection: str
    column: Column
    target_id: str | None
    callback_endpoint: str | None
    target: Target | None
    diff: LastDiff | None
    certificate_until: int | None
    last_flip: int | None
    approved_by: tuple[str, ...] = ()
    restless: str | None = None


def closed(facts: Facts, rules: RolloutSettings, now: int) -> list[Closed]:
    """The gates that are closed, in the order in which a person would go about them."""
    return [*_closed(facts, rules, now)]


def _closed(facts: Facts, rules: RolloutSettings, now: int) -> Iterator[Closed]:
    ident = facts.connection
    if facts.column in AT_WORKOS:
        yield Closed("column", f"{ident} is {facts.column}: its logins go to WorkOS already")
    if facts.column == "manual":
        yield Closed(
            "column",
            f"{ident} does not move by itself; see: cockpit connections show {ident}",
        )
    if facts.target_id is None or facts.callback_endpoint is None:
        yield Closed(
            "mapped",
            f"WorkOS has no connection for {ident}, or its callback endpoint is not known: "
            f"cockpit connections create {ident}, then cockpit connections match",
        )
    else:
        yield from _target(facts, facts.target, rules, now)
    yield from _diff(facts.diff, rules, now)
    if facts.restless is not None:
        yield Closed("quiet", f"the first flip waits: {facts.restless}")
    until = facts.certificate_until
    if until is not None and (until - now) // DAY_MS < rules.certificate_days:
        yield Closed(
            "certificate",
            f"the IdP's certificate {ends(until, now)} (at least {counted(rules.certificate_days, 'day')}): "
            "have the customer renew it first",
        )
    if rules.two_person and not facts.approved_by:
        yield Closed(
            "approval",
            f"a second person has to agree: cockpit rollout approve {ident} --operator NAME",
        )
    if (why := rules.closed(now / 1000)) is not None:
        yield Closed("calendar", why)
    if (why := spaced(facts.last_flip, now, rules.spacing_min)) is not None:
        yield Closed("spacing", why)


def _target(facts: Facts, target: Target | None, rules: RolloutSettings, now: int) -> Iterator[Closed]:
    if target is None or now - target.asked_at > rules.ask_hours * HOUR_MS:
        yield Closed("target", "WorkOS was not asked of late how it stands: cockpit rollout ask")
        return
    if target.state not in _USABLE:
        yield Closed("target", f"it is {target.state or 'not there'} at WorkOS, not validating or active")
    if target.callback_endpoint not in (None, facts.callback_endpoint):
        yield Closed(
            "target", "WorkOS names another callback endpoint than the stored one: cockpit connections match"
        )
    if target.unverified:
        yield Closed(
            "domains",
            f"not verified at WorkOS: {', '.join(target.unverified)}; "
            f"cockpit connections create {facts.connection} brings them",
        )


def _diff(diff: LastDiff | None, rules: RolloutSettings, now: int) -> Iterator[Closed]:
    if diff is None:
        yield Closed("diff", "users were never compared: cockpit users diff")
        return
    hours = (now - diff.finished_at) / HOUR_MS
    if hours > rules.diff_hours:
        yield Closed(
            "diff", f"the last diff is {hours:.0f} h old (at most {rules.diff_hours:g}): cockpit users diff"
        )
    if diff.of_organization:
        yield Closed(
            "diff",
            f"the last diff found {counted(diff.of_organization, 'difference')} in its users: "
            "cockpit users sync",
        )
