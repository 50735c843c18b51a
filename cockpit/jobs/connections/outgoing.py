"""What is handed over: connections with their organizations, and the files that describe them."""

import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cockpit.connections import board
from cockpit.connections.board import Column
from cockpit.connections.handoff import package
from cockpit.connections.handoff.headers import Template
from cockpit.connections.handoff.tables import Outgoing
from cockpit.state import connections
from cockpit.state.connections import Home, Whole


def outgoing(connection: sqlite3.Connection, now: int, moved: Mapping[str, Column]) -> list[Outgoing]:
    """Every checked connection. `moved`: the columns of those that were moved on the rollout board."""
    homes = connections.homes(connection)
    return [
        of(item, home(item, homes), now, moved)
        for item in connections.whole(connection, connections.ids(connection))
    ]


def home(item: Whole, homes: dict[str, Home]) -> Home:
    """The organization it goes to: the source's; else one of its own, with its id and name."""
    if item.organization in homes:
        return homes[item.organization]
    made = item.connection
    ident = item.organization or made.source_id
    return Home(ident, made.organization_name or made.name, made.organization_target, ())


def of(item: Whole, where: Home, now: int, moved: Mapping[str, Column]) -> Outgoing:
    """One connection as it goes out."""
    verdict = item.verdict or "stop"
    column = moved.get(item.connection.source_id, board.begins(verdict))
    return Outgoing(
        item.connection,
        verdict,
        now,
        where.source_id,
        where.name,
        where.target_id or "",
        item.target_id or "",
        item.callback_endpoint or "",
        board.CUTOVER[column],
    )


def write(
    connection: sqlite3.Connection,
    saml: Path,
    oidc: Path,
    template: Template,
    now: int,
    moved: Mapping[str, Column],
    secrets: Path | None = None,
) -> list[Path]:
    """Write the two files, the side files beside the first, and secrets where asked; returns all paths.

    Connections that move transparently and are not further become `written`. Raises OSError.
    """
    out = outgoing(connection, now, moved)
    findings = {
        row.source_id: connections.findings(connection, row.id)
        for row in connections.rows(connection, connections.ids(connection))
    }
    beside = saml.parent
    texts = {
        saml: package.connections(out, "saml", template),
        oidc: package.connections(out, "oidc", template),
        beside / package.ROUTES_FILE: package.routes(out, template),
        beside / package.ATTRIBUTES_FILE: package.custom_attributes(out),
        beside / package.NOTES_FILE: package.notes(out, findings, template),
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text, 0o644)
    if secrets is not None:
        _replace(secrets, package.secrets(out), 0o600)
    _note_written(connection, (one.connection.source_id for one in out if one.verdict == "transparent"), now)
    return [*texts, *([secrets] if secrets else [])]


def _note_written(connection: sqlite3.Connection, source_ids: Iterable[str], now: int) -> None:
    written: Sequence[str] = [*source_ids]
    for row in connections.rows(connection, connections.ids(connection)):
        if row.source_id in written and row.handoff is None:
            connections.hand_over(connection, row.id, "written", now)


def _replace(path: Path, text: str, mode: int) -> None:
    """Put the text in the file's place at once; its mode is right from its first byte on."""
    draft = path.with_name(f".{path.name}.part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "w", newline="") as file:
        file.write(text)
    draft.replace(path)
