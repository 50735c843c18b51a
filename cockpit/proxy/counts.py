"""What is counted: by connection, side and outcome, and what was refused. One dictionary, no locks."""

from collections import Counter
from typing import Literal

from cockpit.rollout.route import Side
from cockpit.state.rollout.traffic import Outcome

Refusal = Literal["body_too_large", "hops", "unknown_host", "framing", "timeout"]


class Counts:
    """Totals since the start; only the loop's thread counts, others read."""

    def __init__(self) -> None:
        self.logins: Counter[tuple[str, Side, Outcome]] = Counter()
        self.refused: Counter[Refusal] = Counter()
        self.faults: Counter[str] = Counter()
        """Faults of ours by the name of their exception: each ended in legacy."""
