"""Text that a spreadsheet would take for a formula, and the mark that keeps it from that. Pure."""

import re

GUARD = "'"
"""What is put before such a text (OWASP, CSV injection)."""

_FORMULA = re.compile(r"[\s']*[=+\-@＝＋－＠]|'*[\t\r\n]")


def is_formula(value: str) -> bool:
    """Whether a spreadsheet would compute it: by what it begins with, also after spaces and marks."""
    return _FORMULA.match(value) is not None


def guarded(value: str) -> str:
    """The value, with the mark in front where it would be a formula."""
    return GUARD + value if is_formula(value) else value


def unguarded(value: str) -> str:
    """What `guarded` made this text of."""
    return value[1:] if value.startswith(GUARD) and _FORMULA.match(value, 1) else value
