"""Log streams and event streams: read with one token, changed with another."""

from typing import Any

from cockpit.sandbox.config import SandboxConfig
from tests.sandbox.inside import Sandbox, inside

CONFIG = SandboxConfig(source="auth0", users=10, limits="off")
LOGS, EVENTS = "/auth0/api/v2/log-streams", "/auth0/api/v2/event-streams"
WRITES = CONFIG.auth0_write_token


async def only(sandbox: Sandbox, path: str) -> Any:
    body = (await sandbox.call("GET", path, await sandbox.auth0_token())).body
    (row,) = body if path == LOGS else body["eventStreams"]
    return row


def test_a_tenant_begins_with_one_of_each_and_both_are_on() -> None:
    async def test(sandbox: Sandbox) -> None:
        log, event = await only(sandbox, LOGS), await only(sandbox, EVENTS)
        assert (log["status"], event["status"]) == ("active", "enabled")
        token = await sandbox.auth0_token()
        assert (await sandbox.call("GET", f"{LOGS}/{log['id']}", token)).body == log
        assert (await sandbox.call("GET", f"{EVENTS}/{event['id']}", token)).body == event

    inside(CONFIG, test)


def test_a_token_that_only_reads_changes_nothing() -> None:
    async def test(sandbox: Sandbox) -> None:
        token = await sandbox.auth0_token()
        for path, scope in ((LOGS, "log_streams"), (EVENTS, "event_streams")):
            row = await only(sandbox, path)
            refused = await sandbox.call("PATCH", f"{path}/{row['id']}", token, json={"status": "paused"})
            assert refused.status == 403
            assert f"update:{scope}" in refused.body["message"]
            assert await only(sandbox, path) == row

    inside(CONFIG, test)


def test_each_kind_has_its_own_words_for_off() -> None:
    async def test(sandbox: Sandbox) -> None:
        for path, off, bad in ((LOGS, "paused", "disabled"), (EVENTS, "disabled", "paused")):
            one = f"{path}/{(await only(sandbox, path))['id']}"
            assert (await sandbox.call("PATCH", one, WRITES, json={"status": bad})).status == 400
            assert (await sandbox.call("PATCH", one, WRITES, json={"status": off})).body["status"] == off
            assert (await only(sandbox, path))["status"] == off
            assert (await sandbox.call("PATCH", f"{path}/none", WRITES, json={})).status == 404

    inside(CONFIG, test)


def test_a_log_stream_keeps_its_place_while_paused_and_a_new_one_begins_where_told() -> None:
    async def test(sandbox: Sandbox) -> None:
        row = await only(sandbox, LOGS)
        began = sandbox.world.streams.logs[row["id"]].start_from
        sandbox.clock.advance(3600)
        for status in ("paused", "active"):
            await sandbox.call("PATCH", f"{LOGS}/{row['id']}", WRITES, json={"status": status})
        assert sandbox.world.streams.logs[row["id"]].start_from == began
        body = {"type": "http", "sink": row["sink"], "startFrom": "2027-02-03T04:05:06.000Z"}
        made = (await sandbox.call("POST", LOGS, WRITES, json=body)).body
        assert (made["status"], "startFrom" in made) == ("active", False)
        assert sandbox.world.streams.logs[made["id"]].start_from == 1_801_627_506_000
        late = await sandbox.call("POST", LOGS, WRITES, json={**body, "startFrom": "soon"})
        assert late.status == 400
        assert (await sandbox.call("DELETE", f"{LOGS}/{row['id']}", WRITES)).status == 204
        assert (await only(sandbox, LOGS))["id"] == made["id"]

    inside(CONFIG, test)


def test_another_source_has_no_streams() -> None:
    async def test(sandbox: Sandbox) -> None:
        assert len(sandbox.world.streams.logs) == len(sandbox.world.streams.events) == 0

    inside(SandboxConfig(source="clerk", users=10, limits="off"), test)
