"""What reviewers choose where somebody else holds a user's e-mail or id, and whom they mark for a reset.

The choice is carried out when the user is sent: only then it is known who holds it.
"""

import sqlite3
from typing import Literal, get_args

from cockpit.terms import OpState

Choice = Literal["adopt", "link"]
"""adopt: the user at the target is ours, and gets our external id. link: what hangs on ours, such as
memberships, goes to that user, who stays as it is."""
CHOICES: tuple[Choice, ...] = get_args(Choice)


def choose(connection: sqlite3.Connection, user: int, choice: Choice, operator: str, now: int) -> None:
    """Keep the choice for a user."""
    connection.execute("insert or replace into merges values(?, ?, ?, ?)", (user, choice, operator, now))


def linked(connection: sqlite3.Connection, user: int) -> bool:
    """Whether the user stands for somebody else's record at the target, which is never written to."""
    query = "select 1 from merges where user = ? and choice = 'link'"
    return connection.execute(query, (user,)).fetchone() is not None


def keeper_state(connection: sqlite3.Connection, user: int) -> OpState | None:
    """Where the other user stands that shares this one's e-mail, or else its id; None: there is none."""
    row = connection.execute(
        "select o.state from users u join users k on k.id <> u.id and (k.email_key = u.email_key "
        "or k.external_id = u.external_id) join operations o on o.kind = 'user' and o.subject = k.id "
        "where u.id = ? order by o.state in ('imported', 'adopted') desc, k.id limit 1",
        (user,),
    ).fetchone()
    return row[0] if row else None


def mark_for_reset(connection: sqlite3.Connection, user: int, operator: str, now: int) -> bool:
    """Put a user on the list of cockpit passwords reset; False when it is there already."""
    return bool(
        connection.execute(
            "insert or ignore into reset_marks values(?, ?, ?)", (user, operator, now)
        ).rowcount
    )


def start_over(connection: sqlite3.Connection) -> None:
    """For an empty journal: who is there before us is another question at another target."""
    connection.execute("delete from merges")
