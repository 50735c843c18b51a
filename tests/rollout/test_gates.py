"""Gates before a flip: each closes by itself, and says what to do."""

from dataclasses import replace

import pytest

from cockpit.rollout.gates import Facts, LastDiff, Target, closed
from cockpit.rollout.rules import RolloutSettings

NOW = 1_800_000_000_000
HOUR, DAY = 3_600_000, 86_400_000
CALLBACK = "https://auth.workos.test/sso/saml/acs/1"
READY = Facts(
    connection="con_1",
    column="legacy",
    target_id="conn_1",
    callback_endpoint=CALLBACK,
    target=Target("validating", CALLBACK, (), NOW),
    diff=LastDiff(NOW - HOUR, 0),
    certificate_until=NOW + 90 * DAY,
    last_flip=None,
)
RULES = RolloutSettings()


def test_nothing_is_closed_where_all_is_proven() -> None:
    assert closed(READY, RULES, NOW) == []
    assert closed(replace(READY, column="held"), RULES, NOW) == [], "a person may flip it again"


@pytest.mark.parametrize(
    ("change", "gate", "said"),
    [
        ({"column": "workos"}, "column", "its logins go to WorkOS already"),
        ({"column": "manual"}, "column", "does not move by itself"),
        ({"target_id": None}, "mapped", "cockpit connections create con_1"),
        ({"callback_endpoint": None}, "mapped", "callback endpoint is not known"),
        ({"target": None}, "target", "was not asked of late"),
        ({"target": Target("active", CALLBACK, (), NOW - 25 * HOUR)}, "target", "was not asked of late"),
        ({"target": Target("inactive", CALLBACK, (), NOW)}, "target", "it is inactive at WorkOS"),
        ({"target": Target(None, None, (), NOW)}, "target", "it is not there at WorkOS"),
        ({"target": Target("active", "https://else.test", (), NOW)}, "target", "another callback endpoint"),
        ({"target": Target("active", None, ("a.test", "b.test"), NOW)}, "domains", "a.test, b.test"),
        ({"diff": None}, "diff", "never compared: cockpit users diff"),
        ({"diff": LastDiff(NOW - 25 * HOUR, 0)}, "diff", "25 h old (at most 24)"),
        ({"diff": LastDiff(NOW, 3)}, "diff", "3 differences in its users"),
        ({"restless": "it was never looked at"}, "quiet", "the first flip waits: it was never looked at"),
        (
            {"certificate_until": NOW + 13 * DAY},
            "certificate",
            "certificate ends in 13 days (at least 14 days)",
        ),
        ({"certificate_until": NOW - 21 * DAY}, "certificate", "certificate ended 21 days ago (at least"),
        ({"last_flip": NOW - 60_000}, "spacing", "240 s to go"),
    ],
)
def test_a_gate_is_closed_alone_and_says_why(change: dict[str, object], gate: str, said: str) -> None:
    (found,) = closed(replace(READY, **change), RULES, NOW)  # type: ignore[arg-type]
    assert found.gate == gate
    assert said in found.why


def test_a_second_person_is_asked_for_only_where_that_is_set() -> None:
    rules = RolloutSettings(two_person=True)
    (found,) = closed(READY, rules, NOW)
    assert found.gate == "approval" and "cockpit rollout approve con_1" in found.why
    assert closed(replace(READY, approved_by=("bob",)), rules, NOW) == []


def test_the_calendar_is_a_gate() -> None:
    (found,) = closed(READY, RolloutSettings(weekdays=()), NOW)
    assert found.gate == "calendar"
