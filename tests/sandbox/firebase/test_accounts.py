"""Accounts, tenants and hash parameters as the Identity Toolkit API gives them."""

import base64
from typing import Any

from cockpit.sandbox.config import SandboxConfig
from cockpit.sandbox.workos.verify import matches
from tests.sandbox.inside import Answer, Sandbox, inside

CONFIG = SandboxConfig(source="firebase", users=500)
BASE = "/identitytoolkit.googleapis.com"
PROJECT = f"{BASE}/v1/projects/demo-sandbox"
TENANTS = f"{BASE}/v2/projects/demo-sandbox/tenants"


async def get(sandbox: Sandbox, path: str, token: str | None = "owner") -> Answer:
    return await sandbox.call("GET", path, token)


async def walk(sandbox: Sandbox, root: str = PROJECT, size: int = 100) -> list[list[Any]]:
    pages, token = list[list[Any]](), ""
    while True:
        body = (await get(sandbox, f"{root}/accounts:batchGet?maxResults={size}{token}")).body
        pages.append(body.get("users", []))
        if "nextPageToken" not in body:
            return pages
        token = f"&nextPageToken={body['nextPageToken']}"


def test_every_page_with_accounts_has_a_token_so_the_last_is_empty() -> None:
    async def test(sandbox: Sandbox) -> None:
        pages = await walk(sandbox, size=70)
        assert [len(page) for page in pages] == [70] * 7 + [0]
        ids = [account["localId"] for page in pages for account in page]
        assert ids == sorted(set(ids))
        assert len((await get(sandbox, f"{PROJECT}/accounts:batchGet")).body["users"]) == 20

    inside(CONFIG, test)


def test_tenants_are_not_in_the_list_of_the_project() -> None:
    async def test(sandbox: Sandbox) -> None:
        tenants = (await get(sandbox, f"{BASE}/v2/projects/demo-sandbox/tenants?pageSize=1")).body
        more = (await get(sandbox, f"{BASE}/v2/projects/demo-sandbox/tenants?pageToken=1")).body
        assert "nextPageToken" not in more
        ids = [tenant["name"].rpartition("/")[2] for tenant in tenants["tenants"] + more["tenants"]]
        counts = []
        for root in (PROJECT, *(f"{PROJECT}/tenants/{ident}" for ident in ids)):
            query = await sandbox.call(
                "POST", f"{root}/accounts:query", "owner", json={"returnUserInfo": False}
            )
            accounts = [account for page in await walk(sandbox, root) for account in page]
            assert query.body == {"recordsCount": str(len(accounts))}
            assert {account.get("tenantId", PROJECT) for account in accounts} == {
                root.rpartition("tenants/")[2]
            }
            counts.append(len(accounts))
        assert counts == [490, 5, 5]
        assert (await get(sandbox, f"{PROJECT}/tenants/none/accounts:batchGet")).status == 404

    inside(CONFIG, test)


def test_the_hashes_are_real_under_the_parameters_of_project_and_tenant() -> None:
    async def test(sandbox: Sandbox) -> None:
        project = (await get(sandbox, f"{BASE}/admin/v2/projects/demo-sandbox/config")).body
        emulated = (await get(sandbox, f"{BASE}/v2/projects/demo-sandbox/config")).body
        assert project == emulated
        tenant = (await get(sandbox, f"{BASE}/v2/projects/demo-sandbox/tenants/acme-k3v9x")).body
        for root, config in (
            (PROJECT, project["signIn"]["hashConfig"]),
            (f"{PROJECT}/tenants/acme-k3v9x", tenant["hashConfig"]),
        ):
            account = next(a for page in await walk(sandbox, root) for a in page if "passwordHash" in a)
            known = await get(sandbox, f"/_sandbox/password?id={account['localId']}", None)
            phc = "$firebase-scrypt$r={},m={},sk={},ss={}${}${}".format(
                config["rounds"],
                config["memoryCost"],
                *(
                    text.rstrip("=")
                    for text in (
                        config["signerKey"],
                        config["saltSeparator"],
                        account["salt"],
                        account["passwordHash"],
                    )
                ),
            )
            assert matches("firebase-scrypt", phc, "suffix", known.body["password"])
        assert project["signIn"]["hashConfig"]["signerKey"] != tenant["hashConfig"]["signerKey"]

    inside(CONFIG, test)


def test_without_the_permission_the_call_succeeds_and_the_hash_is_redacted() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.configure(redacted=True)
        accounts = [a for page in await walk(sandbox) for a in page if "passwordHash" in a]
        assert {base64.b64decode(account["passwordHash"]) for account in accounts} == {b"REDACTED"}
        assert not any("salt" in account for account in accounts)

    inside(CONFIG, test)


