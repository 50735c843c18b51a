"""Waves: exact sizes for dozens, an order by risk, and a life in which only people go forward."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.rollout import waves
from cockpit.rollout.ranking import Candidate, rank
from cockpit.rollout.waves import ACTS, NONE_LEFT, SHARES, WAVE_STATES, Act, Member, WaveRefused, WaveState
from cockpit.words import DAY_MS

NOW = 1_800_000_000_000
NAMES = st.lists(st.text("abc", min_size=1, max_size=8), unique=True, max_size=60)


@pytest.mark.parametrize(
    ("eligible", "cumulative"),
    [(15, [1, 1, 4, 15]), (24, [1, 2, 6, 24]), (40, [1, 2, 10, 40]), (60, [1, 3, 15, 60]), (0, [0, 0, 0, 0])],
)
def test_sizes_are_the_share_rounded_up(eligible: int, cumulative: list[int]) -> None:
    assert [waves.size(share.percent, eligible) for share in SHARES] == cumulative
    divided = waves.split([f"con_{n:02}" for n in range(eligible)])
    sums = [sum(len(divided[share.name]) for share in SHARES[: n + 1]) for n in range(len(SHARES))]
    assert sums == cumulative


@given(NAMES, st.integers(0, 10))
def test_every_connection_is_in_one_wave_and_the_order_is_kept(names: list[str], done: int) -> None:
    kept = {"canary": names[: min(1, done)], "5%": names[min(1, done) : done]} if done else {}
    rest = names[done:] if done else names
    divided = waves.split(rest, kept=kept)
    assert [ident for share in SHARES for ident in divided[share.name]] == names
    assert all(divided[name] == idents for name, idents in kept.items())


def test_the_least_risk_goes_first_and_a_known_make_is_less_of_one() -> None:
    found = rank(
        [
            Candidate("big", users=5000, idp="okta"),
            Candidate("small", users=9, idp="okta"),
            Candidate("other", users=9, idp="entra"),
            Candidate("odd", users=9, idp="okta", warnings=3),
            Candidate("ending", users=9, idp="okta", certificate_until=NOW + 10 * DAY_MS),
        ],
        proven=["okta"],
        now=NOW,
    )
    assert [each.connection for each in found] == ["small", "other", "odd", "ending", "big"]
    assert found[1].reasons == ("9 users", "first entra")
    assert found[3].reasons == ("9 users", "certificate ends in 10 days")


def test_whoever_goes_first_makes_it_easier_for_the_next_of_its_make() -> None:
    found = rank([Candidate(name, users=9, idp="okta") for name in ("b", "a")], proven=[], now=NOW)
    assert [(each.connection, each.reasons[-1]) for each in found] == [("a", "first okta"), ("b", "9 users")]


@given(st.lists(st.sampled_from(ACTS), max_size=12))
def test_a_wave_is_done_only_by_running_to_its_end_and_started_once(acts: list[Act]) -> None:
    state: WaveState = "planned"
    seen = [state]
    for act in acts:
        try:
            state = waves.after(state, act)
        except WaveRefused:
            continue
        assert state in WAVE_STATES
        if state == "done":
            assert act == "finish" and seen[-1] == "running"
        if act == "start":
            assert seen == ["planned"]
        assert seen[-1] != "aborted", "what was aborted stays so"
        seen.append(state)


@pytest.mark.parametrize("state", ["running", "holding", "halted", "done"])
def test_the_way_back_is_open_from_wherever_a_wave_is(state: WaveState) -> None:
    assert waves.after(state, "abort") == "aborted"


def test_a_wave_waits_until_its_connections_are_there_and_have_baked() -> None:
    there = Member("a", "workos", "live", NOW)
    unproven, armed = Member("b", "canary", "verifying", NOW), Member("c", "legacy", "armed")
    assert waves.pending([there, unproven, armed], NOW, NOW) == "1 unproven, 1 to flip"
    assert waves.pending([there], NOW + 90_000, NOW) == "bakes for 2 min more"
    assert waves.pending([there], NOW, NOW) is None
    assert waves.pending([], NOW, NOW) is None


def test_a_wave_is_judged_by_where_its_connections_are_not_by_what_was_done() -> None:
    taken_back = Member("a", "held", "rolled back", NOW)
    there = Member("b", "workos", "live", NOW)
    assert waves.pending([taken_back, there], NOW, NOW) is None
    assert waves.pending([taken_back], NOW, NOW) == NONE_LEFT
    assert waves.pending([Member("c", "legacy", "live", NOW)], NOW, NOW) == "1 to flip"


def test_it_bakes_from_its_last_flip_and_time_held_is_added() -> None:
    members = [Member("a", "workos", "live", NOW), Member("b", "workos", "live", NOW + 5_000)]
    assert waves.baked_at(members, NOW - 60_000, bake_s=10, held_s=3) == NOW + 5_000 + 13_000
    assert waves.baked_at([], NOW, bake_s=10, held_s=0) == NOW
