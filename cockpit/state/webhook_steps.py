"""The sequence of webhooks: its log of evidence, appended only when its turn has come."""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from cockpit.state import audit, diffs
from cockpit.webhooks.gates import FlipEvidence
from cockpit.webhooks.sequence import Evidence, Standing, Step, What, admit, standings

OF_TARGET: tuple[Step, ...] = (
    "workos_off", "import", "cutover", "event_flow", "backlog", "drained", "legacy_stays_off",
)  # fmt: skip
"""Steps that tell of one target; another one has to prove them anew."""


def log(connection: sqlite3.Connection) -> list[Evidence]:
    """All evidence, oldest first."""
    rows = connection.execute(
        "select step, what, at, operator, says, ends, detail from webhook_steps order by id"
    ).fetchall()
    return [
        Evidence(step, what, at, by, says, ends, json.loads(detail))
        for step, what, at, by, says, ends, detail in rows
    ]


def standing(connection: sqlite3.Connection, now: int) -> Mapping[Step, Standing]:
    """Every step as it stands now."""
    return standings(log(connection), now)


def record(
    connection: sqlite3.Connection,
    step: Step,
    what: What,
    operator: str,
    now: int,
    says: str,
    *,
    life_ms: int | None = None,
    detail: Mapping[str, Any] | None = None,
    why: str | None = None,
) -> Evidence:
    """Append evidence and audit it; returns it. It ends `life_ms` later, None: never.

    Raises sequence.Refused when its turn has not come; then nothing is recorded.
    """
    found = standing(connection, now)
    admit(found, step, what)
    ends = None if life_ms is None else now + life_ms
    entry = Evidence(step, what, now, operator, says, ends, detail or {})
    connection.execute(
        "insert into webhook_steps(step, what, at, operator, says, ends, detail) values(?, ?, ?, ?, ?, ?, ?)",
        (step, what, now, operator, says, ends, json.dumps(entry.detail)),
    )
    before = found[step].state
    audit.record(connection, operator, f"webhooks.{what}", step, now, before=before, after=says, why=why)
    return entry


def newest(connection: sqlite3.Connection, step: Step, what: What) -> Evidence | None:
    """The newest entry of a step that is of that kind, whether it still holds or not."""
    return next(
        (entry for entry in reversed(log(connection)) if (entry.step, entry.what) == (step, what)), None
    )


def said(connection: sqlite3.Connection, step: Step, now: int) -> Evidence | None:
    """What a person last said of a step, where that holds and nothing was observed against it since."""
    for entry in reversed(log(connection)):
        if entry.step == step and entry.what in ("attested", "refuted"):
            return entry if entry.what == "attested" and entry.holds(now) else None
    return None


def flip_evidence(connection: sqlite3.Connection, now: int) -> FlipEvidence:
    """What gates.first_flip judges."""
    quiet = standing(connection, now)["quiet"]
    diff = diffs.latest(connection)
    written = quiet.evidence.detail.get("last_write") if quiet.evidence is not None else None
    return FlipEvidence(
        quiet=quiet,
        last_write=written if isinstance(written, int) else None,
        diff_at=None if diff is None else diff.started_at,
        clean=diff is not None and diff.clean,
    )


def forget_target(connection: sqlite3.Connection) -> None:
    """What was proven of another target does not count for the next one."""
    marks = ", ".join("?" * len(OF_TARGET))
    connection.execute(f"delete from webhook_steps where step in ({marks})", OF_TARGET)
