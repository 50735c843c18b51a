"""Which held events a drain leaves out: found for a preview, and written before it begins."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cockpit.state import imported
from cockpit.state.tank import subjects
from cockpit.state.tank.subjects import Subjected
from cockpit.webhooks.classify import updated
from cockpit.webhooks.leaving_out import Reason, Told, coalesce, stale

IMPORTED = ("user", "organization")
"""What staleness is known of: things that were imported as records with an age."""


@dataclass(frozen=True)
class Choices:
    """`sources`: whose events. `coalesce`: the newest update of a thing is enough, and what came and went is
    nothing. `skip_stale`: nor need be sent what the import brought already."""

    sources: tuple[str, ...]
    coalesce: bool = False
    skip_stale: bool = False

    @property
    def any(self) -> bool:
        """Whether anything at all may be left out."""
        return self.coalesce or self.skip_stale


def preview(
    tank: sqlite3.Connection, state: sqlite3.Connection | None, choices: Choices
) -> Counter[tuple[str, Reason]]:
    """How many events the choices would leave out, by (class, reason)."""
    found: Counter[tuple[str, Reason]] = Counter()
    if choices.any:
        for page in left_out(tank, state, choices):
            found.update((event.type, reason) for event, reason in page)
    return found


def left_out(
    tank: sqlite3.Connection, state: sqlite3.Connection | None, choices: Choices
) -> Iterator[list[tuple[Subjected, Reason]]]:
    """Pages of held events that need not be sent, and why. Without a state nothing is stale.

    Staleness goes first: of who was imported and then deleted, the deletion stays.
    """
    for page in subjects.pages(tank, choices.sources):
        ages = _imported(state, [subject for subject, _ in page]) if choices.skip_stale and state else {}
        gone: list[tuple[Subjected, Reason]] = []
        for subject, events in page:
            told = [Told(event.id, event.type, event.at) for event in events]
            reasons: dict[int, Reason] = {one.id: "stale" for one in told if stale(one, ages.get(subject))}
            if choices.coalesce:
                reasons |= coalesce([one for one in told if one.id not in reasons])
            gone += [(event, reasons[event.id]) for event in events if event.id in reasons]
        yield gone


def _imported(state: sqlite3.Connection, named: Sequence[str]) -> dict[str, int]:
    """When the imported records of these subjects were changed last, at their provider, in ms."""
    found: dict[str, int] = {}
    for kind in IMPORTED:
        ids = [subject.removeprefix(f"{kind}:") for subject in named if subject.startswith(f"{kind}:")]
        for source_id, body in imported.bodies(state, kind, ids).items():
            record = json.loads(body)
            if isinstance(record, dict) and (at := updated(record)) is not None:
                found[f"{kind}:{source_id}"] = at
    return found
