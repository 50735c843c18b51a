"""Lint: map what is unmapped and hold it against the target's rules, before anything is sent."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal, NamedTuple

from cockpit.jobs import lint_resources, memo
from cockpit.jobs.block import PREFIX, UNMAPPABLE, block
from cockpit.jobs.context import JobContext, Result
from cockpit.records import Factor, Membership, Organization, User
from cockpit.rules import fields
from cockpit.rules.lint import RULES, Finding, lint
from cockpit.rules.mask import printable
from cockpit.rules.totp import COVERED
from cockpit.settings import Settings
from cockpit.sources import base
from cockpit.sources.base import Mapper, Mappers, MappingContext
from cockpit.state import changes, errors, fix, fixrules, holds, meta, overlays, resolve, users
from cockpit.state import lint as findings
from cockpit.state.journal import USER
from cockpit.state.overlays import Patch
from cockpit.state.users import Unmapped

CHUNK = 1000


class Shared(NamedTuple):
    """What two users of a target must not share: the rule, and how it is told of the one that keeps it."""

    rule: str
    column: Literal["email_key", "external_id"]
    field: str
    told: Callable[[str, str | None], str]


SHARED = (
    Shared(
        "email_duplicate",
        "email_key",
        "email",
        lambda ident, _: f"the same e-mail, trimmed and lower-cased, as {ident}",
    ),
    # Such as in two tenants of Firebase, where ids are a tenant's own.
    Shared(
        "external_id_duplicate",
        "external_id",
        "external_id",
        lambda _, email: f"the same id as {printable(email) if email else 'a user without an e-mail'}",
    ),
)


class Checked(NamedTuple):
    """A raw record, the user it became, what the rules say of it, what else it tells of, and what was
    laid over it by reviewers."""

    raw: Unmapped
    user: User
    findings: list[Finding]
    tells: Sequence[Organization | Membership | Factor] = ()
    patch: Patch | None = None


async def run(context: JobContext) -> Result:
    """Lint everything that was not linted in its present form. Exit 3 when users are blocked."""
    checked = await lint_new(context)

    def blocked(connection: sqlite3.Connection) -> int:
        return sum(group.open for group in errors.groups(connection) if group.fingerprint.startswith(PREFIX))

    failed = await context.writer.run(blocked)
    held = await context.writer.run(holds.counts)
    numbers = {"checked": checked, "blocked": failed, "held": held}
    linted = f"{checked} records linted" if checked else "nothing new to lint"
    by_reason = ", ".join(f"{n} {reason}" for reason, n in held.items())
    back = f", {sum(held.values())} held back by policy ({by_reason})" if held else ""
    if failed:
        return Result(3, f"{linted}, {failed} blocked{back}", "see: cockpit errors list", numbers)
    return Result(0, f"{linted}, none blocked{back}", "next: cockpit users import", numbers)


async def lint_new(context: JobContext) -> int:
    """Map and check every record that is new or changed; returns how many.

    Fix rules are applied to what fails for their causes, and that is mapped once more.

    A user with a finding of severity error becomes `failed` with the rule as its cause and is not sent; one
    that failed before and is well now becomes `ready` again. Whom a policy holds is `skipped`, whatever
    else there is to say; a policy that changed is applied to everybody.
    """
    await context.writer.run(fixrules.take_over, context.settings.rules, context.now())
    checked = await _lint_unmapped(context)
    while await _apply_rules(context):
        checked += await _lint_unmapped(context)
    return checked


async def _apply_rules(context: JobContext) -> int:
    """Have every rule look at the open errors of its cause that are new to it; how many records they mark."""
    batch_size, marked = context.settings.imports.batch_size, 0
    for standing in await context.writer.run(fixrules.standing):
        done: tuple[int, int] | None = (0, 0)
        while done is not None:
            await context.steering.gate()
            marked += done[1]
            done = await context.writer.run(
                fix.apply,
                standing.id,
                standing.rule,
                operator=standing.operator,
                batch_size=batch_size,
                now=context.now(),
            )
    return marked


async def _lint_unmapped(context: JobContext) -> int:
    policy = holding(context.settings)
    batch_size = context.settings.imports.batch_size
    moved = 0
    for among in await context.writer.run(holds.ranges):
        moved += await context.writer.run(
            holds.apply, policy, among, context.operator, batch_size, context.now()
        )
    mapping: SourceMapping | None = None
    last, checked = 0, 0
    storing: asyncio.Task[None] | None = None
    context.progress.reason = "linting"
    try:
        while read := await context.writer.run(_unmapped, last):
            await context.steering.gate()
            mapping = mapping or await mapping_of(context)
            chunk = [_check(raw, mapping, patch) for raw, patch in read]
            if storing is not None:
                await storing
            # While this chunk is stored, the next one is mapped.
            storing = asyncio.create_task(_keep(context, chunk, policy))
            last = read[-1][0].id
            checked += len(read)
    finally:
        if storing is not None:
            await storing
    if checked or moved:
        await context.writer.run(_judge_duplicates, batch_size, context.now())
    await context.writer.run(holds.audit_new, context.operator, context.now())
    others = await lint_resources.lint_new(context, (mapping or await mapping_of(context)).mappers)
    if checked or others:
        await lint_resources.settle(context)
    return checked + others


def holding(settings: Settings) -> holds.Policy:
    """What cockpit.toml says users are held back for."""
    return holds.Policy(settings.mapping.held, settings.passwords.without_hash)


class SourceMapping(NamedTuple):
    """How the bound source's records are mapped: its users, and the other kinds."""

    user: Mapper
    mappers: Mappers


