"""What a migration came to and how it went, read at one moment for a report."""

import sqlite3
from dataclasses import dataclass
from typing import NamedTuple

from cockpit.state import audit, errors, fixrules, jobs, summary
from cockpit.state.audit import AuditRow
from cockpit.state.errors import Group
from cockpit.state.fixrules import Standing
from cockpit.state.jobs import Job
from cockpit.state.summary import Summary

MOST_ACTIONS = 1000
MOST_JOBS = 200


class Ignored(NamedTuple):
    """Records that were left behind for one reason by one person, of one cause."""

    title: str
    reason: str
    operator: str | None
    records: int


@dataclass(frozen=True, slots=True)
class History:
    """A migration as a report tells it. `peaks`: the highest rate of each job, in records a second.

    `actions` are the newest of `all_actions`, oldest first; `jobs` the newest, oldest first.
    """

    summary: Summary
    causes: list[Group]
    ignored: list[Ignored]
    rules: list[Standing]
    jobs: list[Job]
    peaks: dict[int, float]
    actions: list[AuditRow]
    all_actions: int


def read(connection: sqlite3.Connection) -> History:
    """Read everything."""
    found = summary.read(connection)
    ignored = connection.execute(
        "select title, coalesce(reason, ''), resolved_by, count(*) from errors where resolution = 'ignored' "
        "group by 1, 2, 3 order by 4 desc, 1"
    ).fetchall()
    peaks = connection.execute("select job, max(rate) from samples where rate is not null group by job")
    (actions,) = connection.execute("select count(*) from audit").fetchone()
    return History(
        summary=found,
        causes=errors.groups(connection, resolved=True),
        ignored=[Ignored._make(row) for row in ignored],
        rules=fixrules.standing(connection),
        jobs=jobs.listed(connection, MOST_JOBS)[::-1],
        peaks=dict(peaks.fetchall()),
        actions=audit.tail(connection, MOST_ACTIONS)[::-1],
        all_actions=actions,
    )
