"""The tables of cockpit.db, as forward-only migrations."""

import sqlite3

from sqlite_utils import Migrations
from sqlite_utils.db import Database

migrations = Migrations("cockpit")


def apply(connection: sqlite3.Connection) -> None:
    """Bring a database to the newest schema. Each migration is one transaction."""
    migrations.apply(Database(connection))


@migrations()
def m001_user_migration(db: Database) -> None:
    """One user migration: raw records, mapped users, the journal, errors, diffs, jobs, audit."""
    _run(db, SPINE)


@migrations()
def m002_completeness(db: Database) -> None:
    """What an export came to, which records it saw, and records that make up one user together."""
    _run(db, COMPLETENESS)


@migrations()
def m003_tenancy(db: Database) -> None:
    """Organizations, permissions, roles, memberships and factors beside the users."""
    _run(db, TENANCY)


@migrations()
def m004_holds(db: Database) -> None:
    """Who is held back by a policy, and for what; so far only a lost password could do that.

    What an account is at the source is found anew: who was not sent yet is linted again.
    """
    _run(db, HOLDS)


@migrations()
def m005_changes(db: Database) -> None:
    """What changed at the source after it was sent."""
    _run(db, CHANGES)


@migrations()
def m006_password_dates(db: Database) -> None:
    """When a user changed the password, and the date of a hash that came in a file.

    The former is found anew: who was not sent yet is linted again.
    """
    _run(db, PASSWORD_DATES)


@migrations()
def m007_triage(db: Database) -> None:
    """What reviewers decide: overlays, rules, merges, resets, who is on what, and how it is undone."""
    _run(db, TRIAGE)


@migrations()
def m008_connections(db: Database) -> None:
    """SSO connections: raw, checked, decided about, handed over."""
    _run(db, CONNECTIONS)


@migrations()
def m009_events(db: Database) -> None:
    """Events of the target as they arrived, and sign-ins by SSO counted by connection and minute."""
    _run(db, EVENTS)


@migrations()
def m010_webhook_steps(db: Database) -> None:
    """What was said, observed and proven about webhooks before, during and after the import."""
    _run(db, WEBHOOK_STEPS)


@migrations()
def m011_no_resource_fingerprint(db: Database) -> None:
    """Requests are compared themselves; nobody read the fingerprint kept beside each."""
    _run(db, "alter table resources drop column fingerprint")


def _run(db: Database, script: str) -> None:
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)


WEBHOOK_STEPS = """
create table webhook_steps(id integer primary key, step text not null,
    what text not null check(what in ('attested','watching','proven','refuted','waived')),
    at integer not null, operator text not null, says text not null, ends integer, detail text not null)
    strict
"""

CONNECTIONS = """
create table connections(
    id integer primary key, source_id text not null unique, provider text not null, seen integer not null,
    name text, protocol text, kind text, idp text, organization_key text, organization_name text,
    organizations integer not null default 0, domains text not null default '', enabled integer,
    record text, certificate_until integer, checked_at integer,
    verdict text check(verdict in ('transparent','review','portal','stop')), reasons text not null default '',
    override text check(override in ('transparent','review','portal','stop')), override_why text,
    override_organization text,
    handoff text check(handoff in ('written','sent','flagged','imported')), handoff_why text,
    handoff_at integer, target_id text, target_state text, callback_endpoint text,
    invited_at integer, invited_to text) strict;
create index connections_by_organization on connections(organization_key) where organization_key is not null;
create table connection_bodies(id integer primary key, body text not null) strict;
create table connection_secrets(id integer primary key, secrets text not null) strict;
create table connection_findings(connection integer not null, rule text not null, severity text not null,
    field text not null, detail text not null, primary key(connection, rule, field)) strict, without rowid;
create index connection_findings_by_rule on connection_findings(rule, connection)
"""

EVENTS = """
create table events(id integer primary key, event text not null unique, name text not null,
    at integer not null, connection text, organization text, body text not null) strict;
create index events_by_name on events(name, id);
create index events_by_connection on events(connection, id) where connection is not null;
create index events_by_time on events(at);
create table sign_ins(connection text not null, minute integer not null, outcome text not null,
    n integer not null, primary key(connection, minute, outcome)) strict, without rowid
"""

PASSWORD_DATES = """
alter table users add column password_changed_at integer;
alter table passwords add column dated integer;
update users set page = 0 where id in (select r.id from raw r
    join operations o on o.kind = 'user' and o.subject = r.id
    where r.body <> '{}' and o.state in ('ready', 'skipped'))
"""

