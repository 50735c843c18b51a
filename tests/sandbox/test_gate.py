"""What happens to a request before and after its handler: the key, the faults, the switches."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest
from aiohttp import ClientError

from cockpit.sandbox.config import SandboxConfig
from cockpit.sandbox.faults import Fault, Faults, bad_share
from cockpit.sandbox.workos.store import User
from tests.sandbox.inside import BARE, Sandbox, inside

USERS = "/user_management/users"


def always(sandbox: Sandbox, fault: Fault | None) -> None:
    """Make every next request suffer that fault."""

    def draw(now: float) -> Fault | None:
        return fault

    sandbox.world.faults.draw = draw  # type: ignore[method-assign]


def test_a_missing_an_unknown_and_a_revoked_key_are_unauthorized() -> None:
    async def test(sandbox: Sandbox) -> None:
        for key in (None, "sk_other"):
            answer = await sandbox.call("GET", USERS, key)
            assert (answer.status, answer.body) == (401, {"message": "Unauthorized"})
        await sandbox.call("POST", "/_sandbox/keys/add", None, json={"key": "sk_other"})
        assert (await sandbox.call("GET", USERS, "sk_other")).status == 200
        await sandbox.call("POST", "/_sandbox/keys/revoke", None, json={"key": "sk_sandbox"})
        assert (await sandbox.call("GET", USERS)).status == 401

    inside(BARE, test)


def test_what_does_not_exist_is_404_with_a_request_id() -> None:
    async def test(sandbox: Sandbox) -> None:
        answer = await sandbox.call("GET", "/directories")
        assert (answer.status, answer.body) == (404, {"message": "Not Found"})
        assert answer.headers["X-Request-ID"]
        assert (await sandbox.call("PATCH", USERS)).status == 405

    inside(BARE, test)


def test_a_reset_does_nothing_and_a_lost_reply_has_done_everything() -> None:
    async def test(sandbox: Sandbox) -> None:
        for fault, users in ((Fault.RESET, 0), (Fault.LOST, 1)):
            always(sandbox, fault)
            with pytest.raises(ClientError):
                await sandbox.create(email=f"{fault.value}@example.com")
            assert len(sandbox.world.users) == users

    inside(BARE, test)


def test_so_many_next_writes_lose_their_replies_as_are_asked_for() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.configure(lose_reply=1)
        assert (await sandbox.call("GET", USERS)).status == 200
        with pytest.raises(ClientError):
            await sandbox.create(email="lost@b.example")
        assert (await sandbox.create(email="found@b.example")).status == 201
        assert len(sandbox.world.users) == 2

    inside(BARE, test)


def test_a_request_lingers_after_its_caller_has_lost_the_reply() -> None:
    async def test(sandbox: Sandbox) -> None:
        due, slept, done = asyncio.Event(), list[float](), asyncio.Event()

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            await due.wait()

        sandbox.clock.sleep = sleep  # type: ignore[method-assign]
        sandbox.world.users.add = _signalling(sandbox.world.users.add, done)  # type: ignore[method-assign,assignment]
        await sandbox.configure(lose_reply=1, linger_ms=30_000)
        with pytest.raises(ClientError):
            await sandbox.create(email="late@b.example", name="Late")
        asked = await sandbox.call("GET", f"{USERS}?email=late@b.example")
        assert (asked.body["data"], slept) == ([], [30.0])
        due.set()
        await done.wait()
        asked = await sandbox.call("GET", f"{USERS}?email=late@b.example")
        assert [user["name"] for user in asked.body["data"]] == ["Late"]

    inside(BARE, test)


def _signalling(add: Callable[[User], None], done: asyncio.Event) -> Callable[[User], None]:
    def added(row: User) -> None:
        add(row)
        done.set()

    return added


def test_a_fault_answers_as_the_side_that_was_called() -> None:
    async def test(sandbox: Sandbox) -> None:
        always(sandbox, Fault.UNAVAILABLE)
        assert (await sandbox.create(email="a@b.example")).status == 503
        auth0 = await sandbox.call("GET", "/auth0/api/v2/users", None)
        assert (auth0.status, auth0.body["statusCode"]) == (503, 503)
        always(sandbox, Fault.HTML)
        html = await sandbox.create(email="a@b.example")
        assert (html.status, html.headers["Content-Type"]) == (502, "text/html")
        always(sandbox, Fault.BURST)
        burst = await sandbox.create(email="a@b.example")
        assert (burst.status, burst.headers["Retry-After"]) == (429, "1")
        assert "x-ratelimit-reset" in {
            name.lower() for name in (await sandbox.call("GET", "/auth0/api/v2/users", None)).headers
        }
        always(sandbox, Fault.SLOW)
        before = sandbox.clock.now()
        assert (await sandbox.create(email="a@b.example")).status == 201
        assert 0.1 <= sandbox.clock.now() - before <= 1

    inside(SandboxConfig(users=5, limits="off"), test)


def test_faults_fall_on_every_path_of_the_target() -> None:
    async def test(sandbox: Sandbox) -> None:
        always(sandbox, Fault.UNAVAILABLE)
        for path in (
            USERS,
            f"{USERS}/user_1/auth_factors",
            "/user_management/organization_memberships",
            "/organizations",
            "/organization_domains",
            "/authorization/permissions",
            "/authorization/roles",
            "/authorization/organizations/org_1/roles",
        ):
            assert (await sandbox.call("POST", path, json={})).status == 503
        assert sandbox.world.requests["workos_write"] == 3
        assert sandbox.world.requests["workos_other"] == 5

    inside(BARE, test)


def test_firebase_words_its_faults_in_its_own_way() -> None:
    async def test(sandbox: Sandbox) -> None:
        path = "/identitytoolkit.googleapis.com/v1/projects/demo/accounts:batchGet"
        for fault, status, name in (
            (Fault.UNAVAILABLE, 503, "UNAVAILABLE"),
            (Fault.BURST, 429, "RESOURCE_EXHAUSTED"),
        ):
            always(sandbox, fault)
            answer = await sandbox.call("GET", path, "owner")
            assert (answer.status, answer.body["error"]["status"]) == (status, name)

    inside(SandboxConfig(source="firebase", users=5), test)


def test_the_control_api_never_fails_by_itself() -> None:
    async def test(sandbox: Sandbox) -> None:
        always(sandbox, Fault.RESET)
        await sandbox.configure(down=True, latency_ms=1000)
        before = sandbox.clock.now()
        assert (await sandbox.call("GET", "/_sandbox/stats", None)).status == 200
        assert sandbox.clock.now() == before

    inside(BARE, test)


def test_the_target_can_be_down_or_answer_html_and_the_source_can_break_a_page() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.configure(down=True)
        assert (await sandbox.create(email="a@b.example")).status == 503
        await sandbox.configure(down=False, html_error=1)
        assert (await sandbox.create(email="a@b.example")).status == 502
        assert (await sandbox.create(email="a@b.example")).status == 201
        token = await sandbox.auth0_token()
        await sandbox.configure(bad_page=True)
        broken = await sandbox.call("GET", "/auth0/api/v2/users", token)
        assert (broken.status, broken.raw[:9]) == (200, b"<!doctype")
        assert (await sandbox.call("GET", "/auth0/api/v2/users", token)).body
        await sandbox.configure(latency_ms=250)
        before = sandbox.clock.now()
        await sandbox.create(email="c@b.example")
        assert sandbox.clock.now() - before == pytest.approx(0.25)

    inside(SandboxConfig(users=5, limits="off"), test)


@pytest.mark.parametrize(
    ("source", "status", "answered"),
    [("auth0", 401, 401), ("auth0", 429, 429), ("cognito", 503, 503), ("cognito", 401, 400)],
)
def test_a_source_can_refuse_everything_from_some_request_on(source: str, status: int, answered: int) -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.configure(refuse=status, refuse_after=2)
        path = f"/{source}/nothing"
        assert [(await sandbox.call("POST", path)).status for _ in range(4)] == [404, 404, answered, answered]
        assert (await sandbox.create(email="a@b.example")).status == 201
        await sandbox.configure(refuse=0)
        assert (await sandbox.call("POST", path)).status == 404

    inside(SandboxConfig(source=source, users=1, limits="off"), test)


@pytest.mark.parametrize(("level", "factor"), [("some", 1), ("many", 5)])
def test_faults_come_at_the_promised_rates(level: str, factor: int) -> None:
    faults = Faults(1, "some" if level == "some" else "many")
    drawn = Counter(faults.draw(now=10.0 * n) for n in range(100_000))
    for fault, share in (
        (Fault.UNAVAILABLE, 0.01),
        (Fault.HTML, 0.005),
        (Fault.RESET, 0.005),
        (Fault.LOST, 0.01),
        (Fault.SLOW, 0.01),
    ):
        assert drawn[fault] / 100_000 == pytest.approx(share * factor, rel=0.1)


def test_without_faults_nothing_goes_wrong_and_no_record_is_bad() -> None:
    faults = Faults(1, "none")
    assert not any(faults.draw(float(n)) for n in range(10_000))
    assert [bad_share(level) for level in ("none", "some", "many")] == [0, 0.005, 0.025]


def test_a_burst_lasts_a_second() -> None:
    faults = Faults(1, "many")
    now = 1000.0
    while faults.draw(now) is not Fault.BURST:
        now += 10
    assert {faults.draw(now + 0.1 * n) for n in range(10)} == {Fault.BURST}
    assert {faults.draw(now + 1 + n * 1e-6) for n in range(5)} != {Fault.BURST}
