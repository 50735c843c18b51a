"""Legacy may go when everything was at WorkOS for a cycle, and somebody counted that nobody came."""

import pytest

from cockpit.rollout.decommission import Standing, prove, render
from cockpit.words import DAY_MS

NOW = 1_800_000_000_000
LONG_AGO = NOW - 40 * DAY_MS
THERE = [Standing(f"con_{n}", "Acme", "workos", LONG_AGO) for n in range(3)]
MANUAL = Standing("con_m", "Initech", "manual", None)


def test_a_whole_cycle_without_a_login_at_legacy_is_proof() -> None:
    proof = prove([*THERE, MANUAL], {"con_0": 0}, LONG_AGO, 30, NOW)
    assert (proof.verdict, proof.reasons, proof.since) == ("ready", (), LONG_AGO)
    assert "**ready**" in render(proof)


@pytest.mark.parametrize(
    ("last", "legacy", "counted", "verdict", "said"),
    [
        ("held", {}, LONG_AGO, "blocked", "1 of 4 connections are not at WorkOS"),
        ("workos", {"con_1": 2, "con_m": 1}, LONG_AGO, "blocked", "legacy took 3 logins of 2 connections"),
        ("workos", {"": 7}, LONG_AGO, "blocked", "legacy took 7 logins"),
        ("workos", {}, None, "blocked", "no proxy has counted"),
        ("workos", {}, NOW - 12 * DAY_MS, "wait", "the proxy counts for 12.0 of 30 days"),
    ],
)
def test_what_keeps_legacy_is_named(
    last: str, legacy: dict[str, int], counted: int | None, verdict: str, said: str
) -> None:
    standings = [*THERE, Standing("con_9", "Hooli", last, LONG_AGO), MANUAL]  # type: ignore[arg-type]
    proof = prove(standings, legacy, counted, 30, NOW)
    assert proof.verdict == verdict
    assert said in "; ".join(proof.reasons)


def test_the_clock_starts_anew_with_the_last_move() -> None:
    proof = prove([*THERE, Standing("con_9", "", "canary", NOW - 5 * DAY_MS)], {}, LONG_AGO, 30, NOW)
    assert (proof.verdict, proof.reasons) == ("wait", ("all are at WorkOS for 5.0 of 30 days",))


def test_without_a_connection_there_is_nothing_to_prove() -> None:
    assert prove([MANUAL], {}, LONG_AGO, 30, NOW).reasons == ("no connection has moved",)


def test_the_report_escapes_what_customers_are_called() -> None:
    proof = prove([Standing("con_1", "<b>|Acme", "workos", LONG_AGO)], {"": 4}, LONG_AGO, 30, NOW)
    text = render(proof)
    assert "<b>" not in text and "\\|Acme" in text
    assert "Logins of no known connection at legacy: 4" in text
