"""The file of hashes from Auth0's support: right for most, missing for some, broken for a few."""

import json
from typing import Any

import bcrypt

from cockpit.sandbox.config import SandboxConfig
from tests.sandbox.inside import Sandbox, inside


async def _lines(sandbox: Sandbox) -> list[Any]:
    file = await sandbox.call("GET", "/_sandbox/auth0/passwords.ndjson", None)
    return [json.loads(line) for line in file.raw.splitlines()]


async def _password(sandbox: Sandbox, ident: str) -> Any:
    return (await sandbox.call("GET", f"/_sandbox/password?id={ident.replace('|', '%7C')}", None)).body


def test_without_faults_every_database_user_has_a_hash_of_a_known_password() -> None:
    async def test(sandbox: Sandbox) -> None:
        population = sandbox.world.population
        ids = [population.record(number)["user_id"] for number in range(100)]
        lines = await _lines(sandbox)
        assert [f"auth0|{line['_id']['$oid']}" for line in lines] == [
            i for i in ids if i.startswith("auth0|")
        ]
        for line in lines:
            known = await _password(sandbox, f"auth0|{line['_id']['$oid']}")
            assert known["in_file"]
            assert bcrypt.checkpw(known["password"].encode(), line["passwordHash"].encode())
        google = next(ident for ident in ids if ident.startswith("google"))
        assert await _password(sandbox, google) == {"password": None, "in_file": False}

    inside(SandboxConfig(users=100), test)


def test_with_faults_some_are_missing_some_have_left_and_some_are_broken() -> None:
    async def test(sandbox: Sandbox) -> None:
        population = sandbox.world.population
        lines = {f"auth0|{line['_id']['$oid']}": line for line in await _lines(sandbox)}
        database = {record["user_id"] for record in map(population.record, range(2000))}
        database = {ident for ident in database if ident.startswith("auth0|")}
        missing, strays = database - set(lines), set(lines) - database
        assert missing
        assert len(strays) == 2
        assert (await _password(sandbox, next(iter(missing))))["in_file"] is False
        broken = next(bad for bad in population.bad() if bad.reason.value == "hash_broken")
        assert len(lines[broken.id]["passwordHash"]) < 60
        path = f"/_sandbox/source/users/{broken.id.replace('|', '%7C')}"
        await sandbox.call("PATCH", path, None, json=broken.patch)
        cured = {f"auth0|{line['_id']['$oid']}": line for line in await _lines(sandbox)}[broken.id]
        known = (await _password(sandbox, broken.id))["password"]
        assert bcrypt.checkpw(known.encode(), cured["passwordHash"].encode())

    inside(SandboxConfig(users=2000, faults="many"), test)


def test_there_is_no_such_file_elsewhere() -> None:
    async def test(sandbox: Sandbox) -> None:
        assert (await sandbox.call("GET", "/_sandbox/auth0/passwords.ndjson", None)).status == 404

    inside(SandboxConfig(source="firebase", users=5), test)
