"""All files of a hand-over as texts by name. Pure."""

import json
import re
from collections.abc import Mapping, Sequence

from cockpit.connections.handoff import cells, tables
from cockpit.connections.handoff.headers import CUSTOM_ATTRIBUTES, OIDC, ROUTES, SAML, Template
from cockpit.connections.handoff.tables import Outgoing
from cockpit.connections.rules import RULES
from cockpit.rules.lint import Finding
from cockpit.rules.mask import printable

LONG = 200
"""A fact longer than this is in handoff_notes.md only."""

ROUTES_FILE, ATTRIBUTES_FILE, NOTES_FILE = (
    *("proxy_routes.csv", "custom_attribute_mappings.csv", "handoff_notes.md"),
)


def connections(outgoing: Sequence[Outgoing], protocol: str, template: Template) -> str:
    """The SAML or OIDC file: those of the protocol that move transparently."""
    columns = _columns(protocol, template)
    return cells.text(columns, (tables.row(out, columns) for out in _moving(outgoing, protocol)))


def routes(outgoing: Sequence[Outgoing], template: Template) -> str:
    """proxy_routes.csv: every connection, with what has no column elsewhere in its notes."""
    return cells.text(ROUTES, (tables.route(out) | {"notes": _brief(out, template)} for out in outgoing))


def custom_attributes(outgoing: Sequence[Outgoing]) -> str:
    """custom_attribute_mappings.csv."""
    return cells.text(CUSTOM_ATTRIBUTES, (row for out in outgoing for row in tables.custom_attributes(out)))


def secrets(outgoing: Sequence[Outgoing]) -> str:
    """The file of secrets: {externalId: {column: value}}, of those that move transparently."""
    found = {out.connection.source_id: tables.secrets_of(out) for out in outgoing if _moves(out)}
    return json.dumps({ident: values for ident, values in found.items() if values}, indent=2) + "\n"


def notes(outgoing: Sequence[Outgoing], findings: Mapping[str, Sequence[Finding]], template: Template) -> str:
    """handoff_notes.md: of each connection what no column carries, and what the check has to say."""
    parts = ["# Notes on the hand-over\n"]
    for out in outgoing:
        connection = out.connection
        parts.append(f"\n## {_plain(connection.name)} (`{_code(connection.source_id)}`)\n")
        parts.append(f"{connection.protocol}, {out.verdict}, organization {_plain(out.organization_name)}\n")
        for finding in findings.get(connection.source_id, ()):
            rule = RULES[finding.rule]
            parts.append(f"- {finding.severity}: {rule.title}: {_plain(finding.detail)}. To do: {rule.todo}.")
        left = tables.left_over(out, _columns(connection.protocol, template))
        parts += [f"- `{_code(path)}`: {_fenced(value)}" for path, value in left.items()]
    return "\n".join(parts) + "\n"


def _brief(out: Outgoing, template: Template) -> str:
    left = tables.left_over(out, _columns(out.connection.protocol, template))
    short = {path: value if len(value) <= LONG else f"see {NOTES_FILE}" for path, value in left.items()}
    return "; ".join(f"{path}: {printable(value)}" for path, value in short.items())


def _moving(outgoing: Sequence[Outgoing], protocol: str) -> list[Outgoing]:
    return [out for out in outgoing if out.connection.protocol == protocol and _moves(out)]


def _moves(out: Outgoing) -> bool:
    return out.verdict == "transparent"


def _columns(protocol: str, template: Template) -> tuple[str, ...]:
    return {"saml": SAML[template], "oidc": OIDC[template]}.get(protocol, ())


def _plain(text: str) -> str:
    r"""Text that Markdown shows as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", printable(text))


def _code(text: str) -> str:
    return printable(text).replace("`", "'")


def _fenced(value: str) -> str:
    """A short value in code marks; one of several lines, or with such marks inside, as a block of its own."""
    if "\n" not in value and "`" not in value:
        return f"`{printable(value)}`"
    fence = "`" * (max(map(len, re.findall("`+", value)), default=0) + 3)
    lines = [f"    {line}" for line in (fence, *map(printable, value.splitlines()), fence)]
    return "\n" + "\n".join(lines)
