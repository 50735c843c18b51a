"""What a check before a migration found: pure words that sources and the doctor share."""

from typing import Literal, NamedTuple

Level = Literal["ok", "warn", "fail"]

RESUMES = ", the same command resumes"
"""What errors of a job end with, and a check has nothing to resume."""


class Finding(NamedTuple):
    """One check's outcome. `why` it matters and what to do `next` are "" where all is well."""

    level: Level
    check: str
    what: str
    why: str = ""
    next: str = ""


def ok(check: str, what: str) -> Finding:
    """Nothing to do."""
    return Finding("ok", check, what)


def warn(check: str, what: str, why: str, step: str) -> Finding:
    """A migration can go on, and may lose something or wait."""
    return Finding("warn", check, what, why, step)


def fail(check: str, what: str, why: str, step: str) -> Finding:
    """A migration can't go on, or shouldn't."""
    return Finding("fail", check, what, why, step)


def told(check: str, said: str, why: str, step: str = "") -> Finding:
    """A failure from an error whose one line ends with what to do (`step` where it does not)."""
    what, _, last = said.removesuffix(RESUMES).rpartition("; ")
    return fail(check, what, why, last) if what else fail(check, last, why, step)
