"""Firebase, against a project that does exactly what the test says, and against the sandbox."""

import asyncio
import json
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from cockpit.passwords import validate
from cockpit.settings import MappingSettings, PasswordSettings, SettingsError
from cockpit.sources import firebase
from cockpit.sources._firebase_hash import memo_key
from cockpit.sources.base import MappingContext, SourceError, SourceRefused
from cockpit.terms import Page
from cockpit.transport import client
from tests.clocks import FakeClock
from tests.sandbox.running import Running
from tests.servers import serving
from tests.sources.memos import FakeMemo, ids, opened, read, settings_with

Reply = web.StreamResponse | None
ROOT = "/identitytoolkit.googleapis.com"


def account(number: int, tenant: str = "") -> str:
    named = f',"tenantId":"{tenant}"' if tenant else ""
    return f'{{"localId":"u{number:04}" , "displayName":"Zo\\u00eb","odd":1.50{named}}}'


class Project:
    """Firebase as one test wants it; `before` may answer a request in its place."""

    def __init__(self, users: int = 2500, *, empty_end: bool = False) -> None:
        self.users = [account(number) for number in range(users)]
        self.tenants: dict[str, list[str]] = {}
        self.empty_end = empty_end
        self.hash_config: Any = None
        self.asked: list[str] = []
        self.before: Callable[[web.Request], Coroutine[Any, Any, Reply]] | None = None

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        if self.before is not None and (reply := await self.before(request)) is not None:
            return reply
        assert request.headers["authorization"] == "Bearer owner"
        parts = request.path.removeprefix(ROOT).split("/")[1:]
        match request.method, parts:
            case "GET", ["v1", "projects", "demo", "accounts:batchGet"]:
                return self.page(request, self.users)
            case "GET", ["v1", "projects", "demo", "tenants", tenant, "accounts:batchGet"]:
                return self.page(request, self.tenants[tenant])
            case "POST", ["v1", *_, "accounts:query"]:
                users = self.tenants[parts[4]] if parts[3] == "tenants" else self.users
                return web.json_response({"recordsCount": str(len(users))})
            case "GET", ["v2", "projects", "demo", "tenants"]:
                names = sorted(self.tenants)
                at = int(request.query.get("pageToken", 0))
                body: dict[str, Any] = {
                    "tenants": [{"name": f"projects/9/tenants/{n}"} for n in names[at : at + 1]]
                }
                if at + 1 < len(names):
                    body["nextPageToken"] = str(at + 1)
                return web.json_response(body)
            case "GET", ["admin", "v2", "projects", "demo", "config"]:
                return web.json_response({"signIn": {"hashConfig": self.hash_config}})
        return web.json_response({"error": {"code": 404, "message": "NOT_FOUND"}}, status=404)

    def page(self, request: web.Request, users: list[str]) -> web.Response:
        assert request.query["maxResults"] == "1000"
        token = request.query.get("nextPageToken")
        if token is not None and not token.startswith("t"):
            error = {"error": {"code": 400, "message": "INVALID_PAGE_SELECTION"}}
            return web.json_response(error, status=400)
        at = int(token[1:]) if token else 0
        some = users[at : at + 1000]
        body = '{"kind":"x"' + (f', "users": [\n{" , ".join(some)}\n]' if some else "")
        if at + 1000 < len(users) or (some and self.empty_end):
            body += f', "nextPageToken":"t{at + len(some)}"'
        return web.Response(text=body + "}", content_type="application/json")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "FIREBASE_SIGNER_KEY"):
        monkeypatch.delenv(name, raising=False)


def emulator(base: str) -> dict[str, Any]:
    return {"emulator_host": base.partition("://")[2], "project": "demo"}


def exported(project: Project, memo: FakeMemo | None = None, **how: Any) -> list[Page]:
    async def main() -> list[Page]:
        async with serving(project) as base:
            table = emulator(base) | how.pop("table", {})
            return await read("firebase", table, memo or FakeMemo(), FakeClock(), **how)

    return asyncio.run(main())


# pages


@pytest.mark.parametrize("empty_end", [False, True])
@pytest.mark.parametrize("users", [0, 1, 999, 1000, 2500])
def test_it_ends_without_a_token_or_without_users(users: int, empty_end: bool) -> None:
    project = Project(users, empty_end=empty_end)
    pages = exported(project)
    assert ids(pages) == [f"u{number:04}" for number in range(users)]
    assert pages[-1].next_cursor is None
    assert [page.next_cursor for page in pages[:-1]] == [page.cursor for page in pages[1:]]


def test_records_are_the_providers_own_characters() -> None:
    (first, *_) = exported(Project(3))
    assert [item.body for item in first.items] == [account(0), account(1), account(2)]


def test_a_resume_goes_on_at_the_token() -> None:
    project = Project()
    first = exported(project, most=1)
    assert ids(exported(project, cursor=first[0].next_cursor)) == [f"u{n:04}" for n in range(1000, 2500)]


