"""The log of evidence in the state: in its turn, audited, and what a flip is judged by."""

import sqlite3

import pytest

from cockpit.state import audit, diffs, webhook_steps
from cockpit.state.database import transaction
from cockpit.state.start_over import start_over
from cockpit.webhooks.gates import first_flip
from cockpit.webhooks.sequence import Refused, Step, What

HOUR = 3_600_000


def record(
    connection: sqlite3.Connection, step: Step, what: What = "proven", now: int = 10, **detail: object
) -> None:
    life = HOUR if step in ("legacy_off", "workos_off", "quiet") else None
    with transaction(connection):
        webhook_steps.record(
            connection, step, what, "ada", now, f"{step} seen", life_ms=life, detail=detail, why="ticket 7"
        )


def test_evidence_comes_back_as_it_was_given_and_is_audited(connection: sqlite3.Connection) -> None:
    record(connection, "baseline", streams=[1])
    record(connection, "legacy_off", "attested", 20)
    first, second = webhook_steps.log(connection)
    assert (first.step, first.what, first.by, first.ends, first.detail) == (
        "baseline", "proven", "ada", None, {"streams": [1]},
    )  # fmt: skip
    assert second.ends == 20 + HOUR
    row = audit.tail(connection, 1)[0]
    assert (row.operator, row.action, row.subject, row.before, row.after, row.why) == (
        "ada", "webhooks.attested", "legacy_off", "open", "legacy_off seen", "ticket 7",
    )  # fmt: skip


def test_out_of_turn_nothing_is_recorded(connection: sqlite3.Connection) -> None:
    with pytest.raises(Refused, match="legacy_off waits for baseline"):
        record(connection, "legacy_off")
    assert webhook_steps.log(connection) == [] and audit.tail(connection) == []


def test_what_a_person_said_counts_until_it_ends_or_is_refuted(connection: sqlite3.Connection) -> None:
    record(connection, "baseline")
    record(connection, "legacy_off", "attested", 20)
    said = webhook_steps.said(connection, "legacy_off", 30)
    assert said is not None and said.at == 20
    assert webhook_steps.said(connection, "legacy_off", 20 + HOUR) is None
    record(connection, "legacy_off", "refuted", 40)
    assert webhook_steps.said(connection, "legacy_off", 50) is None


def quiet(connection: sqlite3.Connection, last_write: int) -> None:
    for step in ("baseline", "legacy_off", "workos_off"):
        record(connection, step)
    record(connection, "quiet", last_write=last_write)


def test_the_first_flip_waits_for_a_clean_diff_that_began_after_the_last_write(
    connection: sqlite3.Connection,
) -> None:
    quiet(connection, last_write=100)
    assert "never compared" in (first_flip(webhook_steps.flip_evidence(connection, 200)) or "")
    for began, said in ((100, "older than the last change"), (101, None)):
        with transaction(connection):
            diffs.finish(connection, diffs.begin(connection, began), 1, 1, began + 5)
        why = first_flip(webhook_steps.flip_evidence(connection, 200))
        assert why == said or (said is not None and why is not None and said in why)
    assert "has expired" in (first_flip(webhook_steps.flip_evidence(connection, 10 + HOUR)) or "")


def test_another_target_proves_its_own_steps_anew(connection: sqlite3.Connection) -> None:
    quiet(connection, last_write=1)
    with transaction(connection):
        start_over(connection)
    assert [entry.step for entry in webhook_steps.log(connection)] == ["baseline", "legacy_off", "quiet"]
