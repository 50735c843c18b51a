"""The sequence of webhooks around an import: its steps, what proves each, when a proof ends, what blocks.

Pure: a log of evidence, oldest first, and the time become the standing of every step. Nothing is ticked: a
step is passed by a proof, which is an observation. What a person says (an attestation) is shown as that and
still needs its observation.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Step = Literal[
    "baseline", "legacy_off", "workos_off", "quiet", "import", "cutover", "event_flow", "backlog", "drained",
    "legacy_stays_off",
]  # fmt: skip
STEPS: tuple[Step, ...] = get_args(Step)

TITLES: Mapping[Step, str] = {
    "baseline": "What there is before",
    "legacy_off": "Old provider's webhooks off, or at the tank",
    "workos_off": "WorkOS's endpoints off",
    "quiet": "Source quiet",
    "import": "Import, diff clean",
    "cutover": "One connection cut over",
    "event_flow": "Event flow verified",
    "backlog": "Backlog decided",
    "drained": "Backlog drained or discarded",
    "legacy_stays_off": "Old provider's stay off",
}

NEEDS: Mapping[Step, tuple[Step, ...]] = {
    "baseline": (),
    "legacy_off": ("baseline",),
    "workos_off": ("baseline",),
    "quiet": ("legacy_off", "workos_off"),
    "import": ("legacy_off", "workos_off", "quiet"),
    "cutover": ("import", "quiet"),
    "event_flow": ("cutover",),
    "backlog": ("event_flow",),
    "drained": ("backlog", "legacy_off"),
    "legacy_stays_off": ("drained",),
}
"""What must be passed before a step can be; always earlier ones."""

NEEDED_UNTIL: Mapping[Step, Step] = {"legacy_off": "drained", "workos_off": "import", "quiet": "cutover"}
"""Steps whose proof tells how things are, not what was done: it must hold until that later step is proven."""

What = Literal["attested", "watching", "proven", "refuted", "waived"]
"""attested: a person says so. watching: an observation has begun. proven: it was observed. refuted: something
else was observed, so earlier evidence counts no more. waived: gone past by a person's decision."""

State = Literal["blocked", "open", "attested", "watching", "waived", "refuted", "expired", "proven", "passed"]
"""blocked: earlier steps are missing. open: may be done now. passed: proven, and no longer needed."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One entry of the log: what, when (ms), by whom, in words, the facts behind it, and until when (ms)."""

    step: Step
    what: What
    at: int
    by: str
    says: str
    ends: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    def holds(self, now: int) -> bool:
        """Whether it has not ended."""
        return self.ends is None or now < self.ends


@dataclass(frozen=True, slots=True)
class Standing:
    """How a step stands. `evidence`: what its state is read from, None where there is none.

    `valid`: there is a proof and it holds now, whether it is still needed or not. `attested`: the proof rests
    on what a person said. `blocked_by`: the steps that are missing before it can be proven.
    """

    step: Step
    state: State
    valid: bool
    evidence: Evidence | None
    attested: bool
    blocked_by: tuple[Step, ...]

    @property
    def is_passed(self) -> bool:
        """Whether the sequence may go beyond it."""
        return self.state in ("proven", "passed")

    def age_ms(self, now: int) -> int | None:
        """How old its evidence is."""
        return None if self.evidence is None else max(0, now - self.evidence.at)


class Refused(Exception):
    """Evidence that comes before its turn; one line says what is missing."""


def standings(log: Iterable[Evidence], now: int) -> Mapping[Step, Standing]:
    """Every step as it stands now, in order."""
    entries: dict[Step, list[Evidence]] = {step: [] for step in STEPS}
    for evidence in log:
        entries[evidence.step].append(evidence)
    folded = {step: _fold(entries[step]) for step in STEPS}
    over = {step for step in STEPS if folded[NEEDED_UNTIL.get(step, step)].proof is not None}
    found: dict[Step, Standing] = {}
    for step in STEPS:
        found[step] = _standing(step, folded[step], now, step in over, found)
    return found


def current(found: Mapping[Step, Standing]) -> Step | None:
    """The first step that is not passed; None when all are.

    A quiet source that was waived is asked for once the import is proven.
    """
    for step in STEPS:
        standing = found[step]
        if standing.is_passed:
            continue
        if standing.state == "waived" and not found["import"].is_passed:
            continue
        return step
    return None


def admit(found: Mapping[Step, Standing], step: Step, what: What) -> None:
    """Raise Refused for evidence that may not be recorded as things stand.

    What was observed against a step may always be.
    """
    if what == "refuted":
        return
    if what == "waived" and step != "quiet":
        raise Refused(f"{step} can't be gone past; only a quiet source can, by --live-source")
    if missing := found[step].blocked_by:
        raise Refused(f"{step} waits for {' and '.join(missing)}")


def missing_before(found: Mapping[Step, Standing], step: Step) -> tuple[Step, ...]:
    """The steps that are missing before this one can be proven, in order."""
    return tuple(need for need in NEEDS[step] if not _serves(found[need], step))


@dataclass(frozen=True, slots=True)
class _Folded:
    """What is left of a step's entries."""

    proof: Evidence | None = None
    attested: bool = False
    attestation: Evidence | None = None
    watch: Evidence | None = None
    waiver: Evidence | None = None
    refusal: Evidence | None = None


def _fold(entries: Sequence[Evidence]) -> _Folded:
    left = _Folded()
    for entry in entries:
        match entry.what:
            case "attested":
                left = _Folded(left.proof, left.attested, entry, left.watch, left.waiver)
            case "watching":
                left = _Folded(left.proof, left.attested, left.attestation, entry, left.waiver)
            case "proven":
                said = left.attestation is not None and left.attestation.holds(entry.at)
                left = _Folded(entry, said, left.attestation)
            case "waived":
                left = _Folded(left.proof, left.attested, left.attestation, left.watch, entry)
            case "refuted":
                left = _Folded(refusal=entry)
    return left


def _standing(step: Step, left: _Folded, now: int, over: bool, before: Mapping[Step, Standing]) -> Standing:
    valid = left.proof is not None and left.proof.holds(now)
    if valid or over:
        newest = left.proof or left.refusal or left.attestation
        return Standing(step, "proven" if valid else "passed", valid, newest, left.attested, ())
    blocked_by = missing_before(before, step)
    choices: tuple[tuple[State, Evidence | None], ...] = (
        ("waived", _live(left.waiver, now)),
        ("watching", _live(left.watch, now)),
        ("attested", _live(left.attestation, now)),
        ("expired", left.proof),
        ("refuted", left.refusal),
    )
    for state, evidence in choices:
        if evidence is not None:
            return Standing(step, state, False, evidence, state == "attested", blocked_by)
    return Standing(step, "blocked" if blocked_by else "open", False, None, False, blocked_by)


def _serves(standing: Standing, step: Step) -> bool:
    return standing.is_passed or (standing.state == "waived" and step == "import")


def _live(evidence: Evidence | None, now: int) -> Evidence | None:
    return evidence if evidence is not None and evidence.holds(now) else None
