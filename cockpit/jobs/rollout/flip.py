"""Flipping one connection: the gates, a person's word, and the transaction that moves its logins."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from cockpit.rollout.flip import OPEN, FlipRefused
from cockpit.rollout.gates import NEVER_PASSED, OF_THE_MOMENT, Closed, Facts, LastDiff, closed
from cockpit.rollout.rules import RolloutSettings
from cockpit.state import webhook_steps
from cockpit.state.database import transaction
from cockpit.state.rollout import approvals, described, flips, routes, targets, waves
from cockpit.state.rollout.audit import Actor
from cockpit.state.rollout.flips import Flip
from cockpit.webhooks.gates import first_flip


class GatesClosed(Exception):
    """Something must be proven first; `gates` says what, and the message as well."""

    def __init__(self, gates: Sequence[Closed]) -> None:
        passable = all(each.gate not in NEVER_PASSED for each in gates)
        super().__init__(
            "; ".join(each.why for each in gates)
            + ('; or pass over it: --override "why"' if passable else "")
        )
        self.gates = gates


def facts(
    state: sqlite3.Connection, rollout: sqlite3.Connection, idents: Iterable[str], operator: str, now: int
) -> Iterator[Facts]:
    """What is known of each of these before `operator` flips it. Raises KeyError for an unknown one.

    What is the same for all is read once.
    """
    last = flips.last_flipped_at(rollout)
    restless = first_flip(webhook_steps.flip_evidence(state, now)) if last is None else None
    for ident in idents:
        line = routes.one(rollout, ident).described
        compared = described.differences(state, ident)
        yield Facts(
            connection=ident,
            column=line.route.column,
            target_id=line.route.target_id,
            callback_endpoint=line.route.callback_endpoint,
            target=targets.of(rollout, ident),
            diff=None if compared is None else LastDiff(*compared),
            certificate_until=line.certificate_until,
            last_flip=last,
            approved_by=approvals.by_others(rollout, ident, operator, now),
            restless=restless,
        )


def flip(
    state: sqlite3.Connection,
    rollout: sqlite3.Connection,
    ident: str,
    operator: str,
    rules: RolloutSettings,
    now: int,
    *,
    override: str | None = None,
    later: bool = False,
) -> Flip:
    """A person sends the logins of one connection to WorkOS, now. `override`: why closed gates are passed.

    `later`: it is only armed; the watch flips it once the calendar and the flip before let it, so that these
    gates may be closed. Raises GatesClosed, FlipRefused, KeyError.
    """
    (known,) = facts(state, rollout, [ident], operator, now)
    found = closed(known, rules, now)
    passed = passing([each for each in found if not (later and each.gate in OF_THE_MOMENT)], override)
    with transaction(rollout):
        present = flips.newest(rollout, ident)
        if not later and present is not None and present.stage == "armed":
            number = present.id  # it waited for its moment; a person calls that now
        else:
            number = flips.arm(rollout, ident, operator, now, why=override, passed=passed)
            approvals.use(rollout, ident, now)
        if not later:
            flips.begin(rollout, number, now)
    return flips.get(rollout, number)


def passing(found: Sequence[Closed], override: str | None) -> frozenset[str]:
    """The gates that an override passes over. Raises GatesClosed where that is not enough."""
    stuck = [each for each in found if override is None or each.gate in NEVER_PASSED]
    if stuck:
        raise GatesClosed(stuck)
    return frozenset(each.gate for each in found)


def perform(
    state: sqlite3.Connection,
    rollout: sqlite3.Connection,
    armed: Flip,
    rules: RolloutSettings,
    now: int,
) -> bool:
    """Move the logins of an armed flip if its gates are open; else note what it waits for.

    The calendar and the time between two flips hold always; the others where no person passed them over.
    Raises FlipRefused where somebody took it back meanwhile.
    """
    (known,) = facts(state, rollout, [armed.connection], armed.operator, now)
    open_again = armed.passed - OF_THE_MOMENT
    agreed = {"approval"} if armed.wave else set()  # the wave was approved as a whole
    left = [each for each in closed(known, rules, now) if each.gate not in open_again | agreed]
    with transaction(rollout):
        if armed.wave is not None and (wave := waves.get(rollout, armed.wave)).state != "running":
            raise FlipRefused(f"wave {wave.name} is {wave.state}")
        if left:
            flips.wait(rollout, armed.id, left[0].why)
        else:
            flips.begin(rollout, armed.id, now)
    return not left


def confirm(rollout: sqlite3.Connection, flipped: Flip) -> Flip:
    """Every proxy has it. Whoever says so first is enough; one that was taken back stays that."""
    with transaction(rollout):
        if flips.get(rollout, flipped.id).stage == "flipping":
            flips.confirm(rollout, flipped.id)
    return flips.get(rollout, flipped.id)


def cancel(rollout: sqlite3.Connection, ident: str, operator: str, now: int) -> Flip:
    """A person takes back a flip that has not ended: disarmed, or its logins back to legacy.

    Raises FlipRefused where none is under way.
    """
    with transaction(rollout):
        found = flips.newest(rollout, ident)
        if found is None or found.stage not in OPEN:
            raise FlipRefused(
                f"no flip of {ident} is under way; take its logins back: cockpit rollout kill {ident}"
            )
        if found.stage == "armed":
            flips.disarm(rollout, found.id, Actor(operator), now)
        else:
            flips.take_back(rollout, [ident], Actor(operator), now, "cancelled")
    return flips.get(rollout, found.id)


def release(rollout: sqlite3.Connection, idents: Sequence[str], operator: str, now: int, why: str) -> None:
    """A person lets held connections take part again, all or none; their logins stay at legacy.

    Raises FlipRefused.
    """
    with transaction(rollout):
        for ident in idents:
            column = routes.one(rollout, ident).described.route.column
            if column != "held":
                raise FlipRefused(f"{ident} is {column}, not held")
            routes.move(rollout, {ident: "legacy"}, Actor(operator), now, why=why)
