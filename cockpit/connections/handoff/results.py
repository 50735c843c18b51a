"""What WorkOS says of connections that were handed over: its results CSV, by column name. Pure.

Facts: the results file of WorkOS's migration tool 2.6 (externalId, workosConnectionId, state,
callbackEndpoint, outcome, code, error among its columns).
"""

import csv
import io
from typing import NamedTuple

from cockpit.connections.handoff.headers import RENAMED
from cockpit.rules.formulas import unguarded

_FAILED = {"failed", "error", "skipped", "rejected", "flagged", "refused"}


class NotResults(ValueError):
    """A file that has no results; the message says what is missing."""


class Outcome(NamedTuple):
    """What became of one connection. `problem` is why WorkOS did not take it, None where it did."""

    source_id: str
    target_id: str | None
    state: str | None
    callback_endpoint: str | None
    problem: str | None


def read(text: str) -> list[Outcome]:
    """Every row that names a connection. Raises NotResults."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        columns = [RENAMED.get(column.strip(), column.strip()) for column in next(reader, [])]
        if "externalId" not in columns:
            raise NotResults("no column externalId")
        rows = [dict(zip(columns, map(unguarded, cells), strict=False)) for cells in reader]
    except csv.Error as error:
        raise NotResults(f"line {reader.line_num}: not CSV: {error}") from None
    return [_outcome(row) for row in rows if row.get("externalId")]


def _outcome(row: dict[str, str]) -> Outcome:
    target = row.get("workosConnectionId") or None
    told = ": ".join(filter(None, (row.get("code"), row.get("error") or row.get("reason"))))
    failed = (row.get("outcome") or "").lower() in _FAILED or target is None
    return Outcome(
        source_id=row["externalId"],
        target_id=target,
        state=row.get("state") or None,
        callback_endpoint=row.get("callbackEndpoint") or row.get("workosAcsUrl") or None,
        problem=(told or row.get("outcome") or "no connection was made") if failed else None,
    )
