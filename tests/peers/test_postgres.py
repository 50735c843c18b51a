"""20,000 users in a real PostgreSQL, as Supabase and as Better Auth: read whole, killed on the way."""

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from cockpit.sources._rows import PostgresRows
from cockpit.sources.base import SourceError, SourceRefused
from tests.peers import postgres
from tests.peers.journey import Journey, Source

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(postgres.missing() is not None, reason=postgres.missing() or ""),
]

USERS, TIED = 20_000, 500
SEED = 20261124
BCRYPT = "$2b$04$RDFyDS1tGPpm7qOVC30pnOrX7Bwyldjn/PA.9EUGug/xeINdmu4RK"
NAME = '{"full_name": "Ana Díaz"}'
OWN = "ab" * 16 + ":" + "cd" * 64

SUPABASE = """
create schema auth;
create table auth.users(id uuid primary key, email text, phone text, encrypted_password text,
    email_confirmed_at timestamptz, created_at timestamptz, updated_at timestamptz,
    last_sign_in_at timestamptz, banned_until timestamptz, deleted_at timestamptz,
    is_anonymous boolean, is_sso_user boolean,
    raw_user_meta_data jsonb, raw_app_meta_data jsonb);
create table auth.identities(user_id uuid, provider text, provider_id text);
create index on auth.identities(user_id);
create table auth.mfa_factors(id uuid, user_id uuid, factor_type text, status text, secret text);
create index on auth.mfa_factors(user_id);
"""
BETTER_AUTH = """
create table "user"(id text primary key, name text, email text, "emailVerified" boolean,
    "createdAt" timestamptz, "updatedAt" timestamptz, banned boolean);
create table account(id text primary key, "accountId" text, "providerId" text, "userId" text,
    "accessToken" text, password text);
create index on account("userId");
"""


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres.postgres(tmp_path_factory.mktemp("postgres")) as found:
        with psycopg.connect(found) as connection:
            connection.execute(SUPABASE)
            connection.execute(BETTER_AUTH)
            with connection.cursor().copy(
                "copy auth.users(id, email, encrypted_password, email_confirmed_at, created_at, "
                "raw_user_meta_data) from stdin"
            ) as rows:
                for number in range(USERS):
                    day = f"2024-01-{1 + number // TIED % 28:02}T00:00:00Z"
                    rows.write_row(
                        (ident(number), email(number), BCRYPT, day, day, '{"full_name": "Ana Díaz"}')
                    )
            connection.execute("insert into auth.identities select id, 'email', id::text from auth.users")
            with connection.cursor().copy(
                'copy "user"(id, name, email, "emailVerified", "createdAt") from stdin'
            ) as rows:
                for number in range(USERS):
                    rows.write_row((f"u{number:05}", "Ana Díaz", email(number), True, "2024-01-01T00:00:00Z"))
            connection.execute(
                "insert into account select id, id, 'credential', id, 'a-token', %s from \"user\"", [OWN]
            )
        yield found


def ident(number: int) -> str:
    return str(UUID(int=random.Random(number).getrandbits(128)))


def email(number: int) -> str:
    return f"user{number}@example.com"


@pytest.mark.parametrize(
    ("name", "variable", "kind"),
    [("supabase", "SUPABASE_DB_URL", "bcrypt"), ("better_auth", "DATABASE_URL", "scrypt")],
)
def test_an_export_killed_on_the_way_has_everybody_once_with_the_hash(
    tmp_path: Path, name: str, variable: str, kind: str, dsn: str
) -> None:
    journey = Journey(tmp_path, Source(name, f'[source]\nprovider = "{name}"\n', {variable: dsn}))
    rng = random.Random(SEED)
    journey.kill_export((rng.randint(1, 5), rng.randint(6, 12)))
    assert journey.export() == {"users": USERS, "read": USERS, "merged": 0, "held": 0}
    assert journey.ask("select outcome from exports") == ["complete"]
    kept = dict(journey.raw())
    expected = {
        ident(number) if name == "supabase" else f"u{number:05}": email(number) for number in range(USERS)
    }
    assert {source_id: record["email"] for source_id, record in kept.items()} == expected
    assert not any("a-token" in str(record) for record in kept.values())
    journey.users("lint")
    assert json.loads(journey.cockpit("status", "--json"))["passwords"]["by_type"] == {kind: USERS}


def test_the_session_can_not_write(dsn: str) -> None:
    async def write() -> None:
        rows = PostgresRows("supabase", dsn)
        try:
            await rows.fetch("delete from auth.users returning id")
        finally:
            await rows.close()

    with pytest.raises(SourceError, match="read-only"):
        asyncio.run(write())


def test_a_role_that_may_not_read_says_so(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("create role nobody_special login")

    async def read() -> None:
        rows = PostgresRows("supabase", dsn.replace("postgres@", "nobody_special@"))
        try:
            await rows.fetch("select id from auth.users")
        finally:
            await rows.close()

    with pytest.raises(SourceRefused, match="permission denied"):
        asyncio.run(read())
