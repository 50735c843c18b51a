"""Lint beside users: organizations, roles, memberships and factors, mapped and held against the rules."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from cockpit.jobs.block import UNMAPPABLE, block
from cockpit.jobs.context import JobContext
from cockpit.records import Factor, Membership, Organization, Permission, Role
from cockpit.rules import fields, tenancy
from cockpit.rules.lint import RULES, Finding
from cockpit.rules.slugs import slug
from cockpit.rules.tenancy import Resource
from cockpit.sources.base import Mappers
from cockpit.state import changes, journal, overlays, resolve, resource_findings, resources
from cockpit.state.overlays import Patch
from cockpit.state.resources import Derived, Kept, Mapped, Unmapped
from cockpit.terms import UPDATES, Kind

CHUNK = 1000
POLICY = ("membership_inactive",)
"""Rules whose findings are a reason to leave something where it is, and no error."""


class Checked(NamedTuple):
    """A raw record, what it became (None: it has no usable shape), what the rules say of it, and what was
    laid over it by reviewers."""

    raw: Unmapped
    mapped: Mapped | None
    findings: list[Finding]
    patch: Patch | None


async def lint_new(context: JobContext, mappers: Mappers) -> int:
    """Map and check every resource that is new or changed, tie it to what it hangs on; returns how many.

    One with a finding of severity error becomes `failed`; one that failed before and is well now becomes
    `ready` again. Permissions that roles name and roles that memberships name are made where the source
    does not define them.
    """
    last, checked = 0, 0
    while read := await context.writer.run(_unmapped, last):
        await context.steering.gate()
        chunk = [_check(raw, patch, mappers, context.settings.mapping.roles) for raw, patch in read]
        await context.writer.run(_store, chunk, context.settings.imports.batch_size, context.now())
        last = read[-1][0].id
        checked += len(read)
    return checked


def _unmapped(connection: sqlite3.Connection, after: int) -> list[tuple[Unmapped, Patch | None]]:
    """The next raw records without a mapping, each with what is laid over it."""
    raws = resources.unmapped(connection, after, CHUNK)
    return [(raw, overlays.of(connection, raw.kind, raw.id)) for raw in raws]


async def settle(context: JobContext) -> None:
    """After a chunk of work: tie what hangs on what came later, and make what is only named."""
    after: int | None = 0
    while after is not None:
        after = await context.writer.run(resources.link, after)
    await context.writer.run(_imply)
    await context.writer.run(_judge_domains, context.settings.imports.batch_size, context.now())


class Told(NamedTuple):
    """What a user's record tells of besides, and what the rules say of it."""

    derived: Derived
    findings: list[Finding]
    record: Resource


def of_user(
    subject: int, tells: Iterable[Organization | Membership | Factor], named: Mapping[str, str]
) -> list[Told]:
    """The memberships and factors in the record of a user, and the organizations that only users name."""
    told = []
    for record in tells:
        body = json.dumps(record.model_dump(mode="json", exclude={"secret"}, exclude_none=True))
        made = _with_slugs(record, named)
        become = _mapped(made)
        match record:
            case Organization():  # many users tell of it
                derived = Derived("organization", record.source_id, 0, body, become)
            case Membership():
                derived = Derived("membership", record.key, subject, body, become)
            case Factor():
                derived = Derived("factor", record.source_id, subject, body, become)
        told.append(Told(derived, tenancy.lint(made), made))
    return told


def laid_over(connection: sqlite3.Connection, told: Told) -> Told:
    """The same with what reviewers laid over it."""
    derived = told.derived
    patch = overlays.by_source_id(connection, derived.kind, derived.source_id)
    if patch is None:
        return told
    made = _patched(told.record, derived.kind, patch, json.loads(derived.body))
    return Told(derived._replace(mapped=_mapped(made)), tenancy.lint(made), made)


def store_told(
    connection: sqlite3.Connection, page: int, told: Sequence[Told], batch_size: int, now: int
) -> None:
    """Keep what was found inside a user's record, judged as every other resource; an organization once."""
    named = [item.derived.source_id for item in told if item.derived.kind == "organization"]
    known = resources.known(connection, "organization", named) if named else set()
    fresh = [
        item for item in told if item.derived.kind != "organization" or item.derived.source_id not in known
    ]
    fresh = [laid_over(connection, item) for item in fresh]
    stored = resources.save_derived(connection, page, [item.derived for item in fresh])
    for item, kept in zip(fresh, stored, strict=True):
        _judge(connection, item.derived.kind, kept, item.findings, batch_size, now)


def _check(raw: Unmapped, patch: Patch | None, mappers: Mappers, named: Mapping[str, str]) -> Checked:
    try:
        record = _record(raw.kind, raw.body, mappers, named, patch)
    except ValueError as error:
        detail = f"this record can't be mapped: {type(error).__name__}"
        return Checked(raw, None, [Finding(UNMAPPABLE, "error", detail, "")], patch)
    return Checked(raw, _mapped(record), tenancy.lint(record), patch)


