"""The tank: 200 means verified and safe; whatever happens, an acknowledged event is there."""

import http.client
import json
import os
import random
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.state.tank import counts
from cockpit.webhooks.signatures import Verifier
from tests.webhooks.holding import SECRET, Ends, Holding, post, until

MANY = 100_000 if "COCKPIT_ENDURANCE" in os.environ else 10_000
KILLS = 5
SEED = 20261125
PRIVATE = "ana@example.com"
BODY = json.dumps({"type": "user.created", "data": {"id": "user_1", "email": PRIVATE}}).encode()
SIGNING = Verifier.of("standard", [SECRET])


def signed(event: str, body: bytes = BODY, names: str = "svix") -> dict[str, str]:
    return SIGNING.sign(event, body, time.time(), names)


@pytest.fixture
def tank(tmp_path: Path) -> Iterator[Holding]:
    with Holding(tmp_path, "clerk", "mine=token", MINE_WEBHOOK_SECRET="Bearer s3cret") as holding:
        yield holding


def test_an_event_is_kept_as_it_came_once_and_in_order(tank: Holding) -> None:
    bodies = [b'{ "type": "user.updated",\n "data": {"id": "user_%d"} }' % number for number in range(5)]
    for number, body in enumerate(bodies):
        assert post(tank.urls["clerk"], body, {**signed(f"msg_{number}", body), "X-Tag": "ünï"}) == 200
    assert post(tank.urls["clerk"], bodies[0], signed("msg_0", bodies[0], "webhook")) == 200
    assert tank.ask("select event, key, type from arrivals order by id") == [
        (f"msg_{number}", f"user_{number}", "user.updated") for number in range(5)
    ]
    assert tank.ask("select body from bodies order by id") == bodies
    connection = tank.read()
    assert counts.by_class(connection) == {("clerk", "user.updated"): counts.Counts(5, 1)}
    assert counts.total(connection) == counts.counted(connection)
    connection.close()


def test_the_same_id_of_two_sources_is_two_events_and_credentials_are_not_kept(tank: Holding) -> None:
    body = b'{"id":"evt_1","type":"user.created","data":{}}'
    headers = {"Authorization": "Bearer s3cret", "Cookie": "sid=s3cret", "X-Kept": "yes"}
    assert post(tank.urls["mine"], body, headers) == 200
    assert post(tank.urls["clerk"], body, signed("evt_1", body)) == 200
    assert tank.ask("select source from arrivals order by id") == ["mine", "clerk"]
    (kept, _) = tank.ask("select headers from bodies order by id")
    assert "s3cret" not in kept
    assert json.loads(kept)["x-kept"] == "yes"


def test_events_that_are_meant_to_break_it_break_nothing(tank: Holding) -> None:
    odd = [
        b'{"type":"\\ud800","data":{"id":"\\ud800","updated_at":1e999}}',
        b'{"type":"user.updated","id":"a\\r\\nb","data":{"id":"x","updated_at":99999999999999999999999}}',
        b'{"type":"user.updated","data":{"id":"x","updated_at":NaN}}',
        b"[" * 100_000,
        b"",
        b"\xff\x00",
    ]
    for number, body in enumerate(odd):
        assert post(tank.urls["clerk"], body, signed(f"msg_odd_{number}", body)) == 200
        assert post(tank.urls["mine"], body, {"Authorization": "Bearer s3cret"}) == 200
    assert tank.ask("select body from bodies where id % 2 = 1 order by id") == odd


def test_who_signs_otherwise_gets_401_and_is_counted(tank: Holding) -> None:
    for headers in ({}, signed("msg_1", BODY + b" "), {"Authorization": "Bearer s3cret"}):
        assert post(tank.urls["clerk"], BODY, headers) == 401
    assert post(tank.urls["mine"], BODY, {"Authorization": "Bearer other"}) == 401
    until("refusals", lambda: tank.ask("select sum(n) from refusals"), lambda found: found == [4])
    assert tank.ask("select count(*) from arrivals") == [0]
    code, said = tank.stop()
    assert code == 0
    assert PRIVATE not in said and "s3cret" not in said


def test_what_is_no_webhook_is_refused(tank: Holding) -> None:
    base = tank.urls["clerk"].removesuffix("/clerk")
    assert post(f"{base}/other", BODY) == 404
    assert post(tank.urls["clerk"], b"", method="PUT") == 405
    large = b"x" * ((1 << 20) + 1)
    assert _sent_in_pieces(tank, large) == 413
    assert _sent_in_pieces(tank, BODY) == 200


def _sent_in_pieces(tank: Holding, body: bytes) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", tank.port, timeout=30)
    pieces = (body[start : start + 65536] for start in range(0, len(body), 65536))
    try:
        connection.request("POST", "/clerk", pieces, signed("msg_piecewise", body), encode_chunked=True)
        return connection.getresponse().status
    except (BrokenPipeError, ConnectionResetError):
        return 413  # the tank answered and closed while the body was still coming
    finally:
        connection.close()


def test_one_tank_a_file_and_no_tank_without_its_secrets(tank: Holding) -> None:
    again = Holding(tank.state.parent)
    done = subprocess.run(again.command(), env=again._environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "another tank" in done.stderr
    for sources, said in ((("stytch",), "STYTCH_WEBHOOK_SECRET"), (("mine",), "how does mine sign")):
        without = Holding(tank.state.parent, *sources)
        done = subprocess.run(without.command(), capture_output=True, text=True, timeout=60)
        assert done.returncode == 2 and said in done.stderr


def test_five_kills_lose_no_event_that_was_acknowledged(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    holding = Holding(tmp_path)
    with Ends() as ends:
        ends.call("sender/events", count=MANY)
        for kill in range(KILLS):
            with holding:
                ends.call("sender", url=holding.urls["clerk"], users=1000, paused=False)
                wanted = int((kill + rng.uniform(0.1, 0.9)) * MANY / KILLS)
                ends.until_acknowledged(wanted)
                assert holding.stop(signal.SIGKILL)[0] == -signal.SIGKILL
            acknowledged = ends.call("sender/acknowledged")
            assert set(acknowledged) <= set(holding.ask("select event from arrivals"))
            assert len(acknowledged) < MANY, "it was through before the moment came"
        with holding:
            ends.until_acknowledged(MANY)
        assert len(holding.ask("select event from arrivals")) == MANY
        assert holding.ask("select count(*) from bodies") == [MANY]
        connection = holding.read()
        assert counts.total(connection) == counts.counted(connection)
        assert connection.execute("pragma quick_check").fetchall() == [("ok",)]
        connection.close()


def test_with_the_disk_full_senders_are_told_to_come_again(tmp_path: Path) -> None:
    holding = Holding(tmp_path)
    holding.before = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
    statuses = []
    with holding:
        for number in range(200):
            body = json.dumps(
                {"type": "user.created", "data": {"id": str(number), "pad": "x" * 4000}}
            ).encode()
            statuses.append(post(holding.urls["clerk"], body, signed(f"msg_{number}", body)))
        code, said = holding.stop()
    assert code == 0
    assert set(statuses) == {200, 503}
    assert "told to come again" in said and "xxxx" not in said
    kept = holding.ask("select event from arrivals")
    assert kept == [f"msg_{number}" for number, status in enumerate(statuses) if status == 200]
