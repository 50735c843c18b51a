"""Triage: what becomes of a connection, and why. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from cockpit.connections.rules import RULES, VERDICTS, Verdict
from cockpit.rules.lint import Finding


class Triage(NamedTuple):
    """A verdict with its reasons in words; none for one that moves without a word."""

    verdict: Verdict
    reasons: tuple[str, ...]


def triage(findings: Iterable[Finding]) -> Triage:
    """The gravest verdict of the findings. All of that verdict are its reasons, then the lesser ones."""
    by_verdict: dict[Verdict, list[str]] = {verdict: [] for verdict in VERDICTS}
    for finding in findings:
        rule = RULES[finding.rule]
        if rule.verdict != "transparent":
            by_verdict[rule.verdict].append(rule.title)
    graver = [verdict for verdict in reversed(VERDICTS) if by_verdict[verdict]]
    reasons = dict.fromkeys(reason for verdict in graver for reason in by_verdict[verdict])
    return Triage(graver[0] if graver else "transparent", tuple(reasons))
