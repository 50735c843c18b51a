"""The whole in numbers: the sums hold, and nothing large is counted to show them."""

import sqlite3

from cockpit.records import Password
from cockpit.state import diffs, jobs, meta, summary
from cockpit.state.errors import Failure
from tests.jobs.world import person
from tests.state import people

LOST = Password.unsupported("no hash")


def filled(connection: sqlite3.Connection) -> None:
    """30 users: 12 imported, 5 adopted, 3 failed, 4 skipped, 2 being sent, 4 ready; and one held record."""
    meta.bind_source(connection, "auth0:acme")
    everyone = [person(n, password=LOST if n % 10 == 0 else person(n).password) for n in range(30)]
    people.have(connection, *everyone)
    people.export(connection, [])
    claimed = people.claim(connection)
    failure = Failure("conflict", "400:taken", "taken", "taken")
    people.settle(connection, claimed[:12], "imported")
    people.settle(connection, claimed[12:17], "adopted")
    people.settle(connection, claimed[17:20], "failed", failure=failure)
    people.settle(connection, claimed[20:24], "skipped")
    people.settle(connection, claimed[26:], "ready")
    diffs.finish(connection, diffs.begin(connection, 1), 30, 17, 2)
    for kind in ("export", "import", "import"):
        jobs.create(connection, kind, {}, "ana", 1)


def test_an_empty_state_has_a_summary(connection: sqlite3.Connection) -> None:
    told = summary.read(connection)
    assert (told.exported, told.read, told.mapped, told.open_errors, told.pages) == (0, 0, 0, 0, 0)
    assert (told.export, told.diff, told.jobs, told.binding.source) == (None, None, [], None)


def test_every_user_is_in_exactly_one_state(connection: sqlite3.Connection) -> None:
    filled(connection)
    told = summary.read(connection)
    assert dict(told.users) == {
        "ready": 4, "sending": 2, "imported": 12, "adopted": 5, "failed": 3, "skipped": 4, "unknown": 0,
    }  # fmt: skip
    assert told.exported == sum(told.users.values()) == 30
    assert told.read == told.exported + told.merged + told.held


def test_the_rest_of_it(connection: sqlite3.Connection) -> None:
    filled(connection)
    told = summary.read(connection)
    assert (told.binding.source, told.binding.target) == ("auth0:acme", None)
    assert (told.batches, told.batches_done, told.batches_failed) == (3, 2, 1)
    assert (told.errors["conflict"], told.open_errors) == (3, 3)
    assert told.diff is not None
    assert told.diff.clean
    assert [(job.id, job.kind) for job in told.jobs] == [(3, "import"), (1, "export")]


def test_the_newest_job_of_a_kind_is_there_however_many_of_others_came_since(
    connection: sqlite3.Connection,
) -> None:
    reset = jobs.create(connection, "reset", {}, "ana", 1)
    for _ in range(60):
        newest = jobs.create(connection, "sync", {}, "ana", 2)
    assert [job.id for job in summary.read(connection).jobs] == [newest, reset]


def test_passwords_add_up_to_the_mapped_users_and_the_adopted_are_not_carried(
    connection: sqlite3.Connection,
) -> None:
    filled(connection)
    told = summary.read(connection).passwords
    assert (told.carried, told.unsupported, told.absent) == (22, 8, 0)
    assert told.by_type == {"bcrypt": 22}
    assert sum(told.by_reason.values()) == 8
    assert told.by_reason["no hash"] == 3


def test_it_counts_no_large_table(connection: sqlite3.Connection) -> None:
    filled(connection)
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    summary.read(connection)
    connection.set_trace_callback(None)
    plans = []
    for statement in statements:
        if statement.startswith("select"):
            plans += [row[3] for row in connection.execute(f"explain query plan {statement}").fetchall()]
    large = ("raw", "users", "operations", "errors", "held", "diff_findings", "samples", "passwords")
    assert [plan for plan in plans if plan.startswith("SCAN") and plan.split()[1] in large] == []
    assert not connection.in_transaction