def test_lookup_finds_accounts_of_its_own_tenant_only() -> None:
    async def test(sandbox: Sandbox) -> None:
        project, tenant = (sandbox.world.population.record(number)["localId"] for number in (0, 49))
        wanted = {"localId": [project, tenant, "nobody"]}
        found = await sandbox.call("POST", f"{PROJECT}/accounts:lookup", "owner", json=wanted)
        assert [account["localId"] for account in found.body["users"]] == [project]
        none = await sandbox.call("POST", f"{PROJECT}/accounts:lookup", "owner", json={"localId": ["nobody"]})
        assert "users" not in none.body

    inside(CONFIG, test)


def test_bad_arguments_and_tokens_are_refused() -> None:
    async def test(sandbox: Sandbox) -> None:
        for query in ("maxResults=1001", "maxResults=0", "nextPageToken=%FF"):
            answer = await get(sandbox, f"{PROJECT}/accounts:batchGet?{query}")
            assert (answer.status, answer.body["error"]["status"]) == (400, "INVALID_ARGUMENT")
        assert (await get(sandbox, f"{PROJECT}/accounts:batchGet", None)).status == 403
        assert (await get(sandbox, f"{PROJECT}/accounts:batchGet", "made-up")).status == 401
        assert (await get(sandbox, f"{BASE}/v2/projects/p/tenants?pageSize=101")).status == 400
        counted = await sandbox.call("POST", f"{PROJECT}/accounts:query", "owner", json={})
        assert counted.status == 400

    inside(CONFIG, test)


def test_who_signs_up_behind_the_cursor_is_missed_until_the_next_walk() -> None:
    async def test(sandbox: Sandbox) -> None:
        first = (await get(sandbox, f"{PROJECT}/accounts:batchGet?maxResults=100")).body
        new = {"localId": "0" * 28, "email": "new@example.com"}
        assert (await sandbox.call("POST", "/_sandbox/source/users", None, json=new)).status == 201
        await sandbox.call("DELETE", f"/_sandbox/source/users/{first['users'][0]['localId']}", None)
        token = first["nextPageToken"]
        second = (
            await get(sandbox, f"{PROJECT}/accounts:batchGet?maxResults=1000&nextPageToken={token}")
        ).body
        assert "0" * 28 not in {account["localId"] for account in second["users"]}
        again = [account["localId"] for page in await walk(sandbox) for account in page]
        assert again[0] == "0" * 28
        assert first["users"][0]["localId"] not in again
        assert len(again) == 490
        await sandbox.call("DELETE", f"/_sandbox/source/users/{'0' * 28}", None)
        assert "0" * 28 not in {account["localId"] for page in await walk(sandbox) for account in page}

    inside(CONFIG, test)


def test_every_kind_of_account_is_there() -> None:
    async def test(sandbox: Sandbox) -> None:
        accounts = [sandbox.world.population.record(number) for number in range(2500)]
        assert any(account.get("disabled") for account in accounts)
        assert any(isinstance(account.get("customAttributes"), str) for account in accounts)
        assert any("mfaInfo" in account for account in accounts)
        assert any("phoneNumber" in account and "email" not in account for account in accounts)
        assert any(not account["providerUserInfo"] for account in accounts)
        assert any(account["providerUserInfo"][0]["providerId"] == "google.com" for account in accounts[:50])

    inside(SandboxConfig(source="firebase", users=2500, faults="some"), test)


def test_as_many_tenants_as_organizations_are_asked_for_page_by_page() -> None:
    async def test(sandbox: Sandbox) -> None:
        first = (await get(sandbox, f"{TENANTS}?pageSize=100")).body
        rest = (await get(sandbox, f"{TENANTS}?pageSize=100&pageToken={first['nextPageToken']}")).body
        assert "nextPageToken" not in rest
        idents = [one["name"].rpartition("/")[2] for one in first["tenants"] + rest["tenants"]]
        assert len(set(idents)) == 130
        assert (await get(sandbox, f"{TENANTS}/{idents[129]}")).body["displayName"]
        inhabited, keys = 0, set()
        for ident in idents:
            body = (await get(sandbox, f"{PROJECT}/tenants/{ident}/accounts:batchGet?maxResults=1000")).body
            accounts = body.get("users", [])
            assert all(account["tenantId"] == ident for account in accounts)
            inhabited += bool(accounts)
            keys.add((await get(sandbox, f"{TENANTS}/{ident}")).body["hashConfig"]["signerKey"])
        assert inhabited == 40 and len(keys) == 130

    inside(SandboxConfig(source="firebase", users=2000, organizations=130), test)
