"""How a command prints: tables, one JSON document, or JSON Lines; nothing that can drive the terminal."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from cockpit.rules.mask import mask, printable

GLYPHS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}


def say(text: str = "") -> None:
    """A line on standard output."""
    click.echo(_safe(text))


def warn(text: str) -> None:
    """A line on standard error."""
    click.echo(_safe(text), err=True)


def mark(kind: str, text: str) -> None:
    """A line that begins with a glyph: ok, warn or fail. The words say the same as the colour."""
    glyph, colour = GLYPHS[kind]
    click.echo(f"{click.style(glyph, fg=colour)} {_safe(text)}")


def document(value: Any) -> None:
    """One JSON document."""
    click.echo(json.dumps(value, indent=2))


def event(name: str, now: float, /, **fields: Any) -> None:
    """One line of JSON Lines, flushed, so that a reader of a pipe sees it at once."""
    click.echo(json.dumps({"ts": iso(now), "event": name, **fields}))
    sys.stdout.flush()


def iso(seconds: float) -> str:
    """A time as ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local(milliseconds: int | None) -> str:
    """A stored time for a person: local, to the second."""
    if milliseconds is None:
        return "-"
    return datetime.fromtimestamp(milliseconds / 1000).strftime("%Y-%m-%d %H:%M:%S")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: str = "") -> None:
    """A plain table; the columns named in `right` (separated by spaces) hold numbers."""
    lines = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(line[n]) for line in [list(columns), *lines]) for n in range(len(columns))]
    numeric = set(right.split())
    for head, line in [(True, list(columns)), *((False, line) for line in lines)]:
        cells = (
            text.rjust(width) if column in numeric else text.ljust(width)
            for column, text, width in zip(columns, line, widths, strict=True)
        )
        text = "  ".join(cells).rstrip()
        click.echo(click.style(text, bold=True) if head else text)


def fields(pairs: Mapping[str, object]) -> None:
    """Name and value, one a line."""
    width = max(map(len, pairs), default=0)
    for name, value in pairs.items():
        say(f"{name.ljust(width)}  {_cell(value)}")


def block(title: str, text: str) -> None:
    """A titled text of many lines, such as a payload; each line is made safe by itself."""
    click.echo(click.style(title, bold=True))
    for line in text.splitlines() or [""]:
        say(f"  {line}")


def masked(text: str | None) -> Any:
    """A stored JSON text as a value with its secrets masked; text that is not JSON as it is."""
    if text is None:
        return None
    try:
        return mask(json.loads(text))
    except ValueError:
        return text


def pretty(text: str | None) -> str:
    """The same for reading: indented."""
    value = masked(text)
    if value is None or isinstance(value, str):
        return value or "-"
    return json.dumps(value, indent=2, ensure_ascii=False)


def span(seconds: float) -> str:
    """A duration in at most two units: 7 s, 4 m 10 s, 1 h 23 m."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} m"


def _cell(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.1f}"
        case _:
            return printable(str(value))


def _safe(text: str) -> str:
    return "\n".join(printable(line) for line in text.split("\n"))
