"""What is wrong with a package: findings, of each kind so many that they can be read, and their numbers."""

from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]
SHOWN = 20
"""Findings of one code in one file that are kept; all of them are counted."""


class Finding(NamedTuple):
    """`error`: a tool refuses the package, or a row can't be imported. No cell's value is in the message."""

    severity: Severity
    code: str
    file: str
    line: int | None
    message: str


class Findings:
    """Collects them in little memory, however many there are."""

    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self.counts: Counter[tuple[Severity, str, str]] = Counter()

    def error(self, code: str, file: str, message: str, line: int | None = None) -> None:
        """One that matters."""
        self._add(Finding("error", code, file, line, message))

    def warning(self, code: str, file: str, message: str, line: int | None = None) -> None:
        """One that deserves a look."""
        self._add(Finding("warning", code, file, line, message))

    def _add(self, finding: Finding) -> None:
        key = (finding.severity, finding.code, finding.file)
        self.counts[key] += 1
        if self.counts[key] <= SHOWN:
            self._kept.append(finding)

    def total(self, severity: Severity) -> int:
        """How many there are."""
        return sum(n for (one, _, _), n in self.counts.items() if one == severity)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._kept)

    def more(self) -> list[tuple[str, str, int]]:
        """(code, file, how many) of those that were counted and not kept."""
        return [(code, file, n - SHOWN) for (_, code, file), n in self.counts.items() if n > SHOWN]
