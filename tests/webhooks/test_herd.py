"""What a backlog does to a consumer that bears 100 events a second, with the drain and without."""

from pathlib import Path

from tests.webhooks import herd

BACKLOG, LIMIT = 600, 100


def test_a_resumed_provider_topples_the_consumer_again_and_again() -> None:
    told = herd.straight(BACKLOG, LIMIT, toppled_s=1.0, watch_s=4)
    assert told["topples"] > 1
    assert max(n for _, n in told["per_second"]) > LIMIT


def test_by_way_of_the_tank_and_the_drain_it_stays_up_and_gets_everything(tmp_path: Path) -> None:
    told = herd.drained(tmp_path, BACKLOG, LIMIT, toppled_s=1.0, ramp_s=0.0)
    assert told["topples"] == 0
    assert (told["taken"], told["doubles"], told["unsigned"]) == (BACKLOG, 0, 0)
    assert told["requests"] == BACKLOG
