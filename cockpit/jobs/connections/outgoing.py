"""The files that describe the connections to WorkOS."""

import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cockpit.connections.board import Column
from cockpit.connections.handoff import package
from cockpit.connections.handoff.headers import Template
from cockpit.state import connections, handoff


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
    out, findings = handoff.outgoing(connection, now, moved), handoff.findings(connection)
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
