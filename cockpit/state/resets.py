"""Reset e-mails as operations: one for each user who arrived and is to be written to.

That is whoever lost the password for a reason for which e-mail was chosen, and whom a reviewer marked.
"""

import json
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from cockpit.state import journal, password_plan
from cockpit.state.claims import RESETS
from cockpit.state.password_plan import Policy
from cockpit.terms import OpState

RESET = RESETS.kind
MARKED = "marked by a reviewer"
"""The group of those who were marked one by one."""

_WANTED = """
    select u.id from users u join operations arrived
        on arrived.kind = 'user' and arrived.subject = u.id and arrived.state in ('imported', 'adopted')
    where u.email is not null and (u.id in (select user from reset_marks)
        or u.password_state = 'unsupported'
        and coalesce(u.password_reason, '') in (select value from json_each(?)))"""


class Standing(NamedTuple):
    """A group that is written to. `waiting` have arrived and are not written to yet."""

    reason: str
    waiting: int
    sent: int
    failed: int
    unknown: int


def enlist(connection: sqlite3.Connection, policy: Policy) -> int:
    """An operation for everybody who is to be written to now; who is not any more is dropped unless begun.

    Returns how many are new.
    """
    reasons = json.dumps(_written_to(connection, policy))
    journal.drop(connection, RESET, f"subject not in ({_WANTED})", (reasons,))
    return journal.enlist(connection, RESET, _WANTED, (reasons,))


def standings(connection: sqlite3.Connection, policy: Policy) -> list[Standing]:
    """Each group that is written to, the largest first, without changing anything."""
    found: dict[tuple[str, OpState | None], int] = {
        (reason, state): n
        for reason, state, n in connection.execute(
            "select iif(m.user is null, coalesce(u.password_reason, ''), ?), o.state, count(*) from users u "
            "left join reset_marks m on m.user = u.id "
            "left join operations o on o.kind = ? and o.subject = u.id "
            f"where u.id in ({_WANTED}) or o.id is not null group by 1, 2",
            (MARKED, RESET, json.dumps(_written_to(connection, policy))),
        )
    }
    marked = [MARKED] if any(reason == MARKED for reason, _ in found) else []
    return [
        Standing(
            reason,
            sum(found.get((reason, state), 0) for state in (None, "ready")),
            found.get((reason, "imported"), 0),
            found.get((reason, "failed"), 0),
            found.get((reason, "unknown"), 0) + found.get((reason, "sending"), 0),
        )
        for reason in [*_written_to(connection, policy), *marked]
    ]


def again(connection: sqlite3.Connection, batch_size: int, now: int) -> int:
    """Make those ready whose e-mail may have gone out, or did not; returns how many."""
    rows: Sequence[tuple[int, int, OpState]] = connection.execute(
        "select id, subject, state from operations where kind = ? and state in ('unknown', 'failed')",
        (RESET,),
    ).fetchall()
    return journal.move(connection, RESET, rows, "ready", batch_size, now)


def lost_sight_of(connection: sqlite3.Connection, batch_size: int, now: int) -> int:
    """Sends that an earlier run left without an outcome become `unknown`; returns how many.

    Nothing at the target tells whether an e-mail went out, and a second one helps nobody.
    """
    rows: Sequence[tuple[int, int, OpState]] = connection.execute(
        "select id, subject, state from operations where kind = ? and state = 'sending'", (RESET,)
    ).fetchall()
    return journal.move(connection, RESET, rows, "unknown", batch_size, now)


def _written_to(connection: sqlite3.Connection, policy: Policy) -> list[str]:
    return [group.reason for group in password_plan.groups(connection, policy) if group.choice == "email"]
