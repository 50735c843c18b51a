"""The export job through the database doors, beside a bare loop, in turns.

A real PostgreSQL has the tables of Supabase and of Better Auth; a Better Auth server made the SQLite file.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psycopg

from tests.bench.child import Usage, finish
from tests.bench.figures import Figure
from tests.jobs.world import World
from tests.peers import better_auth, postgres, servers

USERS = 200_000
ROUNDS = 3
BCRYPT = "$2b$04$RDFyDS1tGPpm7qOVC30pnOrX7Bwyldjn/PA.9EUGug/xeINdmu4RK"
OWN = "ab" * 16 + ":" + "cd" * 64
SUPABASE = f"""
create schema auth;
create table auth.users(id uuid primary key, email text, encrypted_password text,
    email_confirmed_at timestamptz, created_at timestamptz, raw_user_meta_data jsonb);
create table auth.identities(user_id uuid, provider text, provider_id text);
insert into auth.users select md5(n::text)::uuid, 'user' || n || '@example.com', '{BCRYPT}', moment, moment,
    jsonb_build_object('full_name', 'Ana Diaz ' || n)
    from generate_series(1, {USERS}) n, to_timestamp(1700000000 + n / 500) moment;
insert into auth.identities select id, 'email', id::text from auth.users;
create index on auth.identities(user_id);
analyze auth.users, auth.identities;
"""
BETTER_AUTH = f"""
create table "user"(id text primary key, name text, email text unique, "emailVerified" boolean, image text,
    "createdAt" timestamptz, "updatedAt" timestamptz, role text, banned boolean, "banReason" text,
    "banExpires" timestamptz, "twoFactorEnabled" boolean);
create table account(id text primary key, "accountId" text, "providerId" text, "userId" text,
    "accessToken" text, password text);
create table "twoFactor"(id text primary key, secret text, "backupCodes" text, "userId" text);
insert into "user" select md5(n::text), 'Ana Diaz ' || n, 'user' || n || '@example.com', true, null,
    moment, moment, 'user', false
    from generate_series(1, {USERS}) n, to_timestamp(1700000000 + n / 500) moment;
insert into account select id, id, 'credential', id, null, '{OWN}' from "user";
create index on account("userId");
create index on "twoFactor"("userId");
analyze "user", account;
"""


class Door(NamedTuple):
    """One database: what to call it in the table, the bare loop's name for it, and cockpit's two."""

    title: str
    bare: str
    provider: str
    variable: str


ON_SUPABASE = Door("supabase, postgresql", "supabase", "supabase", "SUPABASE_DB_URL")
ON_POSTGRES = Door("better auth, postgresql", "better_auth", "better_auth", "DATABASE_URL")
ON_SQLITE = Door("better auth, sqlite", "better_auth_sqlite", "better_auth", "DATABASE_URL")


def run() -> list[Figure]:
    """Ratios of each round, their median; without those whose server is missing."""
    figures: list[Figure] = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        if why := postgres.missing():
            print(f"database: without PostgreSQL, {why}", file=sys.stderr)
        else:
            with postgres.postgres(folder) as url:
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute(SUPABASE + BETTER_AUTH)
                figures += _measured(ON_SUPABASE, url, folder) + _measured(ON_POSTGRES, url, folder)
        if why := servers.missing():
            print(f"database: without Better Auth's SQLite, {why}", file=sys.stderr)
        else:
            with better_auth.application(folder, USERS) as application:
                figures += _measured(ON_SQLITE, f"sqlite:{application.file}", folder)
    return figures


def _measured(door: Door, url: str, folder: Path) -> list[Figure]:
    ratios, ours, peaks = [], [], []
    for number in range(ROUNDS):
        part = folder / f"{door.bare}-{number}"
        part.mkdir()
        bare_s = _bare(door, url, part / "bare.db")
        job_s, used = _job(door, url, part)
        ratios.append(bare_s / job_s)
        ours.append(USERS / job_s)
        peaks.append(used.rss_mb)
    return [
        Figure(f"{door.title}: users/s, job / bare loop", median(ratios), "", 0.5, at_least=True),
        Figure(f"{door.title}: job", median(ours), "users/s"),
        Figure(f"{door.title}: peak memory at {USERS:,} users", max(peaks), "MB", 120),
    ]


def _bare(door: Door, url: str, file: Path) -> float:
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bare_database", door.bare, url, str(file)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    finish(process, began)
    assert told["users"] == USERS
    return float(told["seconds"])


def _job(door: Door, url: str, folder: Path) -> tuple[float, Usage]:
    world = World(folder, "http://127.0.0.1:9", f'[source]\nprovider = "{door.provider}"\n')
    world.environment[door.variable] = url
    began = time.monotonic()
    used = finish(world.start("export", source=door.provider, kinds=["user"]), began)
    ((started, complete, seen, outcome),) = world.ask(
        "select started_at, complete_at, seen, outcome from exports"
    )
    assert (seen, outcome) == (USERS, "complete")
    return float(complete - started) / 1000, used
