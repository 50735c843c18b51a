"""Both ends of webhooks: a consumer that topples and remembers, a sender that queues and bursts."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from standardwebhooks.webhooks import Webhook

from cockpit.sandbox.clock import Clock
from cockpit.sandbox.webhooks import signing
from cockpit.sandbox.webhooks.consumer import Consumer
from cockpit.sandbox.webhooks.server import Ends
from tests.sandbox.manual_clock import ManualClock

SECRET = "whsec_c2FuZGJveC1zZWNyZXQ="


def take(consumer: Consumer, ident: str, user: str = "u1", sequence: int = 0) -> int:
    body = json.dumps({"data": {"id": user}, "sequence": sequence}).encode()
    return asyncio.run(consumer.take({"svix-id": ident}, body))


def test_one_more_than_the_limit_in_any_second_topples_it_for_a_while() -> None:
    clock = ManualClock()
    consumer = Consumer(clock, limit=3, toppled_s=5.0)
    for number in range(3):
        assert take(consumer, f"m{number}") == 200
        clock.advance(0.3)
    assert take(consumer, "m3") == 503
    clock.advance(4.9)
    assert take(consumer, "m3") == 503
    clock.advance(0.2)
    assert [take(consumer, f"m{number}") for number in (3, 4, 5)] == [200, 200, 200]
    told = consumer.record()
    assert (told["topples"], told["taken"], told["requests"], told["toppled"]) == (1, 6, 8, False)


def test_at_the_limit_it_goes_on_for_ever() -> None:
    clock = ManualClock()
    consumer = Consumer(clock, limit=4)
    for number in range(100):
        assert take(consumer, f"m{number}") == 200
        clock.advance(0.25)


def test_it_knows_doubles_and_what_came_out_of_order() -> None:
    consumer = Consumer(ManualClock())
    for ident, user, sequence in (
        ("a", "u1", 1),
        ("b", "u1", 3),
        ("c", "u2", 2),
        ("d", "u1", 2),
        ("a", "u1", 1),
    ):
        assert take(consumer, ident, user, sequence) == 200
    assert (consumer.doubles, consumer.out_of_order) == (1, 1)
    assert consumer.order == ["a", "b", "c", "d"]


def test_what_it_signs_the_standards_library_takes_and_it_refuses_the_rest() -> None:
    clock, body = Clock(), b'{"data":{"id":"u"}}'
    headers = signing.headers("svix", SECRET, "msg_1", body, clock.now())
    renamed = {name.replace("svix", "webhook"): value for name, value in headers.items()}
    assert Webhook(SECRET).verify(body.decode(), renamed) == json.loads(body)
    consumer = Consumer(clock, scheme="svix", secret=SECRET)
    assert asyncio.run(consumer.take(headers, body)) == 200
    assert asyncio.run(consumer.take(headers, body + b" ")) == 401
    old = signing.headers("svix", SECRET, "msg_2", body, clock.now() - 301)
    assert asyncio.run(consumer.take(old, body)) == 401
    assert consumer.unsigned == 2


def served(test: Callable[[Ends, ClientSession, str], Awaitable[None]]) -> None:
    async def main() -> None:
        ends = Ends(Clock())
        async with TestServer(ends.app()) as server, ClientSession() as session:
            await test(ends, session, str(server.make_url("")).rstrip("/"))

    asyncio.run(main())


def test_events_queue_while_it_is_paused_and_come_at_once_on_resume() -> None:
    async def test(ends: Ends, session: ClientSession, url: str) -> None:
        async def sender(path: str = "", **body: object) -> dict[str, int]:
            async with session.post(f"{url}/_sandbox/sender{path}", json=body) as answer:
                return dict(await answer.json())

        await session.post(f"{url}/_sandbox/consumer", json={"scheme": "svix", "secret": SECRET, "limit": 50})
        await sender(url=f"{url}/hook", users=10)
        assert (await sender("/events", count=80))["queued"] == 80
        assert ends.consumer.requests == 0
        await sender(paused=False)
        while not ends.consumer.topples:
            await asyncio.sleep(0.01)
        assert ends.consumer.toppled
        await session.post(f"{url}/_sandbox/consumer", json={"limit": 0})
        ends.consumer._down_until = 0.0
        while len(ends.sender.acknowledged) < 80:
            await asyncio.sleep(0.01)
        assert len(ends.consumer.seen) == 80
        assert ends.consumer.unsigned == 0
        assert ends.sender.attempts == ends.consumer.requests > 80
        async with session.post(f"{url}/_sandbox/consumer", json={"nope": 1}) as refused:
            assert refused.status == 400

    served(test)