def test_a_token_that_has_ended_starts_the_chain_over() -> None:
    assert len(ids(exported(Project(), cursor="stale"))) == 2500


def test_tenants_are_chains_of_their_own() -> None:
    project = Project(1)
    project.tenants = {f"acme-{n}": [account(0, f"acme-{n}")] for n in range(3)}

    async def main() -> tuple[list[str], int | None]:
        async with serving(project) as base:
            source = await opened("firebase", emulator(base), FakeMemo(), FakeClock())
            try:
                return list(await source.chains()), await source.count()
            finally:
                await source.close()

    assert asyncio.run(main()) == (["", "acme-0", "acme-1", "acme-2"], 4)
    assert ids(exported(project, chain="acme-1")) == ["acme-1/u0000"]


def test_a_user_of_an_unknown_tenant_is_not_given_anothers_parameters() -> None:
    project = Project(0)
    project.tenants = {"acme-0": [account(0)]}
    with pytest.raises(SourceError, match="list of acme-0 has user u0000 of another tenant"):
        exported(project, chain="acme-0")


def test_a_project_without_tenants_to_list_is_read_with_a_warning() -> None:
    project, memo = Project(1), FakeMemo()

    async def before(request: web.Request) -> Reply:
        refused = {"error": {"message": "Multi-tenancy\x1b is off"}}
        return web.json_response(refused, status=403) if request.path.endswith("/tenants") else None

    async def main() -> list[str]:
        async with serving(project) as base:
            source = await opened("firebase", emulator(base), memo, FakeClock())
            try:
                return list(await source.chains())
            finally:
                await source.close()

    project.before = before
    assert asyncio.run(main()) == [""]
    assert memo.facts["firebase.warning:tenants"] == "no tenants read: Multi-tenancy\\x1b is off"


def test_an_element_that_is_no_object_is_held_back() -> None:
    project = Project(0)
    project.users = ["7", '{"localId":""}', account(1)]
    (page,) = exported(project)
    assert [item.id for item in page.items] == ["", "", "u0001"]


def test_redacted_hashes_are_read_with_a_warning() -> None:
    project, memo = Project(0), FakeMemo()
    project.users = ['{"localId":"u1","passwordHash":"UkVEQUNURUQ="}']
    exported(project, memo)
    assert "REDACTED" in memo.facts["firebase.warning:redacted:"]


@pytest.mark.parametrize("message", ["quotaExceeded", "rateLimitExceeded", "RESOURCE_EXHAUSTED"])
@pytest.mark.parametrize("status", [403, 429])
def test_a_quota_is_waited_out(status: int, message: str) -> None:
    project, refusals = Project(3), iter(range(2))

    async def before(request: web.Request) -> Reply:
        if next(refusals, None) is None:
            return None
        return web.json_response({"error": {"message": message}}, status=status)

    project.before = before
    assert len(ids(exported(project))) == 3


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (web.json_response, SourceRefused, "answered 403: PERMISSION.*firebaseauth.users.get"),
        (lambda *_, **__: web.Response(text='{"users":[{]}'), SourceError, "what is not JSON"),
        (lambda *_, **__: web.Response(text="<html>"), SourceError, "where JSON was due"),
    ],
)
def test_what_can_not_be_read_is_said_in_one_line(reply: Any, error: type[Exception], said: str) -> None:
    project = Project()

    async def before(request: web.Request) -> Reply:
        if not request.path.endswith("batchGet"):
            return None
        answer: web.Response = reply({"error": {"message": "PERMISSION_DENIED"}}, status=403)
        return answer

    project.before = before
    with pytest.raises(error, match=said) as caught:
        exported(project)
    assert str(caught.value).isprintable()


# hash parameters

ASKED = {
    "algorithm": "SCRYPT",
    "signerKey": "QVNLRUQ=",
    "saltSeparator": "Bw==",
    "rounds": 8,
    "memoryCost": 13,
}


def learnt(project: Project, chain: str = "", **table: Any) -> dict[str, Any] | None:
    memo = FakeMemo()
    exported(project, memo, chain=chain, table=table)
    found = memo.get(memo_key(chain))
    assert found is None or memo_key(chain) in memo.secrets
    return None if found is None else dict(json.loads(found))


def test_parameters_come_from_the_config_endpoint() -> None:
    project = Project(1)
    project.hash_config = ASKED
    assert learnt(project) == {
        "signer_key": "QVNLRUQ=",
        "salt_separator": "Bw==",
        "rounds": 8,
        "mem_cost": 13,
    }


def test_parameters_of_the_settings_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIREBASE_SIGNER_KEY", "R0lWRU4=")
    project = Project(1)
    project.hash_config = ASKED
    found = learnt(project, rounds=7)
    assert found == {"signer_key": "R0lWRU4=", "salt_separator": "Bw==", "rounds": 7, "mem_cost": 14}


