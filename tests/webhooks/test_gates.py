"""Gates of webhooks: what an import needs, and what the first flip needs."""

from dataclasses import replace

import pytest

from cockpit.webhooks.gates import FlipEvidence, first_flip, source_quiet, webhooks_off
from cockpit.webhooks.sequence import Evidence, standings
from tests.webhooks.test_sequence import HOUR, entry, until


def test_an_import_needs_both_kinds_off() -> None:
    why = webhooks_off(standings([], 0)) or ""
    assert "the old provider's webhooks (no proof)" in why and "WorkOS's webhook endpoints (no proof)" in why
    why = webhooks_off(standings(until("legacy_off"), 1)) or ""
    assert "old provider" not in why and "WorkOS's webhook endpoints" in why
    assert webhooks_off(standings(until("workos_off"), 1)) is None


def test_a_proof_that_ended_and_one_that_was_undone_are_told_apart() -> None:
    why = webhooks_off(standings(until("workos_off"), 24 * HOUR)) or ""
    assert why.count("the proof has expired") == 2
    undone = [*until("workos_off"), entry("workos_off", "refuted", 2)]
    assert "workos_off refuted" in (webhooks_off(standings(undone, 3)) or "")


def test_what_was_said_alone_opens_nothing() -> None:
    said = [entry("baseline"), entry("legacy_off", "attested"), entry("workos_off")]
    assert "said, not observed yet" in (webhooks_off(standings(said, 1)) or "")


def test_another_import_after_the_sequence_needs_fresh_proofs() -> None:
    found = standings(until("legacy_stays_off"), 30 * HOUR)
    assert "no longer needed" in (webhooks_off(found) or "")
    assert "no longer needed" in (source_quiet(found) or "")


def test_a_source_is_quiet_or_the_way_past_is_named() -> None:
    assert source_quiet(standings(until("quiet"), 1)) is None
    assert "--live-source" in (source_quiet(standings(until("workos_off"), 1)) or "")
    watching = [*until("workos_off"), entry("quiet", "watching")]
    assert "goes on" in (source_quiet(standings(watching, 1)) or "")


def before_the_flip(now: int = 10) -> FlipEvidence:
    quiet = standings(until("import"), now)["quiet"]
    return FlipEvidence(quiet, last_write=5, diff_at=6, clean=True)


def test_the_first_flip_needs_a_quiet_source_and_a_clean_diff_since_its_last_change() -> None:
    assert first_flip(before_the_flip()) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"diff_at": None, "clean": False}, "never compared"),
        ({"clean": False}, "not clean"),
        ({"diff_at": 5}, "older than the last change"),
        ({"last_write": None}, "older than the last change"),
    ],
)
def test_what_else_holds_it_back(change: dict[str, int | bool | None], said: str) -> None:
    evidence = replace(before_the_flip(), **change)  # type: ignore[arg-type]
    assert said in (first_flip(evidence) or "")


def test_a_quiet_source_that_was_proven_too_long_ago_or_waived_holds_it_back() -> None:
    assert "has expired" in (first_flip(before_the_flip(5 * HOUR)) or "")
    waived = standings([*until("workos_off"), Evidence("quiet", "waived", 0, "ada", "it goes on")], 1)[
        "quiet"
    ]
    assert "not proven quiet" in (first_flip(replace(before_the_flip(), quiet=waived)) or "")
