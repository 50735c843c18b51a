"""Source records that reached the target, by their provider's ids."""

import json
import sqlite3
from collections.abc import Sequence


def bodies(connection: sqlite3.Connection, kind: str, source_ids: Sequence[str]) -> dict[str, str]:
    """The raw records of users or organizations, of these ids, that are at the target: id -> JSON."""
    table, body = ("raw", "r.body") if kind == "user" else ("resources", "b.body")
    join = "" if kind == "user" else "join resource_bodies b on b.id = r.id and r.kind = 'organization'"
    rows = connection.execute(
        f"select r.source_id, {body} from {table} r {join} join operations o on o.kind = ?1 and "
        "o.subject = r.id and o.state in ('imported', 'adopted') "
        "where r.source_id in (select value from json_each(?2))",
        (kind, json.dumps(list(source_ids))),
    ).fetchall()
    return dict(rows)
