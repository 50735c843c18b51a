"""Supabase's tables in a real PostgreSQL: older schemas, roles that see less, sessions that others share."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import psycopg
import pytest

from cockpit.records import User
from cockpit.settings import MappingSettings, PasswordSettings
from cockpit.sources._rows import PostgresRows
from cockpit.sources.base import MappingContext, Source, SourceError, SourceRefused
from cockpit.sources.supabase import PROVIDER
from tests.clocks import FakeClock
from tests.peers import postgres
from tests.sources.memos import FakeMemo, ids, opened

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(postgres.missing() is not None, reason=postgres.missing() or ""),
]

USERS = 2300
TIED = "2024-01-01T00:00:00Z"
BCRYPT = "$2b$04$RDFyDS1tGPpm7qOVC30pnOrX7Bwyldjn/PA.9EUGug/xeINdmu4RK"
ARGON2 = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
SECRET = "JBSWY3DPEHPK3PXP"
ENCRYPTED = '{"key_id": "1", "alg": "aes-gcm-hkdf", "data": "b64", "nonce": "b64"}'
"""What GoTrue keeps where the database's encryption is on."""

SCHEMA = f"""
drop schema if exists auth cascade;
create schema auth;
create table auth.users(id uuid primary key, email text, encrypted_password text,
    email_confirmed_at timestamptz, created_at timestamptz, banned_until timestamptz,
    raw_user_meta_data jsonb);
create table auth.identities(id uuid default gen_random_uuid(), user_id uuid, provider text,
    provider_id text);
create index on auth.identities(user_id);
create table auth.mfa_factors(id uuid default gen_random_uuid(), user_id uuid, factor_type text, status text,
    secret text);
create index on auth.mfa_factors(user_id);
insert into auth.users
    select md5(n::text)::uuid, 'user' || n || '@example.com',
        case n % 3 when 0 then '{BCRYPT}' when 1 then '{ARGON2}' end, '{TIED}', '{TIED}',
        case when n = 7 then 'infinity'::timestamptz end, '{{"full_name": "Ana Díaz"}}'
    from generate_series(1, {USERS}) n;
insert into auth.identities(user_id, provider, provider_id) select id, 'email', id::text from auth.users;
insert into auth.identities(user_id, provider, provider_id)
    select md5(n::text)::uuid, 'google', '1157' || n from generate_series(2, {USERS}, 3) n;
insert into auth.mfa_factors(user_id, factor_type, status, secret)
    select md5(n::text)::uuid, 'totp', case n % 18 when 1 then 'verified' else 'unverified' end,
        case n % 27 when 1 then '{ENCRYPTED}' else '{SECRET}' end
    from generate_series(1, {USERS}, 9) n;
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres.postgres(tmp_path_factory.mktemp("supabase")) as url:
        run(url, "create role reader login; create role granted login bypassrls")
        yield url


@pytest.fixture
def url(cluster: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The tables as they are at first, which the source is told of."""
    run(cluster, SCHEMA)
    monkeypatch.setenv("SUPABASE_DB_URL", cluster)
    return cluster


def run(url: str, statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statements)


