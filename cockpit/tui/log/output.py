"""What processes of jobs printed: the end of the file that all of them append to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cockpit.rules.mask import printable
from cockpit.state import browse
from cockpit.tui.marks import Tone
from cockpit.tui.widgets.json_lines import Line

MOST = 64 << 10
"""Bytes that are shown; the file has what came before."""

_LEVEL = re.compile(r"\d{4}-\d\d-\d\d [\d:,]+ (WARNING|ERROR|CRITICAL) ")
_TONES: dict[str, Tone] = {"WARNING": "warn", "ERROR": "bad", "CRITICAL": "bad"}


@dataclass(frozen=True, slots=True)
class Tail:
    """The last lines of a file of `size` bytes; `cut`: there are earlier ones."""

    size: int = 0
    lines: tuple[str, ...] = ()
    cut: bool = False


def size(file: Path) -> int:
    """Bytes, 0 without one."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def read(file: Path, most: int = MOST) -> Tail:
    """The end of a file, whole lines only; nothing where there is none. Raises OSError."""
    try:
        with file.open("rb") as opened:
            whole = opened.seek(0, 2)
            opened.seek(max(0, whole - most - 1))
            end = opened.read()
    except FileNotFoundError:
        return Tail()
    if cut := whole > most:
        begun, newline, rest = end.partition(b"\n")
        end = rest if newline else begun
    return Tail(whole, tuple(end.decode(errors="replace").removesuffix("\n").split("\n")), cut)


def shown(tail: Tail, words: str) -> Iterator[Line]:
    """The lines that match all the words, whatever their case; `!` before one means not."""
    terms = browse.parse(words.lower(), {})
    for line in tail.lines:
        if all((term.value in line.lower()) != term.negated for term in terms):
            level = _LEVEL.match(line)
            yield ((printable(line), _TONES[level[1]] if level else "plain"),)
