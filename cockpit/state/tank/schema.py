"""The tables of webhooks.db, as forward-only migrations.

The tank writes arrivals, bodies, arrived, sources and refusals; drain, discard and redrive write deliveries,
outcomes and drain. An event without a delivery is held.
"""

import sqlite3

from sqlite_utils import Migrations
from sqlite_utils.db import Database

migrations = Migrations("cockpit-tank")


def apply(connection: sqlite3.Connection) -> None:
    """Bring a database to the newest schema. Each migration is one transaction."""
    migrations.apply(Database(connection))


@migrations()
def m001_tank(db: Database) -> None:
    """What arrived, what was refused, what became of it, and counters of each."""
    for statement in TABLES.split(";\n"):
        if statement.strip():
            db.execute(statement)


TABLES = """
create table sources(name text primary key, scheme text not null, listen text not null, at integer not null)
    strict, without rowid;
create table arrivals(
    id integer primary key, source text not null, event text not null, type text not null,
    key text not null, subject text, at integer, received integer not null, unique(source, event)) strict;
create index arrivals_by_subject on arrivals(subject, id) where subject is not null;
create table bodies(id integer primary key, headers text not null, body blob not null) strict;
create table arrived(source text not null, type text not null, n integer not null, again integer not null,
    primary key(source, type)) strict, without rowid;
create table refusals(source text not null, why text not null, n integer not null, last_at integer not null,
    primary key(source, why)) strict, without rowid;

create table deliveries(
    event integer primary key, state text not null check(state in
        ('sending','delivered','dead','discarded','superseded','paired','stale')),
    run integer, attempts integer not null default 0, at integer not null, status integer, reason text)
    strict;
create index deliveries_sending on deliveries(event) where state = 'sending';
create index deliveries_dead on deliveries(event) where state = 'dead';
create table outcomes(source text not null, type text not null, state text not null, n integer not null,
    primary key(source, type, state)) strict, without rowid;
create table drain(id integer primary key check(id = 1), job integer not null, target text not null,
    breaker text not null, pace real not null, ceiling real not null, p50 real, p95 real, at integer not null)
    strict
"""