TRIAGE = """
create table overlays(kind text not null, subject integer not null, field text not null, value text not null,
    operator text not null, at integer not null, primary key(kind, subject, field)) strict, without rowid;
create table rules(id integer primary key, cause text not null, action text not null, field text not null,
    value text not null, match text not null, operator text not null, at integer not null,
    seen integer not null default 0, removed_at integer) strict;
create index rules_in_force on rules(cause) where removed_at is null;
create table fixes(kind text not null, subject integer not null, rule integer not null references rules(id),
    primary key(kind, subject, rule)) strict, without rowid;
create index fixes_by_rule on fixes(rule);
create table merges(user integer primary key, choice text not null check(choice in ('adopt','link')),
    operator text not null, at integer not null) strict;
create table reset_marks(user integer primary key, operator text not null, at integer not null) strict;
create table claims(scope text not null check(scope in ('group','error')), key text not null,
    operator text not null, host text not null, at integer not null, primary key(scope, key))
    strict, without rowid;
create table decisions(id integer primary key, at integer not null, operator text not null,
    action text not null, subject text not null, why text, undone_at integer, undone_by text) strict;
create table inverses(decision integer not null references decisions(id), what text not null,
    kind text not null, subject integer not null, field text not null, before text,
    primary key(decision, what, kind, subject, field)) strict, without rowid;
alter table errors add column decision integer;
alter table errors add column sends integer;
alter table errors add column reopened integer not null default 0;
create index errors_by_decision on errors(decision) where decision is not null
"""

CHANGES = """
create table changes(kind text not null, subject integer not null, before text not null,
    password integer not null default 0, primary key(kind, subject)) strict, without rowid
"""

HOLDS = """
create table holds(user integer primary key, reason text not null, since integer not null,
    audited integer not null default 0) strict;
create index holds_not_audited on holds(reason) where audited = 0;
insert into holds(user, reason, since, audited) select o.subject, 'password', coalesce(o.done_at, 0), 1
    from operations o join users u on u.id = o.subject and u.password_state = 'unsupported'
    where o.kind = 'user' and o.state = 'skipped' and o.sent_at is null and not exists
    (select 1 from errors e where e.operation = o.id and e.resolution = 'ignored');
insert into counters(kind, state, n) select 'hold', reason, count(*) from holds group by reason;
delete from findings where rule = 'blocked';
update users set page = 0 where id in (select r.id from raw r
    join operations o on o.kind = 'user' and o.subject = r.id
    where r.body <> '{}' and (o.state in ('ready', 'skipped') or exists (select 1 from errors e
    where e.operation = o.id and e.resolution = 'open' and e.fingerprint like 'lint:%')))
"""

TENANCY = """
alter table exports add column kind text not null default 'user';
create index exports_by_kind on exports(kind, id);
create table resources(
    id integer primary key, kind text not null, source_id text not null, page integer not null,
    seen integer not null default 0, mapped integer not null default 0, inside integer, name text,
    user_key text, organization_key text, user integer, organization integer, external_id text, request text,
    fingerprint blob, unique(kind, source_id)) strict;
create index resources_unmapped on resources(id) where mapped <> page and inside is null;
create index resources_of_user on resources(user, kind) where user is not null;
create index resources_of_organization on resources(organization, kind) where organization is not null;
create index resources_by_external_id on resources(kind, external_id) where external_id is not null;
create table resource_bodies(id integer primary key, body text not null) strict;
create table resource_secrets(id integer primary key, secret text not null) strict;
create table resource_findings(resource integer not null, rule text not null, severity text not null,
    field text not null, detail text not null, primary key(resource, rule, field)) strict, without rowid;
alter table diff_findings add column thing text not null default 'user'
"""

COMPLETENESS = """
alter table exports add column seen integer not null default 0;
alter table exports add column outcome text check(outcome in ('complete','unverified','open'));
alter table exports add column missing integer;
alter table raw add column seen integer not null default 0;
create table parts(id text primary key, source_id text not null, seen integer not null) strict, without rowid
"""

