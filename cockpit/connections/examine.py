"""All connections of a migration examined: each by itself, then together, then sorted. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from cockpit.connections.checks import check, together
from cockpit.connections.checks.certificates import in_force
from cockpit.connections.checks.surroundings import Surroundings
from cockpit.connections.model import Connection
from cockpit.connections.rules import finding
from cockpit.connections.triage import Triage, triage
from cockpit.rules.formulas import is_formula
from cockpit.rules.lint import Finding
from cockpit.rules.mask import printable


class Examined(NamedTuple):
    """A connection with what its metadata added, what was found, and what becomes of it.

    `certificate_until` (ms): when the last of the IdP's certificates in force ends; None without one.
    """

    connection: Connection
    findings: list[Finding]
    triage: Triage
    certificate_until: int | None


def examine(connections: Sequence[Connection], around: Surroundings) -> list[Examined]:
    """Examine them, in their order."""
    alone = [check(connection, around) for connection in connections]
    shared = together.check([connection for connection, _ in alone])
    done = []
    for connection, found in alone:
        every = [*found, *shared.get(connection.source_id, ()), *_formulas(connection)]
        until = in_force(connection.saml, around.now) if connection.saml else []
        done.append(Examined(connection, every, triage(every), until[0].not_after if until else None))
    return done


def _formulas(connection: Connection) -> list[Finding]:
    named = {
        "name": connection.name,
        "source_id": connection.source_id,
        "organization_name": connection.organization_name or "",
    }
    return [
        finding("formula", field, printable(text[:80])) for field, text in named.items() if is_formula(text)
    ]
