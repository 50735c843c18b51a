"""Triage and plan: the gravest verdict wins; the capable count decides."""

import pytest

from cockpit.connections import board
from cockpit.connections.plan import Obstacle, Strategy, obstacle, plan
from cockpit.connections.rules import VERDICTS, Verdict, finding
from cockpit.connections.triage import triage


def test_the_gravest_verdict_wins_and_gives_its_reasons_first() -> None:
    found = [finding(rule, "", "") for rule in ("idp_initiated", "name_id_format", "signing_key_kept_back")]
    assert triage(found).verdict == "portal"
    assert triage(found).reasons[0].startswith("requests are signed")
    assert triage([*found, finding("certificate_expired", "", "")]).verdict == "stop"
    assert triage(found[:1]) == ("transparent", ())


@pytest.mark.parametrize(
    ("capable", "others", "by_count", "decided", "strategy"),
    [
        (14, 0, "portal", "portal", "portal"),
        (15, 0, "transparent", "transparent", "transparent"),
        (10, 10, "transparent", "portal", None),
        (0, 0, "portal", "portal", "portal"),
        (15, 5, "transparent", "transparent", "transparent"),
    ],
)
def test_the_rule_of_fifteen(
    capable: int, others: int, by_count: Strategy, decided: Strategy, strategy: Strategy | None
) -> None:
    made = plan({"transparent": capable, "portal": others})
    assert (made.by_count, made.decided, made.strategy) == (by_count, decided, strategy)
    assert (made.total, made.capable) == (capable + others, capable)


@pytest.mark.parametrize(
    ("capable", "others", "unchecked", "wanted"),
    [(15, 0, 1, "unchecked"), (10, 10, 0, "undecided"), (3, 0, 0, "portal"), (15, 5, 0, None)],
)
def test_what_stands_in_the_way_of_creating(
    capable: int, others: int, unchecked: int, wanted: Obstacle | None
) -> None:
    found = obstacle(plan({"transparent": capable, "portal": others}), unchecked)
    assert (found[0] if found is not None else None) == wanted


def test_a_choice_is_in_force_whatever_the_counts_say() -> None:
    assert plan({"transparent": 10, "portal": 10}, chosen="transparent").strategy == "transparent"
    assert plan({"transparent": 3}, chosen="transparent").strategy == "transparent"


def test_another_number_may_be_set() -> None:
    assert plan({"transparent": 14}, proxy_from=10).strategy == "transparent"


def test_what_either_costs() -> None:
    verdicts: dict[Verdict, int] = {"transparent": 10, "review": 4, "portal": 3, "stop": 2}
    portal, transparent = plan(verdicts).costs
    assert (portal.customers, portal.moved, portal.blocked) == (17, 0, 2)
    assert (transparent.customers, transparent.moved) == (3, 10)
    assert (transparent.decisions, transparent.blocked) == (4, 2)


def test_where_each_begins_on_the_board() -> None:
    assert {verdict: board.begins(verdict) for verdict in VERDICTS} == {
        "transparent": "legacy",
        "review": "manual",
        "portal": "manual",
        "stop": "manual",
    }
    assert board.begins(None) == "manual"
    assert board.CUTOVER == {
        "manual": "manual",
        "legacy": "legacy",
        "canary": "workos",
        "workos": "workos",
        "held": "legacy",
    }
