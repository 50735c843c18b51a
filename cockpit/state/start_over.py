"""An empty journal over the same export: how a rehearsal becomes the real run."""

import sqlite3

from cockpit.state import events, fixrules, merges, resources, users, webhook_steps
from cockpit.state.journal import USER
from cockpit.terms import KINDS


def start_over(connection: sqlite3.Connection) -> int:
    """An empty journal over the same subjects: everything ready, no errors, no diffs; returns how many.

    What lint had blocked, or a policy held back, is linted again. Overlays and rules stay; what was decided
    about the other target's conflicts does not, nor do its events.
    """
    blocked = "from errors e where e.kind = ? and e.fingerprint like 'lint:%'"
    connection.execute(f"update users set page = 0 where id in (select subject {blocked})", (USER,))
    connection.execute("update users set page = 0 where id in (select user from holds)")
    for kind in KINDS:
        if kind != USER:
            found = connection.execute(f"select subject {blocked}", (kind,)).fetchall()
            resources.map_again(connection, [subject for (subject,) in found])
    for table in ("errors", "error_groups", "diff_findings", "diffs", "counters", "holds"):
        connection.execute(f"delete from {table}")
    connection.execute("delete from inverses where what <> 'rule'")
    fixrules.start_over(connection)
    merges.start_over(connection)
    connection.execute("delete from operations where kind = 'reset'")
    events.forget(connection)
    webhook_steps.forget_target(connection)
    ready = connection.execute(
        "update operations set state = 'ready', run = null, attempts = 0, unsure = 0, sent_at = null, "
        "done_at = null, target_id = null, status = null, request_id = null, confirmed = 0"
    ).rowcount
    connection.execute("update batches set done = 0, failed = 0")
    connection.execute("insert into counters select kind, 'ready', count(*) from operations group by kind")
    users.carried_again(connection)
    connection.execute(
        "update connections set handoff = null, handoff_why = null, handoff_at = null, target_id = null, "
        "target_state = null, callback_endpoint = null, invited_at = null, invited_to = null"
    )
    return ready
