"""Better Auth's database: roles in one text, secrets encrypted as the library does, nothing lost."""

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt

from cockpit.sandbox.better_auth.api import DATABASE
from cockpit.sandbox.better_auth.two_factor import SECRET
from cockpit.sandbox.config import SandboxConfig
from cockpit.sandbox.factors import base32
from tests.sandbox.inside import Sandbox, inside

CONFIG = SandboxConfig(source="better_auth", users=900, organizations=8)


async def database(sandbox: Sandbox, folder: Path) -> sqlite3.Connection:
    path = folder / "database.db"
    path.write_bytes((await sandbox.call("GET", DATABASE, None)).raw)
    return sqlite3.connect(path)


def rows(connection: sqlite3.Connection, query: str) -> list[Any]:
    return list(connection.execute(query))


def plain(kept: str) -> bytes:
    """What the library's symmetricDecrypt gives."""
    bare = bytes.fromhex(kept.removeprefix("$ba$1$"))
    return decrypt(bare[24:], None, bare[:24], hashlib.sha256(SECRET.encode()).digest())


def test_every_membership_is_a_row_with_its_roles_in_one_text(tmp_path: Path) -> None:
    async def test(sandbox: Sandbox) -> None:
        connection = await database(sandbox, tmp_path)
        told = rows(connection, 'select "organizationId", "userId", role from member')
        truth = (await sandbox.call("GET", "/_sandbox/source/memberships", None)).body["memberships"]
        assert sorted(told) == sorted(
            (one["organization"], one["user"], ",".join(one["roles"])) for one in truth
        )
        assert any("," in role for _, _, role in told)
        orphans = 'select count(*) from member where "userId" not in (select id from "user")'
        assert rows(connection, orphans) == [(0,)]

    inside(CONFIG, test)


def test_organizations_have_their_metadata_as_text_and_roles_of_their_own(tmp_path: Path) -> None:
    async def test(sandbox: Sandbox) -> None:
        connection = await database(sandbox, tmp_path)
        told = rows(connection, "select id, name, slug, metadata from organization")
        assert [(ident, name, slug, json.loads(text)) for ident, name, slug, text in sorted(told)] == sorted(
            (one.id, one.name, one.slug, one.metadata) for one in sandbox.world.companies.all()
        )
        roles = rows(connection, 'select role, permission, count(*) from "organizationRole" group by 1, 2')
        assert {(role, many) for role, _, many in roles} == {("billing", 8), ("support", 8)}
        assert {role: json.loads(text) for role, text, _ in roles}["support"] == {
            "projects": ["read"],
            "members": ["invite"],
        }

    inside(CONFIG, test)


def test_secrets_are_encrypted_as_the_library_does_in_both_forms(tmp_path: Path) -> None:
    async def test(sandbox: Sandbox) -> None:
        connection = await database(sandbox, tmp_path)
        told = rows(connection, 'select "userId", secret, verified from "twoFactor"')
        assert {kept.startswith("$ba$1$") for _, kept, _ in told} == {True, False}
        assert {verified for _, _, verified in told} == {0, 1}
        for user, kept, verified in told:
            app = (await sandbox.call("GET", f"/_sandbox/source/users/{user}/totp", None)).body
            assert (base32(plain(kept)), verified) == (app["secret"], app["verified"])
        enabled = rows(connection, 'select id from "user" where "twoFactorEnabled"')
        assert {ident for (ident,) in enabled} == {user for user, _, verified in told if verified}

    inside(CONFIG, test)


def test_what_changes_is_in_the_next_file(tmp_path: Path) -> None:
    async def test(sandbox: Sandbox) -> None:
        source = "/_sandbox/source"
        organization = sandbox.world.companies.company(3).id
        truth = (await sandbox.call("GET", f"{source}/memberships", None)).body["memberships"]
        user = next(one["user"] for one in truth if one["organization"] != organization)
        seat = f"{source}/organizations/{organization}/members/{user}"
        await sandbox.call("PUT", seat, None, json={"roles": ["admin", "billing"]})
        await sandbox.call("PATCH", f"{source}/organizations/{organization}", None, json={"name": "New"})
        app = {"secret": base32(b"a" * 32)}
        await sandbox.call("PUT", f"{source}/users/{user}/totp", None, json=app)
        connection = await database(sandbox, tmp_path)
        of_both = f"\"userId\" = '{user}' and \"organizationId\" = '{organization}'"
        assert rows(connection, f"select role from member where {of_both}") == [("admin,billing",)]
        assert rows(connection, f"select name from organization where id = '{organization}'") == [("New",)]
        ((kept,),) = rows(connection, f'select secret from "twoFactor" where "userId" = \'{user}\'')
        assert plain(kept) == b"a" * 32

    inside(CONFIG, test)