async def mapping_of(context: JobContext) -> SourceMapping:
    """The mapping of the bound source, with what the export remembered."""
    name = await context.writer.run(meta.provider)
    if name is None:
        return SourceMapping(lambda _: User(source_id=""), Mappers())
    known = await context.writer.run(memo.facts)
    settings = context.settings
    provider = base.find(name)
    given = MappingContext(settings.mapping, settings.passwords, known)
    return SourceMapping(
        provider.mapper(given), provider.tenancy.map(given) if provider.tenancy else Mappers()
    )


async def _keep(context: JobContext, chunk: Sequence[Checked], policy: holds.Policy) -> None:
    settings = context.settings
    batch_size, now = settings.imports.batch_size, context.now()
    await context.writer.run(_store, chunk, settings.mapping.roles, policy, context.operator, batch_size, now)


def _unmapped(connection: sqlite3.Connection, after: int) -> list[tuple[Unmapped, Patch | None]]:
    """The next raw records without a mapping, each with what is laid over it."""
    raws = users.unmapped(connection, after, CHUNK)
    laid = overlays.of_range(connection, USER, raws[0].id, raws[-1].id) if raws else {}
    return [(raw, laid.get(raw.id)) for raw in raws]


def mapped_user(record: base.Raw, mapping: SourceMapping, patch: Patch | None) -> User:
    """What a raw record becomes, with what is laid over it. Raises ValueError as a Mapper does."""
    user = mapping.user(record)
    if patch is None:
        return user
    # Whether a hash goes along may be known only to a vendor's file; what takes it away needs not know.
    own = fields.with_hash(fields.of_request(USER, user.request()), True)
    return fields.patched_user(user, patch.over(USER, own, record))


def _check(raw: Unmapped, mapping: SourceMapping, patch: Patch | None) -> Checked:
    try:
        record = json.loads(raw.body)
        user = mapped_user(record, mapping, patch)
        tells = tuple(mapping.mappers.of_user(record)) if mapping.mappers.of_user else ()
    except ValueError as error:
        detail = f"this record can't be mapped: {type(error).__name__}"
        return Checked(
            raw,
            User(source_id=raw.source_id),
            [Finding(rule=UNMAPPABLE, severity="error", detail=detail, field="")],
            patch=patch,
        )
    return Checked(raw, user, lint(user), tells, patch)


