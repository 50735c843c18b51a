"""The typed client against a small server: what it sends, what it waits out, what it raises."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from pydantic import SecretStr

from cockpit.settings import SettingsError, TargetSettings
from cockpit.transport import Lost, Unsent
from cockpit.workos import client, limiter
from cockpit.workos.client import KeyRefused, WorkOS, patiently
from cockpit.workos.replies import Reply
from tests.clocks import FakeClock
from tests.servers import serving

FREE = TargetSettings.load(
    {"writes_per_10s": 0, "reads_per_10s": 0, "requests_per_60s": 0, "factors_per_s": 0}, "target"
)

Answer = tuple[int, str, dict[str, str]]
USER: Answer = (200, '{"id": "user_1"}', {})


@dataclass
class Seen:
    """What the server was asked, and the clock that waits go by."""

    clock: FakeClock = field(default_factory=FakeClock)
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)


def against(answers: list[Answer], test: Callable[[WorkOS, Seen], Awaitable[None]]) -> Seen:
    """Run the test with a client of a server that gives these answers, the last one for ever."""
    seen, left = Seen(), list(answers)

    async def handle(request: web.Request) -> web.Response:
        seen.requests.append((request.method, request.raw_path, await request.text()))
        seen.headers.append({name.lower(): value for name, value in request.headers.items()})
        status, body, headers = left.pop(0) if len(left) > 1 else left[0]
        return web.Response(status=status, text=body, headers=headers)

    async def main() -> None:
        async with serving(handle) as base_url:
            settings = TargetSettings.load({"base_url": base_url}, "target").model_copy(
                update={"api_key": SecretStr("sk_test")}
            )
            target = client.connect(
                settings, limiter.published(seen.clock, FREE), seen.clock, seen.latencies.append
            )
            try:
                await test(target, seen)
            finally:
                await target.close()

    asyncio.run(main())
    return seen


def test_requests_carry_the_key_and_say_what_they_are() -> None:
    async def test(target: WorkOS, seen: Seen) -> None:
        reply = await target.create_user('{"email":"a@example.com"}')
        assert (reply.verdict, reply.data) == ("ok", {"id": "user_1"})

    seen = against([USER], test)
    assert seen.requests == [("POST", "/user_management/users", '{"email":"a@example.com"}')]
    assert seen.headers[0]["authorization"] == "Bearer sk_test"
    assert seen.headers[0]["content-type"] == "application/json"
    assert len(seen.latencies) == 1


@pytest.mark.parametrize(
    ("external_id", "path"),
    [
        ("auth0|65f0", "auth0%7C65f0"),
        ("a/b", "a%2Fb"),
        ("50%", "50%25"),
        ("é ü", "%C3%A9%20%C3%BC"),
        ("a?b#c&d", "a%3Fb%23c%26d"),
        ("%2F", "%252F"),
    ],
)
def test_an_external_id_is_one_piece_of_the_path_whatever_is_in_it(external_id: str, path: str) -> None:
    async def test(target: WorkOS, seen: Seen) -> None:
        await target.user_by_external_id(external_id)

    assert against([USER], test).requests[0][1] == f"/user_management/users/external_id/{path}"


def test_an_email_is_one_value_of_the_query() -> None:
    async def test(target: WorkOS, seen: Seen) -> None:
        await target.users_by_email("ana+x&limit=1@example.com")

    ((_, path, _),) = against([(200, '{"data": []}', {})], test).requests
    assert path == "/user_management/users?email=ana%2Bx%26limit%3D1%40example.com"


def test_pages_are_asked_for_oldest_first_beyond_the_last_one() -> None:
    async def test(target: WorkOS, seen: Seen) -> None:
        await target.list_users(None)
        await target.list_users("user_9", limit=1)

    paths = [path for _, path, _ in against([(200, '{"data": []}', {})], test).requests]
    assert paths == [
        "/user_management/users?limit=100&order=asc",
        "/user_management/users?limit=1&order=asc&after=user_9",
    ]


def test_an_update_names_only_what_changes() -> None:
    async def test(target: WorkOS, seen: Seen) -> None:
        await target.update_user("user_1", {"external_id": "a"})

    ((method, path, body),) = against([USER], test).requests
    assert (method, path, json.loads(body)) == ("PUT", "/user_management/users/user_1", {"external_id": "a"})


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_no_reply_but_a_reason_to_stop(status: int) -> None:
    async def test(target: WorkOS, seen: Seen) -> None:
        with pytest.raises(KeyRefused, match=rf"refused the API key \(HTTP {status}: Unauthorized\)") as told:
            await target.user("user_1")
        assert "sk_test" not in str(told.value)

    against([(status, '{"message": "Unauthorized"}', {})], test)


@pytest.mark.parametrize(
    ("throttled", "seconds"),
    [
        ((429, '{"message": "slow"}', {"Retry-After": "7"}), 7.0),
        ((429, '{"message": "slow", "retry_after": 5}', {}), 5.0),
        ((429, '{"retry_after": 5}', {"Retry-After": "7"}), 7.0),
        ((429, '"Ratelimited"', {"Retry-After": "0"}), 0.0),
    ],
)
def test_a_429_is_waited_out_and_the_request_sent_again(throttled: Answer, seconds: float) -> None:
    async def test(target: WorkOS, seen: Seen) -> None:
        assert (await target.create_user("{}")).verdict == "ok"

    seen = against([throttled, USER], test)
    assert len(seen.requests) == 2
    assert sum(seen.clock.slept) == pytest.approx(seconds)


def test_a_429_without_a_time_is_waited_out_by_backing_off() -> None:
    async def test(target: WorkOS, seen: Seen) -> None:
        assert (await target.create_user("{}")).verdict == "ok"

    slow: Answer = (429, "<html>slow down</html>", {})
    seen = against([slow, slow, slow, USER], test)
    assert 0.5 + 1 + 2 <= sum(seen.clock.slept) <= 1 + 2 + 4


def test_without_a_key_nothing_is_sent() -> None:
    clock = FakeClock()
    with pytest.raises(SettingsError, match="set WORKOS_API_KEY"):
        client.connect(TargetSettings.load({}, "target"), limiter.published(clock, FREE), clock)


def test_patience_ends_with_an_answer_and_tells_why_it_waited() -> None:
    replies: list[Reply | Exception] = [
        Unsent("can't connect", "refused", "check"),
        Lost("no reply", "timed out", "resume"),
        Reply("unwell", 503),
        Reply("absent", 404),
    ]
    told: list[str] = []

    async def call() -> Reply:
        answer = replies.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def wait(why: str) -> None:
        told.append(why)

    assert asyncio.run(patiently(call, wait)).verdict == "absent"
    assert told == ["can't connect: refused; check", "no reply: timed out; resume", "HTTP 503"]
