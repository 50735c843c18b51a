"""The control API: what a demo asks and changes."""

from collections.abc import Awaitable, Callable

import pytest

from cockpit.sandbox.config import SandboxConfig
from tests.sandbox.inside import BARE, BCRYPT, Sandbox, inside


def quiet(test: Callable[[Sandbox], Awaitable[None]]) -> Callable[[Sandbox], Awaitable[None]]:
    """The test on a sandbox whose records are bad but whose answers come."""

    async def on_a_calm_day(sandbox: Sandbox) -> None:
        await sandbox.configure(faults="none")
        await test(sandbox)

    return on_a_calm_day


def test_stats_count_what_happened() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.create(email="a@b.example", password_hash=BCRYPT, password_hash_type="bcrypt")
        await sandbox.create(email="A@b.example")
        await sandbox.call("GET", "/user_management/users")
        stats = (await sandbox.call("GET", "/_sandbox/stats", None)).body
        assert (stats["users"], stats["events"], stats["writes"]) == (1, 1, 2)
        assert stats["refused"] == {"email_not_available": 1}
        assert stats["passwords"] == {"bcrypt": 1}
        assert stats["requests"] == {"workos_write": 2, "workos_read": 1, "control": 1}
        assert stats["peaks"] == {
            "writes_10s": 2,
            "reads_10s": 1,
            "organization_deletes_60s": 0,
            "all_60s": 3,
        }
        assert stats["rate_limited"] == {}

    inside(BARE, test)


def test_the_targets_users_are_listed_briefly() -> None:
    async def test(sandbox: Sandbox) -> None:
        for number in range(5):
            await sandbox.create(email=f"u{number}@b.example", external_id=f"e{number}")
        first = (await sandbox.call("GET", "/_sandbox/users?limit=3", None)).body
        rest = (await sandbox.call("GET", f"/_sandbox/users?after={first['after']}", None)).body
        listed = first["users"] + rest["users"]
        assert [user["external_id"] for user in listed] == [f"e{number}" for number in range(5)]
        assert listed[0]["password"] is None
        assert rest["after"] is None

    inside(BARE, test)


@pytest.mark.parametrize("source", ["auth0", "firebase"])
def test_each_bad_record_names_its_reason_and_its_cure(source: str) -> None:
    async def test(sandbox: Sandbox) -> None:
        bad = (await sandbox.call("GET", "/_sandbox/bad", None)).body
        assert len(bad) == 25
        assert {item["cure"] for item in bad} == {"correct", "ignore", "retry", "none"}
        for item in bad:
            path = f"/_sandbox/source/users/{item['id'].replace('|', '%7C')}"
            before = (await sandbox.call("GET", path, None)).body
            after = (await sandbox.call("PATCH", path, None, json=item["patch"])).body
            assert (before == after) == (item["cure"] != "correct")

    inside(SandboxConfig(source=source, users=1000, faults="many"), quiet(test))


def test_the_target_refuses_as_the_bad_list_says() -> None:
    async def test(sandbox: Sandbox) -> None:
        population = sandbox.world.population
        earlier = len(sandbox.world.users)
        assert earlier > 0
        codes = dict[str, set[str]]()
        for bad in population.bad():
            index = population.find(bad.id)
            assert index is not None
            email = population.record(index).get("email")
            answer = await sandbox.create(email=email, external_id=bad.id)
            codes.setdefault(bad.reason.value, set()).add("" if answer.status == 201 else answer.code)
            if bad.reason.value == "refused_once":
                assert (await sandbox.create(email=email, external_id=bad.id)).status == 201
        assert codes["email_missing"] == codes["no_email_account"] == {"invalid_request_parameters"}
        assert codes["email_syntax"] == codes["already_at_target"] == {"user_creation_error"}
        assert codes["domain_not_deliverable"] == {"email_domain_not_deliverable"}
        assert codes["refused_once"] == {"invalid_request_parameters"}
        assert codes["control_characters"] == {""}

    inside(SandboxConfig(users=2000, faults="many", limits="off"), quiet(test))


def test_a_reset_brings_the_start_back() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.create(email="a@b.example")
        await sandbox.configure(down=True, faults="many")
        await sandbox.call("POST", "/_sandbox/keys/revoke", None, json={"key": "sk_sandbox"})
        ident = sandbox.world.population.record(0)["localId"]
        await sandbox.call("DELETE", f"/_sandbox/source/users/{ident}", None)
        await sandbox.call("POST", "/_sandbox/reset", None)
        config = (await sandbox.call("GET", "/_sandbox/config", None)).body
        assert (config["down"], config["faults"]) == (False, "none")
        assert (await sandbox.create(email="a@b.example")).status == 201
        path = "/identitytoolkit.googleapis.com/v1/projects/p/accounts:batchGet?maxResults=1000"
        page = await sandbox.call("GET", path, "owner")
        assert ident in {account["localId"] for account in page.body["users"]}

    inside(SandboxConfig(source="firebase", users=10), test)


def test_a_wrong_command_is_refused_with_what_there_is() -> None:
    async def test(sandbox: Sandbox) -> None:
        for wrong in ({"downn": True}, {"faults": "all"}, {"encoding": "zip"}, {"latency_ms": "much"}):
            assert (await sandbox.configure(**wrong)).status == 400
        assert (await sandbox.call("POST", "/_sandbox/config", None, data=b"[")).status == 400
        assert (await sandbox.call("GET", "/_sandbox/password?id=nobody", None)).status == 404
        assert (await sandbox.call("POST", "/_sandbox/source/users", None, json={})).status == 400

    inside(SandboxConfig(users=5), test)
