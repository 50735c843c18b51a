"""Connections of a self-built system, out of a CSV file into the state."""

from dataclasses import dataclass
from pathlib import Path

from cockpit.clock import Clock, millis
from cockpit.connections.handoff import reader
from cockpit.connections.handoff.reader import NotConnections, Refused
from cockpit.state import audit, connections
from cockpit.state.database import open_state, transaction

MOST_BYTES = 64_000_000


@dataclass(frozen=True)
class Report:
    """What a file brought: rows read, those new to the state, and lines that could not be taken."""

    read: int
    new: int
    refused: list[Refused]


def load(state: Path, file: Path, *, operator: str, clock: Clock) -> Report:
    """Read the file; a connection of a known id is replaced. Raises NotConnections, StateError."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise NotConnections(f"more than {MOST_BYTES // 1_000_000} MB: that is no list of connections")
        items, refused = reader.read(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise NotConnections(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise NotConnections(f"{file}: not UTF-8; save it as CSV UTF-8") from None
    except NotConnections as error:
        raise NotConnections(f"{file}: {error}") from None
    connection = open_state(state, create=True)
    try:
        with transaction(connection):
            new, _ = connections.store(connection, reader.PROVIDER, 0, items)
            now = millis(clock.now())
            audit.record(connection, operator, "connections.load", file.name, now, after=f"{len(items)} rows")
    finally:
        connection.close()
    return Report(len(items), new, refused)