def _store(
    connection: sqlite3.Connection,
    chunk: Sequence[Checked],
    roles: Mapping[str, str],
    policy: holds.Policy,
    operator: str,
    batch_size: int,
    now: int,
) -> None:
    for subject, before, after, password in users.save(connection, [(c.raw, c.user) for c in chunk]):
        changes.note(connection, "user", subject, before, after, batch_size, now, password=password)
    findings.replace(
        connection,
        [item.raw.id for item in chunk],
        [
            (item.raw.id, finding.rule, finding.severity, finding.field, finding.detail)
            for item in chunk
            for finding in item.findings
        ],
    )
    laid = overlays.of_range(connection, USER, chunk[0].raw.id, chunk[-1].raw.id)
    # What was laid over a record while it was being mapped is not in its mapping yet.
    outdated = {item.raw.id for item in chunk if laid.get(item.raw.id) != item.patch}
    overlays.map_again(connection, USER, outdated)
    # Here and not later, since an import that is at work may claim whoever is ready.
    linted = (chunk[0].raw.id, chunk[-1].raw.id)
    holds.apply(connection, policy, linted, operator, batch_size, now, just_linted=True)
    for item in chunk:
        if item.raw.id in outdated:
            continue
        blocking = next((finding for finding in item.findings if finding.severity == "error"), None)
        if blocking is not None:
            block(connection, USER, item.raw.operation, item.raw.id, blocking, batch_size, now)
        elif item.raw.state == "failed":
            resolve.fixed(connection, USER, item.raw.operation, item.raw.id, batch_size, now)
        if item.tells:
            told = lint_resources.of_user(item.raw.id, item.tells, roles)
            lint_resources.store_told(connection, item.raw.page, told, batch_size, now)
    findings.keep_factors(connection, [item.raw.id for item in chunk], COVERED)


def _judge_duplicates(connection: sqlite3.Connection, batch_size: int, now: int) -> None:
    """Block users that share something with the one that keeps it; release those that no longer do.

    Who is released from one rule may share something else, so all are released before any is blocked.
    """
    keepers = {
        shared: {user: keeper for user, keeper, _ in findings.duplicates(connection, shared.column)}
        for shared in SHARED
    }
    for shared, keeper_of in keepers.items():
        _release(connection, shared.rule, keeper_of.keys(), batch_size, now)
    for shared, keeper_of in keepers.items():
        _block_sharers(connection, shared, keeper_of, batch_size, now)


def _release(
    connection: sqlite3.Connection, rule: str, sharers: Collection[int], batch_size: int, now: int
) -> None:
    blocked = connection.execute(
        "select subject, operation from errors where fingerprint = ? and resolution = 'open'",
        (PREFIX + rule,),
    ).fetchall()
    for user, operation in blocked:
        if user not in sharers:
            connection.execute("delete from findings where user = ? and rule = ?", (user, rule))
            resolve.fixed(connection, USER, operation, user, batch_size, now)


def _block_sharers(
    connection: sqlite3.Connection, shared: Shared, keeper_of: Mapping[int, int], batch_size: int, now: int
) -> None:
    for user, keeper in sorted(keeper_of.items()):
        operation, state = connection.execute(
            "select id, state from operations where kind = 'user' and subject = ?", (user,)
        ).fetchone()
        if state != "ready":
            continue
        kept = connection.execute("select external_id, email from users where id = ?", (keeper,)).fetchone()
        finding = Finding(shared.rule, RULES[shared.rule].severity, shared.told(*kept), shared.field)
        row = (user, finding.rule, finding.severity, finding.field, finding.detail)
        connection.execute("insert or replace into findings values(?, ?, ?, ?, ?)", row)
        block(connection, USER, operation, user, finding, batch_size, now)
