"""The terminal: whether the cockpit's screen fits and can be drawn on it."""

import codecs
import os
from collections.abc import Mapping

from cockpit.findings import Finding, ok, warn

COLUMNS, LINES = 80, 24
_PLAIN = {"", "dumb", "unknown"}


def examine(fd: int, encoding: str, environment: Mapping[str, str]) -> list[Finding]:
    """Size, colours and character set of the terminal at this file descriptor; one line where it is none."""
    try:
        size = os.get_terminal_size(fd)
    except OSError:
        return [ok("terminal", "none here: the screen needs one, the commands don't")]
    return [fits(size.columns, size.lines), colours(environment), charset(encoding)]


def fits(columns: int, lines: int) -> Finding:
    """80x24 at least."""
    if columns >= COLUMNS and lines >= LINES:
        return ok("size", f"{columns}x{lines}")
    step = "make the window larger, or use the commands"
    return warn("size", f"{columns}x{lines}", f"the screen is drawn for {COLUMNS}x{LINES} or more", step)


def colours(environment: Mapping[str, str]) -> Finding:
    """By TERM, COLORTERM and NO_COLOR; words and glyphs say the same as colours."""
    term, depth = environment.get("TERM", ""), environment.get("COLORTERM", "").lower()
    if term in _PLAIN:
        why = "it can't place text on a screen"
        return warn("colours", f"TERM is {term or 'not set'}", why, "set TERM, such as xterm-256color")
    if environment.get("NO_COLOR"):
        return ok("colours", "off by NO_COLOR; words and glyphs say the same")
    if depth in {"truecolor", "24bit"}:
        return ok("colours", "16 million")
    return ok("colours", "256" if term.endswith("256color") else f"those of {term}")


def charset(encoding: str) -> Finding:
    """UTF-8, since glyphs and names are drawn in it."""
    try:
        known = codecs.lookup(encoding).name
    except LookupError:
        known = encoding
    if known == "utf-8":
        return ok("charset", "UTF-8")
    step = "set a locale with UTF-8, such as LANG=C.UTF-8"
    return warn("charset", f"{encoding}, not UTF-8", "glyphs and many names can't be drawn", step)
