"""20,000 users in a real PostgreSQL, as Supabase and as Better Auth: read whole, killed on the way."""

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from cockpit.sources._rows import PostgresRows
from cockpit.sources.base import SourceError, SourceRefused
from tests.cli.shell import Shell
from tests.jobs.world import UNLIMITED
from tests.peers import postgres

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


SOURCES = {"supabase": "SUPABASE_DB_URL", "better_auth": "DATABASE_URL"}


def shell_of(folder: Path, source: str, dsn: str) -> Shell:
    (folder / "cockpit.toml").write_text(f'{UNLIMITED}[source]\nprovider = "{source}"\n')
    return Shell(folder, **{SOURCES[source]: dsn})


@pytest.mark.parametrize("source", SOURCES)
def test_an_export_killed_on_the_way_has_everybody_once(tmp_path: Path, source: str, dsn: str) -> None:
    shell = shell_of(tmp_path, source, dsn)
    rng = random.Random(SEED)
    for page in (rng.randint(1, 5), rng.randint(6, 12)):
        process = subprocess.Popen(
            shell.command("users", "export", "--detach"), cwd=tmp_path, env=shell.environment,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        process.wait(timeout=30)
        kill_at(shell.state, page)
    done = shell.run("users", "export")
    assert done.returncode == 0, done.stderr
    status = shell.json("status")
    assert status["users"]["exported"] == USERS
    assert status["pages"]["outcome"] == "complete"
    connection = sqlite3.connect(shell.state)
    ids = {row[0] for row in connection.execute("select source_id from raw")}
    bodies = connection.execute("select body from raw limit 100").fetchall()
    connection.close()
    expected = (ident(number) if source == "supabase" else f"u{number:05}" for number in range(USERS))
    assert ids == set(expected)
    assert all("a-token" not in body for (body,) in bodies)
    assert all(json.loads(body)["email"].endswith("@example.com") for (body,) in bodies)


def kill_at(state: Path, page: int) -> None:
    """Kill the export when it has committed that many pages, unless it is quicker."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        connection = sqlite3.connect(f"file:{state}?mode=ro", uri=True)
        try:
            pages = connection.execute("select count(*) from pages").fetchone()[0]
            job = connection.execute("select pid, state from jobs order by id desc limit 1").fetchone()
        except sqlite3.OperationalError:
            continue  # the state is being created
        finally:
            connection.close()
        if job is not None and job[1] == "done":
            return
        if pages >= page and job is not None and job[0]:
            os.kill(job[0], signal.SIGKILL)
            return


def test_hashes_are_told_and_confirmed_addresses_too(tmp_path: Path, dsn: str) -> None:
    for source, kind in (("supabase", "bcrypt"), ("better_auth", "scrypt")):
        folder = tmp_path / source
        folder.mkdir()
        shell = shell_of(folder, source, dsn)
        assert shell.run("users", "export").returncode == 0
        assert shell.run("users", "lint").returncode == 0
        assert shell.json("status")["passwords"]["by_type"] == {kind: USERS}


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
