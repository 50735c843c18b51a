"""Fix rules as tables of cockpit.toml. Pure."""

import json
from collections.abc import Iterable

from cockpit.rules.fixes import Rule


def rule_tables(rules: Iterable[Rule]) -> str:
    """A [[rules]] table for each."""
    return "\n".join(_table(rule) for rule in rules)


def _table(rule: Rule) -> str:
    lines = [f"{name} = {_string(value)}" for name, value in rule._asdict().items() if value]
    return "\n".join(["[[rules]]", *lines]) + "\n"


def _string(value: str) -> str:
    """A basic string of TOML 1.0: JSON's, with DEL escaped too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
