"""Users held back by a policy: skipped though nothing failed, and released once no policy holds them.

Who is held has a row that says for what: a trait that lint found (`Trait`), or a password that can't go along
where it was chosen that such users wait.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from cockpit.state import audit, errors, journal, password_plan
from cockpit.state.journal import USER
from cockpit.terms import OpState, Trait

PASSWORD = "password"
"""The reason of those whose password can't go along."""
KIND = "hold"
"""The counters of users held, by reason."""
Range = tuple[int, int]
"""The first and the last of neighbouring users, by their ids."""
EVERYBODY: Range = (0, 2**63 - 1)
RANGE = 10_000
"""Users looked at in one transaction, so that no other writer waits long."""

_LOST = (
    "(u.password_state = 'unsupported' and coalesce(u.password_reason, '') in "
    "(select value from json_each(?)))"
)
# What lint blocked was never sent either.
_UNSENT = "(o.state = 'ready' or o.state = 'failed' and o.sent_at is null)"


class Policy(NamedTuple):
    """What users are held for: traits, the gravest first, and groups of lost passwords."""

    traits: Sequence[Trait]
    without_hash: password_plan.Policy


class Move(NamedTuple):
    """A user whom a policy moves: what they are held for so far, and then; None where they are not."""

    operation: int
    subject: int
    state: OpState
    before: str | None
    after: str | None


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many users are held, by reason, the most first."""
    query = "select state, n from counters where kind = ? and n > 0 order by n desc, state"
    return dict(connection.execute(query, (KIND,)).fetchall())


def ranges(connection: sqlite3.Connection) -> list[Range]:
    """All users, a transaction's worth at a time."""
    newest = connection.execute("select coalesce(max(id), 0) from raw").fetchone()[0]
    return [(first, first + RANGE - 1) for first in range(1, newest + 1, RANGE)]


def moves(connection: sqlite3.Connection, policy: Policy, among: Range = EVERYBODY) -> list[Move]:
    """Whom the policy would hold, release, or hold for something else, of the users of a range.

    Only those who were never sent are held. A user is held for the gravest of several reasons.
    """
    traits, lost = json.dumps(policy.traits), _lost(connection, policy)
    held = connection.execute(
        "select o.id, h.user, o.state, h.reason, coalesce("
        "(select f.rule from json_each(?) t join findings f on f.user = h.user and f.rule = t.value "
        f"order by t.key limit 1), iif({_LOST}, '{PASSWORD}', null)) as now from holds h "
        "join operations o on o.kind = 'user' and o.subject = h.user join users u on u.id = h.user "
        "where h.user between ? and ? and h.reason is not now",
        (traits, lost, *among),
    ).fetchall()
    new = connection.execute(
        "select o.id, f.user, o.state, null, f.rule from json_each(?) t join findings f on f.rule = t.value "
        "join operations o on o.kind = 'user' and o.subject = f.user "
        f"where f.user between ? and ? and {_UNSENT} order by t.key",
        (traits, *among),
    ).fetchall()
    if lost != "[]":
        new += connection.execute(
            f"select o.id, u.id, o.state, null, '{PASSWORD}' from users u "
            "join operations o on o.kind = 'user' and o.subject = u.id "
            f"where u.id between ? and ? and {_UNSENT} and {_LOST}",
            (*among, lost),
        ).fetchall()
    gravest: dict[int, Move] = {}
    for move in map(Move._make, [*held, *new]):
        gravest.setdefault(move.subject, move)
    return list(gravest.values())


def _lost(connection: sqlite3.Connection, policy: Policy) -> str:
    """The reasons why passwords are lost whose users are to wait, as a JSON array."""
    groups = password_plan.groups(connection, policy.without_hash)
    return json.dumps([group.reason for group in groups if group.choice == "hold"])


def apply(
    connection: sqlite3.Connection,
    policy: Policy,
    among: Range,
    operator: str,
    batch_size: int,
    now: int,
    *,
    just_linted: bool = False,
) -> int:
    """Do that; returns how many it concerned.

    While a policy holds users, nothing that lint finds blocks them. So whoever is released is linted again
    where there is something to find, unless that has just been done.
    """
    found = moves(connection, policy, among)
    released = [move for move in found if move.after is None]
    _release(connection, released, operator, batch_size, now)
    if not just_linted:
        connection.executemany(
            "update users set page = 0 where id = ? and exists "
            "(select 1 from findings where user = users.id and severity = 'error')",
            [(move.subject,) for move in released],
        )
    _hold(connection, [move for move in found if move.after is not None], operator, batch_size, now)
    _count(connection, found)
    return len(found)


def _release(
    connection: sqlite3.Connection, found: Sequence[Move], operator: str, batch_size: int, now: int
) -> None:
    journal.move(connection, USER, _operations(found), "ready", batch_size, now)
    connection.executemany("delete from holds where user = ?", [(move.subject,) for move in found])
    by_reason = Counter(str(move.before) for move in found)
    _audit(connection, operator, "users.release", by_reason.most_common(), now)


def _hold(
    connection: sqlite3.Connection, found: Sequence[Move], operator: str, batch_size: int, now: int
) -> None:
    for move in found:
        if move.state == "failed":
            why = f"held back: {move.after}"
            errors.resolve_operation(
                connection, move.operation, "ignored", now, operator=operator, reason=why
            )
    newly = [move for move in found if move.before is None]
    journal.move(connection, USER, _operations(newly), "skipped", batch_size, now)
    connection.executemany(
        "insert or replace into holds(user, reason, since) values(?, ?, ?)",
        [(move.subject, move.after, now) for move in found],
    )


def audit_new(connection: sqlite3.Connection, operator: str, now: int) -> None:
    """Put into the audit trail who was held since this was last done: a row a reason, not one a chunk."""
    held = connection.execute(
        "select reason, count(*) from holds where audited = 0 group by reason order by 2 desc"
    ).fetchall()
    _audit(connection, operator, "users.hold", held, now)
    connection.execute("update holds set audited = 1 where audited = 0")


def _audit(
    connection: sqlite3.Connection, operator: str, action: str, moved: Iterable[tuple[str, int]], now: int
) -> None:
    for reason, n in moved:
        who = "1 user" if n == 1 else f"{n} users"
        audit.record(connection, operator, action, who, now, why=reason)


def _operations(found: Sequence[Move]) -> Iterator[tuple[int, int, OpState]]:
    return ((move.operation, move.subject, move.state) for move in found)


def _count(connection: sqlite3.Connection, found: Sequence[Move]) -> None:
    change = Counter(move.after for move in found if move.after is not None)
    change.subtract(move.before for move in found if move.before is not None)
    connection.executemany(
        "insert into counters(kind, state, n) values(?, ?, ?) on conflict do update set n = n + excluded.n",
        [(KIND, reason, n) for reason, n in change.items()],
    )
