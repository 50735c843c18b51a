"""Roles of a real PostgreSQL that see too little, as `cockpit doctor` finds them."""

import asyncio
from collections.abc import Iterator

import psycopg
import pytest

from cockpit.clock import SystemClock
from cockpit.doctor import source
from cockpit.findings import Finding
from tests.peers import postgres
from tests.sources.memos import settings_with

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(postgres.missing() is not None, reason=postgres.missing() or ""),
]

TABLES = """
create role partly login; create role hidden login;
create schema auth;
create table auth.users(id uuid primary key, email text, encrypted_password text);
create table auth.identities(user_id uuid, provider text, provider_id text);
create table auth.mfa_factors(id uuid, user_id uuid, factor_type text, status text, secret text);
insert into auth.users select md5(n::text)::uuid, n || '@example.com' from generate_series(1, 30) n;
create table "user"(id text primary key, email text, "createdAt" timestamptz);
create table account(id text primary key, "accountId" text, "providerId" text, "userId" text, password text);
insert into "user" select n, n || '@example.com' from generate_series(1, 40) n;
grant usage on schema auth to partly, hidden;
grant select(id, email) on auth.users to partly;
grant select on auth.identities to partly;
grant select on "user" to partly;
grant select("accountId", "providerId", "userId") on account to partly;
alter table "user" enable row level security;
create policy everybody_for_partly on "user" to partly using (true);
grant select on "user", account to hidden;
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres.postgres(tmp_path_factory.mktemp("checks")) as found:
        with psycopg.connect(found, autocommit=True) as connection:
            connection.execute(TABLES)
        yield found


def examined(
    monkeypatch: pytest.MonkeyPatch, provider: str, url: str, role: str
) -> tuple[dict[str, Finding], int | None]:
    variable = {"supabase": "SUPABASE_DB_URL", "better_auth": "DATABASE_URL"}[provider]
    monkeypatch.setenv(variable, url.replace("//postgres@", f"//{role}@"))
    found, checkup = asyncio.run(source.examine(provider, settings_with({}), SystemClock(), None))
    return {finding.check: finding for finding in found}, checkup.users


@pytest.mark.parametrize(("provider", "users"), [("supabase", 30), ("better_auth", 40)])
def test_who_sees_all_is_told_so(
    monkeypatch: pytest.MonkeyPatch, url: str, provider: str, users: int
) -> None:
    found, counted = examined(monkeypatch, provider, url, "postgres")
    assert {finding.level for finding in found.values()} == {"ok"}
    assert "hashes too" in found["tables"].what
    assert counted == users


def test_supabase_s_columns_that_a_role_can_t_read_are_named(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    found, counted = examined(monkeypatch, "supabase", url, "partly")
    assert found["hashes"].level == "fail" and "encrypted_password" in found["hashes"].what
    assert found["tables"].level == "warn" and "mfa_factors" in found["tables"].what
    assert counted == 30


def test_supabase_refuses_a_role_without_grants(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    found, _ = examined(monkeypatch, "supabase", url, "hidden")
    assert found["credentials"].level == "fail"
    assert "grant" in found["credentials"].next


def test_better_auth_s_hashes_that_a_role_can_t_read_are_named(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    found, _ = examined(monkeypatch, "better_auth", url, "partly")
    assert found["hashes"].level == "warn" and "password" in found["hashes"].what


def test_better_auth_s_hidden_rows_fail(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    found, counted = examined(monkeypatch, "better_auth", url, "hidden")
    assert found["rows"].level == "fail" and '"user"' in found["rows"].what
    assert counted == 0  # and nothing else would have said that 40 are there


def test_a_database_that_is_away_fails(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    port = url.rpartition(":")[2].partition("/")[0]
    found, _ = examined(monkeypatch, "supabase", url.replace(port, "9"), "postgres")
    assert found["answer"].level == "fail"
