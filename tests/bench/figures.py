"""What a bench found, beside what it should have found."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured value. `goal` is its bound: the most, or with `at_least` the least; None without one."""

    name: str
    value: float
    unit: str = ""
    goal: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether it is within its bound."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def table(figures: Sequence[Figure]) -> str:
    """The figures as lines: name, value, bound and whether it holds."""
    rows = [("figure", "measured", "goal", "")]
    for figure in figures:
        goal = ""
        if figure.goal is not None:
            goal = f"{'>=' if figure.at_least else '<='} {_number(figure.goal, figure.unit)}"
        rows.append((figure.name, _number(figure.value, figure.unit), goal, "" if figure.met else "MISSED"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]}".rstrip()
        for row in rows
    )


def _number(value: float, unit: str) -> str:
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{text} {unit}".rstrip()
