"""CSV documents in which no cell is a formula. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from cockpit.rules.formulas import guarded


def text(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """A CSV document (RFC 4180, no byte order mark) with every cell guarded, and without NUL characters."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator="\r\n", restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows({name: guarded(value.replace("\0", "")) for name, value in row.items()} for row in rows)
    return out.getvalue()
