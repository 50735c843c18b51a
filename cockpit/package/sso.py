"""The files of a package about SSO connections: the hand-over's own, without a secret."""

import csv
import io
import sqlite3
from collections.abc import Mapping
from datetime import datetime

from cockpit.clock import millis
from cockpit.connections.board import Column
from cockpit.connections.handoff import headers, package
from cockpit.package.folder import Folder
from cockpit.package.headers import FILES, Template
from cockpit.state import connections, handoff

REVISIONS: Mapping[Template, headers.Template] = {"2.5.0": "R2", "2.6": "R3"}
"""Which of the published headers each release has."""

KEYS = ("samlConnections", "oidcConnections", "customAttributeMappings", "proxyRoutes")
"""The CSV files that are written here."""

NONE = "# SSO handoff notes\n\nNo SSO connections are in this package.\n"


def write(
    connection: sqlite3.Connection, files: Folder, template: Template, at: str, moved: Mapping[str, Column]
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Write them. Returns the rows of each CSV file, and what is not in those of SAML and OIDC, by reason."""
    out = handoff.outgoing(connection, millis(datetime.fromisoformat(at).timestamp()), moved)
    revision = REVISIONS[template]
    texts = {
        "samlConnections": package.connections(out, "saml", revision),
        "oidcConnections": package.connections(out, "oidc", revision),
        "customAttributeMappings": package.custom_attributes(out),
        "proxyRoutes": package.routes(out, revision),
        "handoffNotes": package.notes(out, handoff.findings(connection), revision) if out else NONE,
    }
    for key, text in texts.items():
        files.open(FILES[key]).write(text)
    left = {
        f"SSO connections: {verdict}, so in {FILES['proxyRoutes']} and the notes only": n
        for verdict, n in connections.verdicts(connection).items()
        if n and verdict != "transparent"
    }
    if unchecked := connections.unchecked(connection):
        left["SSO connections: not checked yet, see cockpit connections check"] = unchecked
    return {key: _rows(texts[key]) for key in KEYS}, left


def _rows(text: str) -> int:
    return sum(1 for _ in csv.reader(io.StringIO(text, newline=""))) - 1
