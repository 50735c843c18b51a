"""Dry run: what an import would send, and the least time that takes at the limits."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cockpit.settings import TargetSettings
from cockpit.state import holds, users
from cockpit.state.database import open_readonly
from cockpit.workos.limiter import SHARE


@dataclass(frozen=True)
class DryRun:
    """`users` are ready and linted, `unlinted` not looked at yet; `seconds` is None without a limit.

    `without_hash` counts users who had a password whose hash can't be had, `held` those whom a policy holds
    back, by reason.
    """

    users: int
    unlinted: int
    writes: int
    seconds: float | None
    carried: int
    without_hash: Mapping[str, int]
    held: Mapping[str, int]


def dry_run(state: Path, target: TargetSettings, policy: holds.Policy) -> DryRun:
    """Count what would be sent. Sends nothing, changes nothing. Raises StateError."""
    connection = open_readonly(state)
    try:
        moves = holds.moves(connection, policy)
        ready, unlinted, carried = connection.execute(
            "select count(*), coalesce(sum(u.page is null or u.page = 0), 0), "
            "coalesce(sum(u.password_state = 'carried'), 0) "
            "from operations o left join users u on u.id = o.subject where o.kind = 'user' "
            "and (o.state in ('ready', 'sending') or o.subject in (select value from json_each(?))) "
            "and o.subject not in (select value from json_each(?))",
            (
                json.dumps([move.subject for move in moves if move.after is None]),
                json.dumps([move.subject for move in moves if move.after is not None]),
            ),
        ).fetchone()
        held = Counter(holds.counts(connection))
        held.update(move.after for move in moves if move.after is not None)
        held.subtract(move.before for move in moves if move.before is not None)
        reasons = dict(users.without_hash(connection))
    finally:
        connection.close()
    rate = SHARE * target.writes_per_10s / 10
    return DryRun(ready, unlinted, ready, ready / rate if rate else None, carried, reasons, +held)
