"""The rows of a list as JSON Lines: masked, readable by the owner alone, there whole or not at all."""

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cockpit.tui.feeds import Feed


def beside(state: Path, what: str, now: float) -> Path:
    """A name beside the state file that tells what and when."""
    return state.with_name(f"{state.stem}-{what}-{time.strftime('%Y%m%d-%H%M%S', time.localtime(now))}.jsonl")


def documents(connection: sqlite3.Connection, feed: Feed, ids: Iterable[int]) -> Iterator[Mapping[str, Any]]:
    """The records of these ids."""
    for id_ in ids:
        record = feed.record(connection, id_)
        if record is not None:
            yield {"id": record.subject, **record.document()}


def write(rows: Iterable[Mapping[str, Any]], file: Path) -> int:
    """Write a line a row; returns how many there were."""
    temporary = file.with_name(f".{file.name}.new")
    descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    written = 0
    with os.fdopen(descriptor, "w", encoding="utf-8") as lines:
        for row in rows:
            lines.write(json.dumps(row) + "\n")
            written += 1
    temporary.replace(file)
    return written
