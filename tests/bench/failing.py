"""A state in which every user failed: most for one cause, the others for a value that a rule can cut."""

from pathlib import Path

from cockpit.state import journal
from cockpit.state.database import open_state, transaction
from tests.bench import seeded

LARGE = "the domain takes no mail"
LARGE_CAUSE = "422:email_domain_not_deliverable"
SMALL = "metadata refused"
SMALL_CAUSE = "422:invalid_metadata"

_ERRORS = """insert into errors(operation, kind, subject, class, fingerprint, title, request, status, code,
    message, body, request_id, attempts, at)
    select o.id, 'user', o.subject, 'fixable', :cause, :title, u.request, 422, :code, :title,
    json_object('code', :code, 'message', :title), printf('req_%08d', o.id), 1, 1795000000000 + o.id
    from operations o join users u on u.id = o.subject where o.subject between :first and :last"""
_GROUP = """insert into error_groups(fingerprint, title, class, code, status, open, total, first_at, last_at,
    example) select fingerprint, title, class, code, status, count(*), count(*), min(at), max(at), max(id)
    from errors group by fingerprint"""
_WORDY = """update users set request = json_set(request, '$.metadata.bio', :bio) where id > :after"""


def seed(state: Path, count: int, small: int) -> None:
    """`count` errors of users; the last `small` of them fail for what a rule can fix."""
    seeded.seed(state, count)
    connection = open_state(state)
    with transaction(connection):
        connection.execute(_WORDY, {"bio": "x" * 700, "after": count - small})
        for cause, title, first, last in (
            (LARGE_CAUSE, LARGE, 1, count - small),
            (SMALL_CAUSE, SMALL, count - small + 1, count),
        ):
            code = cause.partition(":")[2]
            found = {"cause": cause, "title": title, "code": code, "first": first, "last": last}
            connection.execute(_ERRORS, found)
        connection.execute(_GROUP)
        rows = connection.execute("select id, subject, state from operations where kind = 'user'").fetchall()
        journal.move(connection, journal.USER, rows, "failed", seeded.BATCH_SIZE, 2)
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
