"""Better Auth's organizations under other names, its roles, and apps that the application's secret opens."""

import asyncio
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from pydantic import SecretStr

from cockpit.clock import SystemClock
from cockpit.records import Factor, Membership, Role
from cockpit.settings import MappingSettings, PasswordSettings
from cockpit.sources import _better_auth_totp as app
from cockpit.sources._better_auth_database import CALLERS_ONLY, NO_TABLE, WARNING
from cockpit.sources.base import Mappers, MappingContext
from cockpit.sources.better_auth import PROVIDER
from cockpit.terms import Kind, Page
from tests.cli.shell import Shell
from tests.jobs.world import World
from tests.sources.memos import FakeMemo, settings_with
from tests.sources.sides import everybody, records

SECRET, ROTATED = "an application's secret of 32 characters", "the secret that came after it was rotated"
KEPT = (
    "d5fad67e025d5b63829c4cc8836948c63867438b7a052025adf7a26eb382c69ac6ee42f9b0986cbb254bd08e317504ea"
    "abf9ba93071be7eb3ce786e8bfa5503ba8c80cf58790bed4"
)
KEPT_ROTATED = (
    "$ba$2$75402a66ac63c93be0d92198952f2c396d067af7ddeca63972e93c167a3cb7c9fa029fd0c3ed279458175cccc79"
    "9dfd022d1f04aaba03d71f66941b18fed3638efc319544846b2c8"
)
"""What symmetricEncrypt of better-auth 1.7.25 made of "aB3dEfGhIjKlMnOpQrStUvWxYz012345"."""
BASE32 = "MFBDGZCFMZDWQSLKJNWE23SPOBIXEU3UKV3FO6CZPIYDCMRTGQ2Q"

SCHEMA = """
create table user(id text primary key, name text, email text, emailVerified integer, createdAt text,
    twoFactorEnabled integer);
create table account(id text, userId text, providerId text, accountId text, password text);
create table twoFactor(id text primary key, secret text, backupCodes text, userId text, verified integer);
create table organization(id text primary key, name text, slug text, metadata text, createdAt text);
create table member(id text primary key, organizationId text, userId text, role text, createdAt text);
create table organizationRole(id text, organizationId text, role text, permission text, createdAt text);
insert into user values('u1', 'Ana', 'ana@example.com', 1, '2024-01-01T00:00:00.000Z', 1);
insert into organization values('o1', 'Acme', 'acme', '{"plan":"team"}', '2024-01-01T00:00:00.000Z');
insert into member values('m1', 'o1', 'u1', 'owner,billing', '2024-01-01T00:00:00.000Z');
insert into organizationRole values('r1', 'o1', 'billing', '{"invoice":["pay","see"]}', '2024-01-01');
"""