def asking(ask: Callable[[Source], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        source = await opened("supabase", {}, FakeMemo(), FakeClock())
        try:
            return await ask(source)
        finally:
            await source.close()

    return asyncio.run(main())


def exported(chain: str = "") -> dict[str, dict[str, Any]]:
    async def ask(source: Source) -> list[Any]:
        return [page async for page in source.pages(chain, None)]

    pages = asking(ask)
    assert len(ids(pages)) == len(set(ids(pages)))
    return {item.id: json.loads(item.body) for page in pages for item in page.items}


def users(records: dict[str, dict[str, Any]]) -> list[User]:
    mapper = PROVIDER.mapper(MappingContext(MappingSettings(), PasswordSettings(), {}))
    return [mapper(record) for record in records.values()]


def test_everybody_is_read_with_identities_factors_and_hashes(url: str) -> None:
    records = exported()
    assert len(records) == USERS == asking(lambda source: source.count())
    found = users(records)
    kinds = [user.password.type for user in found]
    assert [kinds.count(kind) for kind in ("bcrypt", "argon2", None)] == [766, 767, 767]
    assert sum("google|1157" in user.metadata.get("identities", "") for user in found) == 767
    factors = [factor for record in records.values() for factor in record["factors"] or []]
    assert Counter(factor["status"] for factor in factors) == {"verified": 128, "unverified": 128}
    assert Counter(factor["secret"] for factor in factors) == {SECRET: 170, ENCRYPTED: 86}
    assert not any(SECRET in user.model_dump_json() for user in found)
    assert [user.email for user in found if user.status == "banned"] == ["user7@example.com"]


def test_the_same_user_is_the_same_text_each_time(url: str) -> None:
    before = exported()
    run(
        url,
        "create table auth.turned as select * from auth.identities order by random();"
        "truncate auth.identities; insert into auth.identities select * from auth.turned",
    )
    assert exported() == before


def test_users_without_a_moment_of_creation_are_read_too(url: str) -> None:
    run(url, "update auth.users set created_at = null where encrypted_password is null")
    assert len(exported()) == USERS


def test_who_signed_up_behind_the_cursor_is_found_and_then_whoever_else_is_missing(url: str) -> None:
    new = "00000000-0000-0000-0000-000000000001"
    run(url, f"insert into auth.users(id, created_at) values('{new}', '2026-02-03T00:00:00Z')")
    since = 1_770_000_000_000
    chains = asking(lambda source: source.sweep(since, 0))
    assert list(chains) == [f"since {since}"]
    assert list(exported(chains[0])) == [new]
    again = asking(lambda source: source.sweep(since, 2))
    assert len(exported(again[1])) == USERS + 1


def test_an_older_schema_has_fewer_columns_and_names_identities_otherwise(url: str) -> None:
    run(
        url,
        "alter table auth.identities drop column id; alter table auth.identities rename provider_id to id;"
        "drop table auth.mfa_factors; alter table auth.users drop banned_until",
    )
    found = users(exported())
    assert sum("google|1157" in user.metadata.get("identities", "") for user in found) == 767


# roles


def as_role(url: str, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_DB_URL", url.replace("postgres@", f"{role}@"))


GRANTS = (
    "grant usage on schema auth to reader, granted;"
    "grant select on all tables in schema auth to reader, granted;"
)


def test_a_role_from_which_row_security_hides_users_is_refused_and_does_not_count_nobody(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is on in schema auth since 2024, and without a policy it shows no rows and raises no error."""
    run(url, GRANTS + "alter table auth.users enable row level security")
    as_role(url, "granted", monkeypatch)
    assert len(exported()) == USERS
    as_role(url, "reader", monkeypatch)
    for ask in (exported, lambda: asking(lambda source: source.count())):
        with pytest.raises(SourceRefused, match="row level security hides rows"):
            ask()


def test_a_role_that_sees_no_users_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    as_role(url, "reader", monkeypatch)
    with pytest.raises(SourceRefused, match="grant usage on schema auth"):
        exported()
    run(url, "grant select on all tables in schema auth to reader")
    with pytest.raises(SourceRefused, match="permission denied for schema auth"):
        exported()


def test_a_role_that_may_not_read_hashes_does_not_make_them_absent(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(
        url,
        "grant usage on schema auth to reader; grant select on auth.identities to reader;"
        "grant select(id, email, created_at) on auth.users to reader",
    )
    as_role(url, "reader", monkeypatch)
    assert {user.password.state for user in users(exported())} == {"unsupported"}


# sessions


def fetched(url: str, *queries: str) -> list[list[tuple[Any, ...]]]:
    async def main() -> list[list[tuple[Any, ...]]]:
        rows = PostgresRows("supabase", url)
        try:
            return [await rows.fetch(query) for query in queries]
        finally:
            await rows.close()

    return asyncio.run(main())


@pytest.mark.parametrize(
    "query",
    [
        "delete from auth.users returning id",
        "update auth.users set email = 'x' returning id",
        "create table auth.mine as select 1",
        "select nextval('auth.mine')",
    ],
)
def test_the_server_itself_refuses_to_write_for_this_reader(url: str, query: str) -> None:
    run(url, "create sequence auth.mine")
    with pytest.raises(SourceError, match="read-only transaction"):
        fetched(url, query)
    assert len(exported()) == USERS


def test_nothing_stays_on_a_session_that_a_pooler_gives_to_the_application_next(url: str) -> None:
    looked = "select name, setting from pg_settings where source = 'session' and name like '%read_only%'"
    prepared = "select name from pg_prepared_statements"
    *_, settings, statements, inside = fetched(
        url, *["select 1"] * 7, looked, prepared, "show transaction_read_only"
    )
    assert "default_transaction_read_only" not in {name for name, _ in settings}
    assert statements == []
    assert inside == [("on",)]


def test_a_statement_that_failed_does_not_spoil_the_next(url: str) -> None:
    async def main() -> int:
        rows = PostgresRows("supabase", url)
        try:
            with pytest.raises(SourceError):
                await rows.fetch("select 1 / 0")
            return len(await rows.fetch("select 1"))
        finally:
            await rows.close()

    assert asyncio.run(main()) == 1


def test_a_connection_that_the_server_ended_is_told_and_opened_again(url: str) -> None:
    async def main() -> int:
        rows = PostgresRows("supabase", url)
        try:
            ((pid,),) = await rows.fetch("select pg_backend_pid()")
            run(url, f"select pg_terminate_backend({pid})")
            with pytest.raises(SourceError, match="the same command resumes"):
                await rows.fetch("select 1")
            return len(await rows.fetch("select 1"))
        finally:
            await rows.close()

    assert asyncio.run(main()) == 1
