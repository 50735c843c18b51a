"""Whether logins of a connection work at WorkOS, told from what is counted. Pure.

Judged is the share of sign-ins that succeeded, against the connection's own share while it was at legacy,
with the uncertainty that few sign-ins have (Wilson's interval): a rollback needs evidence, and so does trust.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import Literal, NamedTuple

Verdict = Literal["pass", "fail", "inconclusive", "no data"]
Z = 1.96
"""Of 95 %."""


class Baseline(NamedTuple):
    """What the proxy counted at legacy before: logins that the handler took, and those it refused."""

    succeeded: int = 0
    failed: int = 0


NEVER_WATCHED = Baseline()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a connection's logins at WorkOS since it was flipped.

    `handed`: logins that the proxy sent there. `fell_back`: those that it gave to legacy all the same.
    `codes`: reasons of failures, by WorkOS's code. `known_until` (ms): how far the events were followed, None
    if nobody ever did.
    """

    started: int = 0
    succeeded: int = 0
    failed: int = 0
    timed_out: int = 0
    codes: Mapping[str, int] = field(default_factory=dict)
    handed: int = 0
    fell_back: int = 0
    baseline: Baseline = NEVER_WATCHED
    known_until: int | None = None


class Limits(NamedTuple):
    """By what it is judged. `judge_from`: sign-ins that a verdict of fail needs; `least`: those that proof
    needs; `expected`: the share of success where legacy was never watched; `tolerance`: so much less is well;
    `blind_ms`: metrics older than this are none."""

    judge_from: int = 3
    least: int = 1
    expected: float = 0.95
    tolerance: float = 0.05
    blind_ms: int = 300_000


class Judged(NamedTuple):
    """A verdict and why, in words."""

    verdict: Verdict
    why: str


ENOUGH_BASELINE = 20


def judge(evidence: Evidence, limits: Limits, now: int) -> Judged:
    """pass: proven and as good as before. fail: worse, beyond doubt. no data: nobody may decide anything."""
    if blind(evidence.known_until, limits.blind_ms, now):
        return Judged("no data", "the events of WorkOS are not followed")
    good, bad = evidence.succeeded, evidence.failed
    floor, whose = _floor(evidence.baseline, limits)
    ended = good + bad
    if ended >= limits.judge_from and upper(good, ended) < floor:
        return Judged("fail", f"{good} of {ended} sign-ins succeeded, {whose} {floor:.0%}{_codes(evidence)}")
    if not ended and evidence.timed_out >= limits.judge_from:
        return Judged("fail", f"{evidence.timed_out} sign-ins began and none came to an end")
    if good < limits.least:
        if evidence.handed and not ended:
            return Judged("inconclusive", f"{evidence.handed} logins were handed over, WorkOS told of none")
        missing = "no sign-in yet: ask for a test login" if not ended else f"{bad} failed{_codes(evidence)}"
        return Judged("inconclusive", f"unproven, {missing}")
    if good / ended < floor:
        return Judged("inconclusive", f"{good} of {ended} succeeded, {whose} {floor:.0%}: too few to tell")
    if evidence.fell_back > good:
        return Judged("inconclusive", f"{evidence.fell_back} logins fell back to legacy")
    return Judged("pass", f"{good} of {ended} sign-ins succeeded")


def blind(known_until: int | None, blind_ms: int, now: int) -> bool:
    """Whether metrics are missing: then nothing goes forward, and nothing back by rule."""
    return known_until is None or now - known_until > blind_ms


def shared_codes(failures: Iterable[Mapping[str, int]], connections: int) -> list[str]:
    """Codes for which at least so many connections fail: no fault of one customer."""
    counted: dict[str, int] = {}
    for codes in failures:
        for code in codes:
            counted[code] = counted.get(code, 0) + 1
    return sorted(code for code, n in counted.items() if n >= connections)


def upper(good: int, of: int) -> float:
    """The highest share of success that so few sign-ins leave room for (Wilson's interval)."""
    share, z2 = good / of, Z * Z
    spread = Z * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return (share + z2 / (2 * of) + spread) / (1 + z2 / of)


def _floor(baseline: Baseline, limits: Limits) -> tuple[float, str]:
    total = baseline.succeeded + baseline.failed
    if total >= ENOUGH_BASELINE:
        return max(0.0, baseline.succeeded / total - limits.tolerance), "legacy had at least"
    return max(0.0, limits.expected - limits.tolerance), "expected are"


def _codes(evidence: Evidence) -> str:
    codes = sorted(evidence.codes, key=lambda code: (-evidence.codes[code], code))
    return f" ({', '.join(codes)})" if codes else ""
