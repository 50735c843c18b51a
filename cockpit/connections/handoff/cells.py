"""Cells that no spreadsheet takes for a formula. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

_LEADS = ("=", "+", "-", "@", "\t", "\r")
QUOTE = "'"


def is_formula(value: str) -> bool:
    """Whether a spreadsheet would compute it: by what it begins with, also after spaces."""
    return value.startswith(_LEADS) or value.lstrip().startswith(_LEADS)


def guarded(value: str) -> str:
    """The value, with a ' in front where it would be a formula; without NUL, which no reader takes."""
    value = value.replace("\0", "")
    return QUOTE + value if is_formula(value) else value


def unguarded(value: str) -> str:
    """The value that `guarded` was given."""
    return value[1:] if value.startswith(QUOTE) and is_formula(value[1:]) else value


def text(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """A CSV document (RFC 4180, no byte order mark) with every cell guarded."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator="\r\n", restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows({name: guarded(value) for name, value in row.items()} for row in rows)
    return out.getvalue()
