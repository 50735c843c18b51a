"""Lint findings as stored: one row a user, rule and field."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from cockpit.state import by_id


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many users a rule has something to say about."""

    rule: str
    severity: str
    users: int


def replace(
    connection: sqlite3.Connection, checked: Sequence[int], found: Iterable[tuple[int, str, str, str, str]]
) -> None:
    """Set the findings of the users just checked: (user, rule, severity, field, detail)."""
    connection.executemany("delete from findings where user = ?", [(user,) for user in checked])
    connection.executemany(
        "insert or replace into findings(user, rule, severity, field, detail) values(?, ?, ?, ?, ?)",
        found,
    )


def keep_factors(connection: sqlite3.Connection, users: Sequence[int], fields: Iterable[str]) -> None:
    """Of these users, those with a factor that can move do not lose what these fields name."""
    connection.execute(
        "delete from findings where rule = 'second_factor_lost' "
        "and field in (select value from json_each(?)) and user in (select r.user from resources r "
        "join resource_secrets s on s.id = r.id where r.kind = 'factor' "
        "and r.user in (select value from json_each(?)))",
        (json.dumps(list(fields)), json.dumps(list(users))),
    )


def counts(connection: sqlite3.Connection) -> list[RuleCount]:
    """Rules with findings, errors first, then by number of users."""
    rows = connection.execute(
        "select rule, severity, count(distinct user) from findings group by rule, severity "
        "order by instr('error warning info', severity), 3 desc, rule"
    ).fetchall()
    return [RuleCount(*row) for row in rows]


def details(connection: sqlite3.Connection, rule: str, wanted: Sequence[int]) -> dict[int, str]:
    """What a rule says of each of these users; of several fields of one user, all of it."""
    found: dict[int, str] = {}
    for part in by_id.parts(wanted):
        found |= connection.execute(
            "select user, group_concat(detail, '; ') from findings "
            f"where rule = ? and user in ({by_id.marks(part)}) group by user",
            (rule, *part),
        ).fetchall()
    return found


def duplicates(
    connection: sqlite3.Connection, column: Literal["email_key", "external_id"] = "email_key"
) -> list[tuple[int, int, str]]:
    """(user, the user that keeps it, e-mail or id) for each that shares an e-mail or an id with another.

    One keeps it: who is at the target already, else a verified one, else the oldest record; who was
    skipped comes last. Whom a reviewer linked to the other shares nothing any more.
    """
    return connection.execute(
        f"with shared as (select {column} from users where {column} is not null and {column} <> '' "
        "and id not in (select user from merges) "
        f"group by {column} having count(*) > 1), "
        f"ranked as (select u.id, u.{column}, first_value(u.id) over ("
        f"partition by u.{column} order by o.state in ('imported', 'adopted', 'sending') desc, "
        "o.state = 'skipped', u.verified desc, u.id) as keeper "
        f"from users u join shared using ({column}) "
        "join operations o on o.kind = 'user' and o.subject = u.id "
        "where u.id not in (select user from merges)) "
        f"select id, keeper, {column} from ranked where id <> keeper order by id"
    ).fetchall()


def by_field(connection: sqlite3.Connection, rule: str) -> list[tuple[str, int]]:
    """(field, users) of the findings of one rule, the most first."""
    return connection.execute(
        "select field, count(*) from findings where rule = ? group by field order by 2 desc, 1", (rule,)
    ).fetchall()
