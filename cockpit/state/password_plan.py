"""What people chose for users whose password can't go along, group by group; a group is a reason."""

import hashlib
import sqlite3
from typing import Literal, NamedTuple, get_args

from cockpit.state import audit, meta

Choice = Literal["silent", "email", "hold"]
"""silent: they choose a new password at the next login. email: they are sent a reset e-mail once they are at
the target. hold: they are not imported."""
CHOICES: tuple[Choice, ...] = get_args(Choice)
Policy = Literal["ask", "silent", "email", "hold"]

_PREFIX = "password_choice."


class Group(NamedTuple):
    """Users who lose their password for one reason. `choice` is "ask" while nobody decided."""

    key: str
    reason: str
    users: int
    choice: Policy


def key_of(reason: str) -> str:
    """Six hex digits that name a group on the command line."""
    return hashlib.blake2b(reason.encode(errors="surrogatepass"), digest_size=3).hexdigest()


def groups(connection: sqlite3.Connection, policy: Policy) -> list[Group]:
    """Every group, the largest first; where nobody chose for it, the policy of cockpit.toml holds."""
    chosen = meta.facts(connection, _PREFIX)
    found = connection.execute(
        "select reason, n from password_counts where state = 'unsupported' and n > 0 order by n desc, reason"
    ).fetchall()
    return [
        Group(key := key_of(reason), reason, users, _policy(chosen.get(_PREFIX + key)) or policy)
        for reason, users in found
    ]


def choose(
    connection: sqlite3.Connection, group: Group, choice: Choice, operator: str, now: int, why: str | None
) -> None:
    """Keep a person's choice for a group, audited. It holds for users who join the group later, too."""
    meta.put(connection, _PREFIX + group.key, choice)
    audit.record(
        connection,
        operator,
        "passwords.choose",
        group.reason,
        now,
        before=group.choice,
        after=choice,
        why=why,
    )


def _policy(kept: str | None) -> Choice | None:
    return next((choice for choice in CHOICES if choice == kept), None)