def test_a_tenant_has_its_own_key_by_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_KEY", "QUNNRQ==")
    project = Project(0)
    project.tenants = {"acme-0": [account(0, "acme-0")]}
    found = learnt(project, "acme-0", tenants={"acme-0": {"signer_key": "env:ACME_KEY", "mem_cost": 12}})
    assert found == {"signer_key": "QUNNRQ==", "salt_separator": "Bw==", "rounds": 8, "mem_cost": 12}


@pytest.mark.parametrize("config", [None, {}, ASKED | {"algorithm": "BCRYPT"}, ASKED | {"signerKey": ""}])
def test_parameters_that_nobody_tells_are_not_invented(config: Any) -> None:
    project = Project(1)
    project.hash_config = config
    assert learnt(project) is None


# settings


def test_a_tenants_key_in_the_file_is_refused() -> None:
    table = {"project": "demo", "tenants": {"acme": {"signer_key": "czNjcmV0"}}}
    with pytest.raises(SettingsError, match=r"tenants.acme.signer_key.*name it as env:NAME") as caught:
        firebase.PROVIDER.identity(settings_with(table))
    assert "czNjcmV0" not in str(caught.value)


def test_a_reference_that_leads_nowhere_is_named() -> None:
    table = {"project": "demo", "tenants": {"acme": {"signer_key": "env:NO_SUCH_KEY"}}}
    with pytest.raises(SettingsError, match="the environment has no NO_SUCH_KEY"):
        firebase.PROVIDER.identity(settings_with(table))


@pytest.mark.parametrize(
    ("table", "identity"),
    [
        ({"project": "acme"}, "firebase:acme"),
        ({"project": "demo", "emulator_host": "127.0.0.1:9099"}, "firebase:demo@127.0.0.1:9099" + ROOT),
    ],
)
def test_identity(table: dict[str, Any], identity: str) -> None:
    assert firebase.PROVIDER.identity(settings_with(table)) == identity


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file"),
        ("{broken", "is not JSON"),
        ('{"type":"authorized_user"}', "no service account's key"),
        ('{"type":"service_account","private_key":"s3cret"}', "no usable private_key"),
    ],
)
def test_a_key_file_that_can_not_be_used(tmp_path: Path, content: str | None, why: str) -> None:
    path = tmp_path / "key.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SettingsError, match=why) as caught:
        firebase.PROVIDER.identity(settings_with({"credentials": str(path)}))
    assert "s3cret" not in str(caught.value)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(SettingsError, match="GOOGLE_CLOUD_PROJECT"):
        firebase.PROVIDER.identity(settings_with({}))
    with pytest.raises(SettingsError, match="GOOGLE_APPLICATION_CREDENTIALS"):
        asyncio.run(opened("firebase", {"project": "demo"}, FakeMemo(), FakeClock()))


# the sandbox, a process of its own


async def everything(base_url: str, tmp_path: Path, memo: FakeMemo, **switches: Any) -> list[Page]:
    control = client(base_url)
    await control.request("POST", "/_sandbox/config", json=switches)
    await control.close()
    key = tmp_path / "key.json"
    with urllib.request.urlopen(f"{base_url}/_sandbox/firebase/service-account.json") as reply:
        key.write_bytes(reply.read())
    table = {"credentials": str(key), "base_url": base_url + ROOT}
    clock = FakeClock()
    clock.set_wall(time.time())
    source = await opened("firebase", table, memo, clock)
    try:
        assert await source.count() == 2300
        return [page for chain in await source.chains() async for page in source.pages(chain, None)]
    finally:
        await source.close()


def states(pages: list[Page], memo: FakeMemo) -> Counter[str]:
    mapper = firebase.PROVIDER.mapper(MappingContext(MappingSettings(), PasswordSettings(), memo.facts))
    found: Counter[str] = Counter()
    for page in pages:
        for item in page.items:
            password = mapper(json.loads(item.body)).password
            found[password.state] += 1
            if password.hash is not None:
                assert validate("firebase-scrypt", password.hash.get_secret_value()) is None
    return found


def test_the_sandbox_is_read_with_its_tenants_and_their_keys(tmp_path: Path) -> None:
    memo = FakeMemo()
    with Running("--source", "firebase", "--users", "2300", "--limits", "off") as running:
        pages = asyncio.run(everything(running.base_url, tmp_path, memo))
    assert len(set(ids(pages))) == len(ids(pages)) == 2300
    assert len({page.chain for page in pages}) == 3
    found = states(pages, memo)
    assert found["carried"] > 1500
    assert found["unsupported"] == 0
    assert len(memo.secrets) == 3
    assert len({memo.facts[key] for key in memo.secrets}) == 3


def test_the_sandbox_is_read_with_faults_and_redacted(tmp_path: Path) -> None:
    memo = FakeMemo()
    options = ("--source", "firebase", "--users", "2300", "--limits", "off", "--faults", "many")
    with Running(*options) as running:
        pages = asyncio.run(everything(running.base_url, tmp_path, memo, redacted=True))
    assert len(set(ids(pages))) == 2300
    found = states(pages, memo)
    assert found["carried"] == 0
    assert found["unsupported"] > 1500
    assert "firebase.warning:redacted:" in memo.facts