SPINE = """
create table meta(key text primary key, value text not null, secret integer not null default 0)
    strict, without rowid;

create table exports(
    id integer primary key, started_at integer not null, complete_at integer,
    read integer not null default 0, merged integer not null default 0, held integer not null default 0,
    bytes integer not null default 0, pages integer not null default 0, total integer) strict;
create table pages(
    id integer primary key, export integer not null references exports(id), chain text not null,
    cursor text not null, next_cursor text, items integer not null, fresh integer not null,
    bytes integer not null, checksum text not null, fetched_at integer not null) strict;
create index pages_by_chain on pages(export, chain, id);

create table raw(id integer primary key, source_id text not null unique, page integer not null,
    body text not null) strict;
create table held(id integer primary key, page integer not null, reason text not null, body text not null)
    strict;
create table users(
    id integer primary key, page integer not null, external_id text not null, email text, email_key text,
    name text, connection text, verified integer not null, request text not null,
    fingerprint blob not null, password_state text not null, password_type text, password_reason text)
    strict;
create index users_by_email on users(email_key) where email_key is not null;
create index users_by_external_id on users(external_id);
create table passwords(user integer primary key, type text not null, hash text not null,
    salt_position text, origin text not null) strict;
create table password_counts(state text not null, type text not null, reason text not null,
    n integer not null, primary key(state, type, reason)) strict, without rowid;
create table findings(user integer not null, rule text not null, severity text not null,
    field text not null, detail text not null, primary key(user, rule, field)) strict, without rowid;
create index findings_by_rule on findings(rule, user);

create table operations(
    id integer primary key, kind text not null, subject integer not null,
    state text not null default 'ready'
        check(state in ('ready','sending','imported','adopted','failed','skipped','unknown')),
    run integer, attempts integer not null default 0, unsure integer not null default 0,
    sent_at integer, done_at integer, target_id text, status integer, request_id text,
    confirmed integer not null default 0, unique(kind, subject)) strict;
create index op_ready on operations(kind, id) where state = 'ready';
create index op_sending on operations(kind, id) where state = 'sending';
create index op_adopted on operations(kind, id) where state = 'adopted';
create index op_failed on operations(kind, id) where state = 'failed';
create index op_skipped on operations(kind, id) where state = 'skipped';
create index op_unknown on operations(kind, id) where state = 'unknown';
create table counters(kind text not null, state text not null, n integer not null,
    primary key(kind, state)) strict, without rowid;
create table batches(kind text not null, n integer not null, total integer not null,
    done integer not null default 0, failed integer not null default 0,
    primary key(kind, n)) strict, without rowid;

create table errors(
    id integer primary key, operation integer not null references operations(id), kind text not null,
    subject integer not null, class text not null, fingerprint text not null, title text not null,
    request text, status integer, code text, message text not null, body text, request_id text,
    attempts integer not null, at integer not null, resolution text not null default 'open'
        check(resolution in ('open','retried','fixed','ignored')),
    resolved_by text, resolved_at integer, reason text) strict;
create index errors_open on errors(fingerprint, id) where resolution = 'open';
create index errors_by_operation on errors(operation);
create table error_groups(fingerprint text primary key, title text not null, class text not null,
    code text, status integer, open integer not null, total integer not null, first_at integer not null,
    last_at integer not null, example integer not null) strict, without rowid;

create table diffs(
    id integer primary key, started_at integer not null, finished_at integer, source_listed integer,
    target_listed integer, missing integer, drifted integer, changed integer, deleted integer,
    extra integer, accepted integer) strict;
create table diff_findings(
    id integer primary key, diff integer not null references diffs(id), kind text not null,
    subject integer, external_id text, email text, target_id text, fields text not null,
    confirmed integer not null default 0) strict;
create index diff_findings_by_kind on diff_findings(diff, kind, id);

create table jobs(
    id integer primary key, kind text not null, args text not null, state text not null,
    reason text not null default '', pid integer, boot text, heartbeat real, operator text not null,
    created_at integer not null, started_at integer, ended_at integer, done integer not null default 0,
    total integer, failed integer not null default 0, rate real, eta_s real, result text) strict;
create index jobs_by_kind on jobs(kind, id);
create table controls(job integer primary key references jobs(id), command text not null, rate real,
    operator text not null, at integer not null, seen text, seen_rate real, seen_at integer) strict;
create table samples(
    job integer not null, at integer not null, done integer not null, failed integer not null, rate real,
    p50 real, p95 real, throttled integer not null, in_flight integer not null, ceiling real,
    state text not null, primary key(job, at)) strict, without rowid;
create table notices(id integer primary key, job integer, at integer not null, level text not null,
    text text not null) strict;
create table audit(
    id integer primary key, at integer not null, operator text not null, host text not null,
    action text not null, subject text not null, before text, after text, why text) strict;
create trigger audit_is_append_only before update on audit
    begin select raise(abort, 'the audit trail is append-only'); end;
create trigger audit_is_kept before delete on audit
    begin select raise(abort, 'the audit trail is append-only'); end
"""
