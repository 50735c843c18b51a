"""The export job from a real PostgreSQL with Supabase's tables, beside a bare loop, in turns."""

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psycopg

from tests.bench.child import Usage, finish
from tests.bench.figures import Figure
from tests.jobs.world import World
from tests.peers import postgres

USERS = 200_000
ROUNDS = 3
BCRYPT = "$2b$04$RDFyDS1tGPpm7qOVC30pnOrX7Bwyldjn/PA.9EUGug/xeINdmu4RK"
TABLES = f"""
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


def run() -> list[Figure]:
    """Ratios of each round, their median; nothing where there is no PostgreSQL."""
    if why := postgres.missing():
        print(f"database: left out, {why}", file=sys.stderr)
        return []
    ratios, ours, peaks = [], [], []
    with TemporaryDirectory() as folder, postgres.postgres(Path(folder)) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(TABLES)
        for number in range(ROUNDS):
            part = Path(folder, str(number))
            part.mkdir()
            bare_s = _bare(url, part / "bare.db")
            job_s, used = _job(url, part)
            ratios.append(bare_s / job_s)
            ours.append(USERS / job_s)
            peaks.append(used.rss_mb)
    return [
        Figure("database: users/s, job / bare loop", median(ratios), "", 0.5, at_least=True),
        Figure("database: job", median(ours), "users/s"),
        Figure(f"database: peak memory at {USERS:,} users", max(peaks), "MB", 120),
    ]


def _bare(url: str, file: Path) -> float:
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bare_database", url, str(file)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    finish(process, began)
    assert told["users"] == USERS
    return float(told["seconds"])


def _job(url: str, folder: Path) -> tuple[float, Usage]:
    world = World(folder, "http://127.0.0.1:9", '[source]\nprovider = "supabase"\n')
    world.environment["SUPABASE_DB_URL"] = url
    began = time.monotonic()
    used = finish(world.start("export", source="supabase"), began)
    ((started, complete, seen, outcome),) = world.ask(
        "select started_at, complete_at, seen, outcome from exports"
    )
    assert (seen, outcome) == (USERS, "complete")
    return float(complete - started) / 1000, used
