"""Text of records in Markdown: shown as it is, whatever it holds. Pure."""

import re
from collections.abc import Iterable, Sequence

from cockpit.rules.mask import printable

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~@$^=]|:(?!\d)|(?<=www)\.)", re.IGNORECASE)
"""What CommonMark, and GitHub's tables, links, mentions and formulas, give a meaning inside a line."""


def escaped(text: object) -> str:
    """One line that renders as the text itself: no markup, no HTML, no link, no end of a table cell."""
    plain = printable(str(text)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", plain)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: str = "") -> str:
    """A table; the columns named in `right` (separated by spaces) hold numbers. Cells are escaped."""
    numbers = set(right.split())
    rules = ["---:" if column in numbers else "---" for column in columns]
    lines = [columns, rules, *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case _:
            return escaped(value)
