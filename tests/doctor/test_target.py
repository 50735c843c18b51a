"""The target under examination: one list of one user, and what can be known without creating anybody."""

import asyncio
from collections.abc import Mapping

import pytest
from aiohttp import web
from pydantic import SecretStr

from cockpit.doctor import target
from cockpit.findings import Finding
from cockpit.settings import TargetSettings
from cockpit.state.meta import Binding, key_fingerprint
from cockpit.state.preflight import Preflight
from tests.clocks import LeapingClock
from tests.servers import Handler, serving

KEY = "sk_of_this_test"
EMPTY = {"object": "list", "data": [], "list_metadata": {"before": None, "after": None}}


def known(created: int = 0, about_ip: int = 0, bound: str | None = None) -> Preflight:
    return Preflight(Binding(None, bound), {}, created, about_ip, [])


def examined(
    handler: Handler, state: Preflight | None = None, amounts: Mapping[str, int] | None = None
) -> dict[str, Finding]:
    async def main() -> list[Finding]:
        async with serving(handler) as url:
            settings = TargetSettings.model_construct(base_url=url, api_key=SecretStr(KEY))
            return await target.examine(settings, LeapingClock(), state, amounts or {})

    return {finding.check: finding for finding in asyncio.run(main())}


def answering(status: int, body: object, **headers: str) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status, headers=headers)

    return answer


def test_it_lists_one_user_and_sends_nothing_else() -> None:
    seen: list[tuple[str, str]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append((request.method, request.path_qs))
        assert request.headers["authorization"] == f"Bearer {KEY}"
        return web.json_response(EMPTY)

    found = examined(answer)
    assert seen == [("GET", "/user_management/users?limit=1&order=asc")]
    assert found["credentials"].level == found["clock"].level == found["limits"].level == "ok"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_fails(status: int) -> None:
    found = examined(answering(status, {"message": "Unauthorized"}))
    assert found["credentials"].level == "fail"
    assert str(status) in found["credentials"].what
    assert "radar" not in found


@pytest.mark.parametrize(("status", "body"), [(503, {"message": "away"}), (404, {}), (200, ["no object"])])
def test_an_answer_that_is_none_fails(status: int, body: object) -> None:
    assert examined(answering(status, body))["answer"].level == "fail"


def test_nothing_but_429_fails_soon() -> None:
    finding = examined(answering(429, {}, **{"Retry-After": "60"}))["quota"]
    assert finding.level == "fail"


def test_an_address_that_is_none_fails() -> None:
    settings = TargetSettings.model_construct(base_url="workos.example", api_key=SecretStr(KEY))
    found = asyncio.run(target.examine(settings, LeapingClock(), None, {}))
    assert (found[0].check, found[0].level) == ("settings", "fail")


def test_a_state_of_another_target_fails() -> None:
    found = examined(answering(200, EMPTY), known(bound="https://api.workos.com#0123abcd"))
    assert found["binding"].level == "fail"
    assert key_fingerprint(KEY) in found["binding"].what and KEY not in repr(found)


@pytest.mark.parametrize(
    ("state", "level"),
    [(None, "warn"), (known(), "warn"), (known(created=1), "ok"), (known(created=9, about_ip=2), "fail")],
)
def test_radar_is_known_by_what_was_created_or_refused(state: Preflight | None, level: str) -> None:
    assert target.radar(state).level == level


@pytest.mark.parametrize(
    ("chosen", "level", "said"),
    [
        ({}, "ok", "200,000 users take about 68 min"),
        ({"writes_per_10s": 50}, "ok", "674 min"),
        ({"writes_per_10s": 1000}, "warn", "writes_per_10s = 1000 (published: 500)"),
        ({"reads_per_10s": 0}, "warn", "reads_per_10s = 0"),
    ],
)
def test_limits_beyond_the_published_ones_are_warned_of(
    chosen: Mapping[str, int], level: str, said: str
) -> None:
    (finding,) = target.limits(TargetSettings().model_copy(update=chosen), 200_000)
    assert finding.level == level
    assert said in finding.what


def test_above_200_000_of_a_kind_support_wants_to_hear_of_it_first() -> None:
    assert target.large({"user": 200_000, "organization": 12}) == []
    users, organizations = target.large({"user": 200_001, "organization": 300_000})
    assert (users.what, organizations.what) == ("200,001 users", "300,000 organizations")
    assert users.level == "warn" and "support" in users.next