def database(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = folder / "app.db"
    connection = sqlite3.connect(file)
    connection.executescript(script)
    connection.close()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:{file}")
    return file


def read(kind: Kind, memo: FakeMemo | None = None) -> list[Page]:
    async def main() -> list[Page]:
        settings = settings_with({"provider": "better_auth"})
        source = await PROVIDER.openers[kind](settings, memo or FakeMemo(), SystemClock())
        try:
            pages = await everybody(source)
            for chain in await source.sweep(0, None):
                pages += [page async for page in source.pages(chain, None)]
            assert await source.count() in (None, len(records(pages)))
            return pages
        finally:
            await source.close()

    return asyncio.run(main())


def mappers(keys: str | None = None, **mapping: Any) -> Mappers:
    facts = {app.KEYS: keys} if keys else {}
    assert PROVIDER.tenancy is not None
    return PROVIDER.tenancy.map(MappingContext(MappingSettings(**mapping), PasswordSettings(), facts))


def factors(raw: dict[str, Any], keys: str | None) -> list[Any]:
    of_user = mappers(keys).of_user
    assert of_user is not None
    return list(of_user(raw))


def enrolled(secret: str, **fields: Any) -> dict[str, Any]:
    """A user's record with an app."""
    return {"id": "u1", "email": "ana@example.com", "twoFactor": {"secret": secret, "verified": 1, **fields}}


# the tables


def test_tables_are_found_by_other_names_and_ids_by_their_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database(
        tmp_path,
        "create table users(id integer primary key, email text);"
        "create table accounts(id text, user_id integer, provider_id text);"
        "create table organizations(id integer primary key, name text, created_at text, tier text);"
        "create table members(id integer primary key, user_id integer, organization_id integer, role text);"
        "insert into organizations(id, name, tier) values(2, 'Two', 'gold'), (10, 'Ten', null);"
        "insert into members values(1, 7, 10, 'admin');",
        monkeypatch,
    )
    found = records(read("organization"))
    assert [ident for ident, _ in found] == ["2", "10"]
    assert '"tier":"gold"' in found["2", ""]  # a column of the application's own
    assert json.loads(records(read("membership"))["1", ""]) == {
        "id": 1, "userId": 7, "organizationId": 10, "role": "admin",
    }  # fmt: skip
    assert read("role") == []


def test_a_table_that_is_somebody_elses_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gym has members, too."""
    database(
        tmp_path,
        "create table user(id text, email text); create table account(userId text, providerId text);"
        "create table members(id text, user_id text, role text); insert into members values('m', 'u', 'x');",
        monkeypatch,
    )
    memo = FakeMemo()
    assert read("membership") == read("organization", memo) == []
    assert memo.get(WARNING) == NO_TABLE


def test_pages_of_a_thousand_by_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2500) "
    insert = f"insert into member select printf('m%05d', i), 'o1', 'u' || i, 'member', null from ({rows}"
    database(tmp_path, SCHEMA + insert + "select i from n);", monkeypatch)
    pages = read("membership")
    assert [len(page.items) for page in pages] == [1000, 1000, 501, 1]  # the last: who came since
    assert len(records(pages)) == 2501


def test_the_api_shows_an_administrators_own_only_and_the_export_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for name in ("URL", "EMAIL", "PASSWORD"):
        monkeypatch.setenv(f"BETTER_AUTH_{name}", "http://127.0.0.1:9")
    memo = FakeMemo()
    assert read("organization", memo) == read("membership", memo) == []
    assert memo.get(WARNING) == CALLERS_ONLY


# the mapping


def test_a_row_of_each() -> None:
    to = mappers(metadata=("plan",))
    assert to.organization and to.membership and to.role
    row = {"id": "o1", "name": "Acme", "slug": "acme", "metadata": '{"plan":"team","note":"x"}'}
    made = to.organization(row)
    assert (made.source_id, made.name, made.domains) == ("o1", "Acme", ())
    assert made.metadata == {"provider": "better_auth", "slug": "acme", "plan": "team"}
    assert to.organization(row | {"metadata": "not JSON"}).metadata == {
        "provider": "better_auth", "slug": "acme",
    }  # fmt: skip
    assert to.membership({"id": "m", "userId": 7, "organizationId": "o1", "role": "owner, billing,"}) == (
        Membership(user="7", organization="o1", roles=("owner", "billing"))
    )
    row = {"organizationId": "o1", "role": "billing", "permission": '{"invoice":["pay","see"]}'}
    permissions = ("invoice:pay", "invoice:see")
    assert to.role(row) == Role(slug="billing", name="billing", permissions=permissions, organization="o1")
    assert to.role(row | {"permission": None}).permissions == ()


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("organization", {"name": "Acme"}),
        ("membership", {"userId": None, "organizationId": "o1"}),
        ("role", {"organizationId": "o1", "role": " "}),
    ],
)
def test_a_row_without_what_it_hangs_on_is_none(kind: str, row: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^no "):
        getattr(mappers(), kind)(row)


# apps


@pytest.mark.parametrize("stored", [KEPT, KEPT_ROTATED])
def test_what_better_auth_encrypted_opens_with_the_secrets_of_then(stored: str) -> None:
    keys = app.keys(SecretStr(SECRET), SecretStr(f"2:{ROTATED}, 1:something else"))
    assert keys is not None and SECRET not in keys and ROTATED not in keys
    (factor,) = factors(enrolled(stored), keys)
    assert (factor.source_id, factor.user, factor.account) == ("u1", "u1", "ana@example.com")
    assert factor.secret is not None and factor.secret.get_secret_value() == BASE32


@pytest.mark.parametrize("stored", [KEPT_ROTATED, "", "zz", "00", "$ba$", "$ba$2", KEPT[:-2]])
def test_what_does_not_open_is_told_and_no_crash(stored: str) -> None:
    (factor,) = factors(enrolled(stored), app.keys(SecretStr(SECRET), None))
    assert isinstance(factor, Factor) and factor.secret is None
    assert factor.problem is not None and (stored not in factor.problem or not stored)


def test_without_the_secret_or_the_extra_the_way_out_is_told() -> None:
    assert app.keys(None, None) is None
    (factor,) = factors(enrolled(KEPT), None)
    assert "BETTER_AUTH_SECRET" in factor.problem and "errors retry" in factor.problem
    with mock.patch.dict(sys.modules, {"nacl.bindings": None}):
        (factor,) = factors(enrolled(KEPT), app.keys(SecretStr(SECRET), None))
    assert "cockpit[better-auth]" in factor.problem


@pytest.mark.parametrize(
    ("verified", "enabled", "counts"),
    [(1, 0, True), (0, 1, False), (True, None, True), (None, 1, True), (None, 0, False)],
)
def test_only_an_app_that_was_confirmed_counts(verified: Any, enabled: Any, counts: bool) -> None:
    raw = {**enrolled(KEPT, verified=verified), "twoFactorEnabled": enabled}
    assert len(factors(raw, app.keys(SecretStr(SECRET), None))) == counts


def test_what_can_not_move_is_told_of() -> None:
    def lost(keys: str | None, **fields: Any) -> tuple[str, ...]:
        context = MappingContext(MappingSettings(), PasswordSettings(), {app.KEYS: keys} if keys else {})
        raw = {"id": "u1", "email": "ana@example.com", **fields}
        return PROVIDER.mapper(context)(raw).lost_factors

    kept = {"secret": KEPT, "verified": 1, "recoverable": 1}
    assert lost("[]", twoFactor=kept, passkey=1) == ("passkey", "recovery_codes")
    assert lost(None, twoFactor=kept | {"recoverable": 0}) == ("totp",)
    assert lost("[]", twoFactorEnabled=True) == ("totp",)  # as the API shows it
    assert lost("[]", twoFactorEnabled=False, passkey=0) == ()


def test_passkeys_and_codes_are_seen_and_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = (
        "create table passkey(id text, userId text, credentialID text, publicKey text);"
        "insert into passkey values('p', 'u1', 'credential', 'public-key');"
        f"insert into twoFactor values('t', '{KEPT}', 'backup-codes', 'u1', 1);"
    )
    database(tmp_path, SCHEMA + more, monkeypatch)
    body = records(read("user"))["u1", ""]
    assert '"passkey":1' in body and '"recoverable":1' in body
    assert "backup-codes" not in body and "public-key" not in body


def test_a_secret_that_was_forgotten_is_given_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Export and lint without it, then with it: what had failed is ready, and nothing shows the secret."""
    database(tmp_path, SCHEMA + f"insert into twoFactor values('t', '{KEPT}', '', 'u1', 1);", monkeypatch)
    world = World(tmp_path, "http://127.0.0.1:9", '[source]\nprovider = "better_auth"\n')
    kinds = ["organization", "permission", "role", "user", "membership", "factor"]
    world.run_here("export", source="better_auth", kinds=kinds)
    result = world.run_here("lint").result
    assert result is not None and result["exit"] == 3
    states = (
        "select r.kind, o.state from resources r join operations o on o.kind = r.kind and o.subject = r.id"
    )
    assert ("factor", "failed") in world.ask(states)
    assert world.ask("select detail from resource_findings") == [app.NO_SECRET]

    world.environment["BETTER_AUTH_SECRET"] = SECRET
    world.run_here("export", source="better_auth")
    assert Shell(tmp_path).run("errors", "retry", "--class", "permanent").returncode == 0
    result = world.run_here("lint").result
    assert result is not None and result["exit"] == 0, result
    assert set(world.ask(states)) == {(kind, "ready") for kind in kinds if kind != "user"}
    assert world.ask("select secret from resource_secrets") == [BASE32]
    # billing is defined by its organization, so that none is made for all of them
    names = world.ask("select external_id from resources where kind in ('role', 'permission')")
    assert sorted(names) == ["billing", "invoice:pay", "invoice:see", "owner"]
    assert not world.ask("select 1 from resources where instr(request, ?) > 0", BASE32)
