"""The tables of rollout.db, as forward-only migrations."""

import sqlite3

from sqlite_utils import Migrations
from sqlite_utils.db import Database

migrations = Migrations("rollout")


def apply(connection: sqlite3.Connection) -> None:
    """Bring a database to the newest schema. Each migration is one transaction."""
    migrations.apply(Database(connection))


@migrations()
def m001_rollout(db: Database) -> None:
    """Routes with their version, what the proxy notes, flips and waves, a chained audit trail."""
    for statement in TABLES.split(";\n\n"):
        db.conn.execute(statement)


TABLES = """
create table route_version(id integer primary key check(id = 1), n integer not null) strict;

insert into route_version values(1, 0);

create table routes(
    connection text primary key, protocol text not null check(protocol in ('saml','oidc','other')),
    board text not null check(board in ('manual','legacy','canary','workos','held')),
    organization text not null default '', name text not null default '', target_id text,
    callback_endpoint text, callback_url text, issuer text,
    delivery text not null default 'redirect' check(delivery in ('redirect','form')),
    idp text, users integer not null default 0, certificate_until integer, domains text not null default '',
    moved_by text, moved_at integer, by_person integer not null default 0, why text,
    hard integer not null default 0) strict;

create table flows(
    key blob primary key, side text not null check(side in ('legacy','workos')), connection text,
    at integer not null, until integer not null) strict, without rowid;

create table traffic(
    connection text not null, minute integer not null, side text not null, outcome text not null,
    n integer not null, primary key(connection, minute, side, outcome)) strict, without rowid;

create table observations(
    connection text not null, trait text not null, value text not null, n integer not null,
    last_at integer not null, primary key(connection, trait, value)) strict, without rowid;

create table proxies(
    name text primary key, mode text not null, version integer not null, since integer not null,
    seen_at integer not null) strict, without rowid;

create table flips(
    id integer primary key, connection text not null, wave text, before text not null, after text not null,
    stage text not null
        check(stage in ('armed','flipping','verifying','live','failed','rolled back','cancelled')),
    operator text not null, why text, passed text not null default '', version integer,
    started_at integer not null, flipped_at integer, ended_at integer, detail text) strict;

create index flips_by_connection on flips(connection, id);

create unique index flips_open on flips(connection) where stage in ('armed','flipping','verifying');

create index flips_by_time on flips(flipped_at) where flipped_at is not null;

create table waves(
    name text primary key, position integer not null, percent integer, bake_s integer not null,
    state text not null
        check(state in ('planned','running','holding','halted','done','aborted')),
    started_at integer, ended_at integer, held_s integer not null default 0, held_at integer,
    resumed_at integer, operator text, reason text) strict, without rowid;

create table wave_members(
    connection text primary key, wave text not null, position integer not null) strict, without rowid;

create table targets(
    connection text primary key, state text, callback_endpoint text, unverified text not null default '',
    asked_at integer not null) strict, without rowid;

create table approvals(
    id integer primary key, action text not null, subject text not null, operator text not null,
    at integer not null, until integer not null, used_at integer) strict;

create table ticks(
    connection text not null, what text not null, operator text not null, at integer not null, note text,
    primary key(connection, what)) strict, without rowid;

create table audit(
    id integer primary key, at integer not null, operator text not null, host text not null,
    person integer not null, action text not null, subject text not null, before text, after text,
    why text, previous text not null, digest text not null) strict;

create trigger audit_is_append_only before update on audit
    begin select raise(abort, 'the audit trail is append-only'); end;

create trigger audit_is_kept before delete on audit
    begin select raise(abort, 'the audit trail is append-only'); end
"""
