"""Organizations, roles, memberships and authenticator apps around seeded users, mapped and ready."""

import base64
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from cockpit.jobs import lint_resources
from cockpit.records import Domain, Factor, Membership, Organization, Permission, Role
from cockpit.sources.base import Mappers
from cockpit.state import exports, resources
from cockpit.state.database import open_state, transaction
from cockpit.terms import Kind, Page, RawItem
from tests.jobs.world import person, seed

MAPPERS = Mappers(
    organization=Organization.model_validate,
    permission=Permission.model_validate,
    role=Role.model_validate,
    membership=Membership.model_validate,
    factor=Factor.model_validate,
)
ROLES = ("admin", "member", "auditor")


def organization(number: int) -> Organization:
    """A customer with a domain of its own."""
    domain = Domain(name=f"company{number}.example", verified=number % 2 == 0)
    return Organization(source_id=f"org_{number:05}", name=f"Company {number}", domains=(domain,))


def membership(user: int, number: int, roles: Sequence[str] = ("member",)) -> Membership:
    """That person's place in that organization."""
    return Membership(
        user=person(user).source_id, organization=organization(number).source_id, roles=tuple(roles)
    )


def secret(user: int) -> str:
    """The Base32 secret of that person's authenticator app."""
    return base64.b32encode(f"secret of person {user:04}".encode()).decode().rstrip("=")


def factor(user: int) -> Factor:
    """That person's authenticator app."""
    return Factor(
        source_id=f"totp_{user:06}",
        user=person(user).source_id,
        secret=SecretStr(secret(user)),
        issuer="Acme",
        account=f"user{user}@example.com",
    )


def role(slug: str, *permissions: str) -> Role:
    """A role of the environment."""
    return Role(slug=slug, name=slug.capitalize(), permissions=permissions)


def store(state: Path, kind: Kind, records: Sequence[Any]) -> None:
    """An export of these records, complete and mapped."""
    connection = open_state(state, create=True)
    with transaction(connection):
        export = exports.begin(connection, 1, kind)
    for start in range(0, len(records), 1000):
        part = records[start : start + 1000]
        following = str(start + 1000) if start + 1000 < len(records) else None
        items = [RawItem(_ident(record), _body(record)) for record in part]
        with transaction(connection):
            exports.commit_page(connection, export.id, Page("", str(start), following, items), 100, 2)
    with transaction(connection):
        exports.complete(connection, export.id, "complete", 0, 3)
        raws = resources.unmapped(connection, 0, len(records))
        made = [(raw, lint_resources.mapped(raw.kind, raw.body, MAPPERS, {})) for raw in raws]
        resources.save(connection, made)
    connection.close()


def seed_companies(
    state: Path,
    users: int,
    organizations: int,
    each: int,
    factors: int,
    roles: Sequence[str] = ROLES,
) -> None:
    """Users, each in `each` organizations with one of the roles, the first ones with an app."""
    seed(state, [person(number) for number in range(users)])
    store(state, "organization", [organization(number) for number in range(organizations)])
    if "auditor" in roles:
        store(state, "permission", [Permission(slug="books:read", name="Read books")])
        store(state, "role", [role("auditor", "books:read")])
    store(state, "membership", list(_memberships(users, organizations, each, roles)))
    store(state, "factor", [factor(number) for number in range(factors)])


def _memberships(users: int, organizations: int, each: int, roles: Sequence[str]) -> Iterator[Membership]:
    for user in range(users):
        for turn in range(each):
            yield membership(user, (user + turn) % organizations, (roles[(user + turn) % len(roles)],))


def _ident(record: Any) -> str:
    return str(getattr(record, "key", None) or getattr(record, "source_id", None) or record.slug)


def _body(record: Any) -> str:
    body = record.model_dump(mode="json")
    if isinstance(record, Factor) and record.secret is not None:
        body["secret"] = record.secret.get_secret_value()
    return json.dumps(body)