def mapped(
    kind: Kind, body: str, mappers: Mappers, named: Mapping[str, str], patch: Patch | None = None
) -> Mapped:
    """What a raw record of a kind becomes, with what is laid over it.

    Raises ValueError for one without a usable shape.
    """
    return _mapped(_record(kind, body, mappers, named, patch))


def _record(
    kind: Kind, body: str, mappers: Mappers, named: Mapping[str, str], patch: Patch | None
) -> Resource:
    by_kind: Mapping[Kind, Callable[[Mapping[str, object]], Resource] | None] = {
        "organization": mappers.organization,
        "permission": mappers.permission,
        "role": mappers.role,
        "membership": mappers.membership,
        "factor": mappers.factor,
    }
    to_record = by_kind[kind]
    if to_record is None:
        raise ValueError("not a kind of this source")
    raw = json.loads(body)
    record = _with_slugs(to_record(raw), named)
    return record if patch is None else _patched(record, kind, patch, raw)


def _patched(record: Resource, kind: Kind, patch: Patch, source: object) -> Resource:
    own = fields.of_request(kind, _mapped(record).request)
    return fields.patched(record, patch.over(kind, own, source))


def _with_slugs(record: Resource, named: Mapping[str, str]) -> Resource:
    match record:
        case Role():
            granted = tuple(dict.fromkeys(slug(name, named) for name in record.permissions))
            return record.model_copy(update={"slug": slug(record.slug, named), "permissions": granted})
        case Permission():
            return record.model_copy(update={"slug": slug(record.slug, named)})
        case Membership():
            roles = tuple(dict.fromkeys(slug(name, named) for name in record.roles))
            return record.model_copy(update={"roles": roles})
    return record


def _mapped(record: Resource) -> Mapped:
    match record:
        case Role():
            request = {**record.request(), "permissions": list(record.permissions)}
            return Mapped(record.name, request, record.slug, organization=record.organization)
        case Permission():
            return Mapped(record.name, record.request(), record.slug)
        case Membership():
            roles = ", ".join(record.roles)
            return Mapped(roles, record.request(), user=record.user, organization=record.organization)
        case Factor():
            secret = record.secret.get_secret_value() if record.secret else None
            return Mapped(record.issuer or "TOTP", record.request(), user=record.user, secret=secret)
    return Mapped(record.name, record.request(), record.source_id)


def _store(connection: sqlite3.Connection, chunk: Sequence[Checked], batch_size: int, now: int) -> None:
    stored = resources.save(connection, [(item.raw, item.mapped) for item in chunk])
    for item, kept in zip(chunk, stored, strict=True):
        if overlays.of(connection, item.raw.kind, kept.id) != item.patch:
            # Laid over it while it was being mapped, so not in its mapping yet.
            overlays.map_again(connection, item.raw.kind, [kept.id])
        else:
            _judge(connection, item.raw.kind, kept, item.findings, batch_size, now)


def _judge(
    connection: sqlite3.Connection,
    kind: Kind,
    kept: Kept,
    found: Sequence[Finding],
    batch_size: int,
    now: int,
) -> None:
    """Keep the findings; block what has an error, skip what policy leaves, release what is well now.

    What the target has already and is mapped otherwise now is a change to send.
    """
    ident, operation, state, before, after = kept
    resource_findings.replace(connection, ident, found)
    if kind in UPDATES and state in changes.SENT and before is not None and after is not None:
        changes.note(connection, kind, ident, before, after, batch_size, now)
    blocking = next((finding for finding in found if finding.severity == "error"), None)
    if blocking is not None:
        block(connection, kind, operation, ident, blocking, batch_size, now)
    elif any(finding.rule in POLICY for finding in found):
        journal.move(connection, kind, [(operation, ident, "ready")], "skipped", batch_size, now)
    elif state == "failed":
        resolve.fixed(connection, kind, operation, ident, batch_size, now)


def _imply(connection: sqlite3.Connection) -> None:
    """Make the roles and permissions that are named and not defined."""
    for name in resources.undefined_roles(connection):
        role = Role(slug=name, name=name)
        _imply_one(connection, "role", name, _mapped(role))
    for name in resources.undefined_permissions(connection):
        _imply_one(connection, "permission", name, _mapped(Permission(slug=name, name=name)))


def _imply_one(connection: sqlite3.Connection, kind: Kind, name: str, mapped: Mapped) -> None:
    body = json.dumps({"named_by": "memberships" if kind == "role" else "roles", "name": name})
    resources.save_derived(connection, 1, [Derived(kind, name, 0, body, mapped)])


def _judge_domains(connection: sqlite3.Connection, batch_size: int, now: int) -> None:
    """Block organizations that claim a domain of another one; the target refuses the second."""
    for ident, operation, domain, keeper in resources.shared_domains(connection):
        rule = RULES["domain_duplicate"]
        finding = Finding("domain_duplicate", rule.severity, f"{domain}, as {keeper}", "domain_data")
        resource_findings.replace(connection, ident, [finding])
        block(connection, "organization", operation, ident, finding, batch_size, now)
