"""Where a connection begins on the rollout board, and what proxy_routes.csv calls its columns. Pure."""

from collections.abc import Mapping
from typing import Literal, get_args

from cockpit.connections.rules import Verdict

Column = Literal["manual", "legacy", "canary", "workos", "held"]
COLUMNS: tuple[Column, ...] = get_args(Column)

_BEGINS: Mapping[Verdict | None, Column] = {
    "transparent": "legacy",
    "review": "manual",
    "portal": "manual",
    "stop": "manual",
    None: "manual",
}
CUTOVER: Mapping[Column, str] = {
    "manual": "manual",
    "legacy": "legacy",
    "canary": "workos",
    "workos": "workos",
    "held": "legacy",
}
"""cutoverState: who answers logins today."""


def begins(verdict: Verdict | None) -> Column:
    """The column of a connection that was never flipped, by its verdict in force (None: not checked)."""
    return _BEGINS[verdict]
