"""What only traffic shows decides, too."""

import pytest

from cockpit.connections.checks.surroundings import Surroundings
from cockpit.connections.rules import Verdict
from tests.connections.keys import NOW_MS
from tests.connections.made import one, saml


def verdict(seen: dict[str, dict[str, int]]) -> tuple[Verdict, set[str]]:
    found = one(saml(), Surroundings(NOW_MS, observed={"con_1": seen}))
    return found.triage.verdict, {finding.rule for finding in found.findings if finding.field == "traffic"}


@pytest.mark.parametrize(
    ("seen", "expected", "rules"),
    [
        ({"encrypted": {"assertion": 3, "no": 1}}, "portal", {"encryption_seen"}),
        ({"signed": {"response": 2}}, "stop", {"assertion_unsigned"}),
        ({"signed": {"response": 2, "both": 1}}, "transparent", set()),
        ({"signed": {"hidden": 2}}, "transparent", set()),
        ({"encrypted_part": {"attribute": 1}}, "stop", {"attributes_encrypted"}),
        ({"encrypted_part": {"name_id": 1}}, "review", {"name_id_encrypted"}),
        ({"name_id_format": {"transient": 1}}, "stop", {"name_id_transient"}),
        ({"begun_by": {"idp": 1, "service": 3}}, "transparent", {"idp_initiated"}),
        ({}, "transparent", set()),
    ],
)
def test_a_trait_of_live_answers(seen: dict[str, dict[str, int]], expected: Verdict, rules: set[str]) -> None:
    assert verdict(seen) == (expected, rules)
