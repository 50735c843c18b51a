"""The export job: slow, its file at an address of a minute, everything gone after a day."""

import gzip
import json
import zlib
from typing import Any

import pytest
from aiohttp import ClientError

from cockpit.sandbox.config import SandboxConfig
from cockpit.sandbox.faults import Fault
from tests.sandbox.inside import Answer, Sandbox, inside
from tests.sandbox.test_gate import always

CONFIG = SandboxConfig(source="auth0", users=1500, limits="off")
JOBS = "/auth0/api/v2/jobs"
FIELDS = ("user_id", "email", "identities", "app_metadata")


async def post(sandbox: Sandbox, token: str, **body: Any) -> Answer:
    wanted = {"format": "json", "fields": [{"name": name} for name in FIELDS]}
    return await sandbox.call("POST", f"{JOBS}/users-exports", token, json=wanted | body)


async def finished(sandbox: Sandbox, token: str, **body: Any) -> Any:
    job = (await post(sandbox, token, **body)).body
    sandbox.clock.advance(2)
    return (await sandbox.call("GET", f"{JOBS}/{job['id']}", token)).body


async def fetch(sandbox: Sandbox, location: str, key: str | None = None) -> Answer:
    return await sandbox.call("GET", location.removeprefix(sandbox.base_url), key)


def rows(raw: bytes) -> list[Any]:
    return [json.loads(line) for line in raw.splitlines()]


def test_a_job_is_pending_then_processing_then_completed() -> None:
    async def test(sandbox: Sandbox) -> None:
        token = await sandbox.auth0_token()
        await sandbox.configure(job_seconds=10)
        job = (await post(sandbox, token)).body
        assert (job["type"], job["status"]) == ("users_export", "pending")
        seen = []
        for _ in range(4):
            state = (await sandbox.call("GET", f"{JOBS}/{job['id']}", token)).body
            seen.append((state["status"], state.get("percentage_done"), "location" in state))
            sandbox.clock.advance(4)
        assert seen == [
            ("pending", None, False),
            ("processing", 40, False),
            ("processing", 80, False),
            ("completed", 100, True),
        ]

    inside(CONFIG, test)


def test_the_file_is_gzip_ndjson_of_the_named_fields() -> None:
    async def test(sandbox: Sandbox) -> None:
        job = await finished(sandbox, await sandbox.auth0_token())
        file = await fetch(sandbox, job["location"])
        assert file.headers["Content-Type"] == "application/octet-stream"
        assert "Content-Encoding" not in file.headers
        found = rows(gzip.decompress(file.raw))
        assert len(found) == 1500
        record = sandbox.world.population.record(0)
        assert found[0] == {name: record[name] for name in FIELDS}

    inside(CONFIG, test)


def test_the_file_may_be_sent_with_a_content_encoding_or_plain() -> None:
    async def test(sandbox: Sandbox) -> None:
        job = await finished(sandbox, await sandbox.auth0_token())
        await sandbox.configure(encoding="content-encoding")
        encoded = await fetch(sandbox, job["location"])
        assert encoded.headers["Content-Encoding"] == "gzip"
        await sandbox.configure(encoding="plain")
        plain = await fetch(sandbox, job["location"])
        assert plain.raw == zlib.decompress(encoded.raw, 31)

    inside(CONFIG, test)


def test_a_job_shows_the_source_as_it_was_and_the_same_at_every_download() -> None:
    async def test(sandbox: Sandbox) -> None:
        job = await finished(sandbox, await sandbox.auth0_token())
        first = await fetch(sandbox, job["location"])
        sandbox.world.population.delete(3)
        sandbox.world.population.correct(4, {"email": "other@example.com"})
        assert (await fetch(sandbox, job["location"])).raw == first.raw

    inside(CONFIG, test)


def test_a_location_lives_a_minute_and_every_look_at_the_job_makes_a_new_one() -> None:
    async def test(sandbox: Sandbox) -> None:
        token = await sandbox.auth0_token()
        job = await finished(sandbox, token)
        sandbox.clock.advance(61)
        expired = await fetch(sandbox, job["location"])
        assert expired.status == 403
        assert b"<Message>Request has expired</Message>" in expired.raw
        fresh = (await sandbox.call("GET", f"{JOBS}/{job['id']}", token)).body["location"]
        assert (await fetch(sandbox, fresh)).status == 200
        forged = fresh.replace("Expires=1", "Expires=2")
        assert (await fetch(sandbox, forged)).status == 403

    inside(CONFIG, test)


def test_a_location_takes_no_authorization() -> None:
    async def test(sandbox: Sandbox) -> None:
        token = await sandbox.auth0_token()
        job = await finished(sandbox, token)
        refused = await fetch(sandbox, job["location"], token)
        assert refused.status == 400
        assert b"Only one auth mechanism allowed" in refused.raw

    inside(CONFIG, test)


def test_a_job_vanishes_after_a_day_or_on_demand() -> None:
    async def test(sandbox: Sandbox) -> None:
        token = await sandbox.auth0_token()
        kept, vanished = await finished(sandbox, token), await finished(sandbox, token)
        await sandbox.configure(vanish_jobs=True)
        assert (await sandbox.call("GET", f"{JOBS}/{vanished['id']}", token)).status == 404
        assert (await fetch(sandbox, kept["location"])).status == 404
        last = await finished(sandbox, token)
        sandbox.clock.advance(24 * 3600)
        assert (await sandbox.call("GET", f"{JOBS}/{last['id']}", await sandbox.auth0_token())).status == 404

    inside(CONFIG, test)


def test_a_connection_and_a_limit_narrow_the_export() -> None:
    async def test(sandbox: Sandbox) -> None:
        token = await sandbox.auth0_token()
        job = await finished(sandbox, token, connection_id="con_0000000000000sa3", limit=5)
        found = rows(gzip.decompress((await fetch(sandbox, job["location"])).raw))
        assert len(found) == 5
        assert all(record["user_id"].startswith("samlp|") for record in found)
        assert (await post(sandbox, token, connection_id="con_none")).status == 404
        assert (await post(sandbox, token, format="csv")).status == 400

    inside(CONFIG, test)


def test_without_the_scope_a_job_is_forbidden() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.configure(job_scope=False)
        refused = await post(sandbox, await sandbox.auth0_token())
        assert (refused.status, refused.body["errorCode"]) == (403, "insufficient_scope")

    inside(CONFIG, test)


def test_a_lost_reply_cuts_the_file_in_the_middle() -> None:
    async def test(sandbox: Sandbox) -> None:
        job = await finished(sandbox, await sandbox.auth0_token())
        always(sandbox, Fault.LOST)
        with pytest.raises(ClientError):
            await fetch(sandbox, job["location"])
        always(sandbox, None)
        assert len(rows(gzip.decompress((await fetch(sandbox, job["location"])).raw))) == 1500

    inside(CONFIG, test)
