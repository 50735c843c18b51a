"""States with everything that moves in them, and all of it as one value, so that two can be compared."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cockpit.jobs import lint_resources
from cockpit.package.write import Options, Report, write
from cockpit.records import Factor, Membership, Organization, Password, Record, Role, User
from cockpit.sources.base import Mappers
from cockpit.state import exports, resources
from cockpit.state.database import open_readonly, open_state, transaction
from cockpit.terms import KINDS, Kind, Page, RawItem
from tests.jobs.world import HASH, World, seed

AT = "2026-05-01T12:00:00.000Z"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOT_ALL = Mappers(
    organization=Organization.model_validate,
    role=Role.model_validate,
    membership=Membership.model_validate,
    factor=Factor.model_validate,
)


class People(NamedTuple):
    """Everything of one migration."""

    users: Sequence[User] = ()
    organizations: Sequence[Organization] = ()
    roles: Sequence[Role] = ()
    memberships: Sequence[Membership] = ()
    factors: Sequence[Factor] = ()


ACME = People(
    users=[
        User(
            source_id="auth0|1",
            email="ana@example.com",
            email_verified=True,
            first_name="Aña",
            last_name="O'Hara, Jr",
            metadata={"plan": 'pro "x"', "note": "1\n2"},
            password=Password.carried("bcrypt", HASH),
        ),
        User(source_id="auth0|2", email="bo@example.com", name="Bo van Dyk", connection="google-oauth2"),
        User(source_id="auth0|3", email="cy@example.com", password=Password.unsupported("md5, no more")),
    ],
    organizations=[
        Organization.model_validate(
            {
                "source_id": "org_a",
                "name": "Acme; Inc",
                "domains": [{"name": "acme.com", "verified": True}, {"name": "acme.org"}],
                "metadata": {"tier": "1"},
            }
        ),
        Organization(source_id="org_b", name="=Globex"),
        Organization(source_id="org_c", name="Hooli"),
    ],
    roles=[
        Role(slug="editor", name="Editor", permissions=("users:read", "users:write")),
        Role(slug="member", name="Member"),
        Role(slug="org-auditor", name="Auditor", organization="org_b"),
    ],
    memberships=[
        Membership(user="auth0|1", organization="org_a", roles=("editor", "member")),
        Membership(user="auth0|1", organization="org_b", roles=("org-auditor",)),
        Membership(user="auth0|1", organization="org_c"),
        Membership(user="auth0|2", organization="org_b", roles=("member",)),
    ],
    factors=[
        Factor.model_validate(
            {"source_id": "f1", "user": "auth0|1", "secret": SECRET, "issuer": "Acme", "account": "+ana"}
        )
    ],
)
"""Three people in three organizations: one is in all of them, one in none."""


def fill(state: Path, people: People) -> None:
    """A state in which all of them are exported, mapped and ready."""
    seed(state, people.users)
    connection = open_state(state)
    others: dict[Kind, list[tuple[str, Record]]] = {
        "organization": [(one.source_id, one) for one in people.organizations],
        "role": [(one.key, one) for one in people.roles],
        "membership": [(one.key, one) for one in people.memberships],
        "factor": [(one.source_id, one) for one in people.factors],
    }
    for kind, records in others.items():
        items = [RawItem(ident, _body(record)) for ident, record in records]
        with transaction(connection):
            export = exports.begin(connection, 1, kind)
            exports.commit_page(connection, export.id, Page("", "", None, items), 100, 2)
            exports.complete(connection, export.id, "complete", 0, 3)
    with transaction(connection):
        raws = resources.unmapped(connection, 0, 100_000)
        made = [(raw, lint_resources.mapped(raw.kind, raw.body, NOT_ALL, {})) for raw in raws]
        resources.save(connection, made)
        after: int | None = 0
        while after is not None:
            after = resources.link(connection, after)
    connection.close()


def _body(record: Record) -> str:
    plain = record.model_dump(mode="json")
    if isinstance(record, Factor) and record.secret is not None:
        plain["secret"] = record.secret.get_secret_value()
    return json.dumps(plain)


def packed(state: Path, folder: Path, *, secrets: bool = True, **options: Any) -> Report:
    """The package of a state."""
    connection = open_readonly(state)
    try:
        chosen = Options(options.pop("template", "2.5.0"), secrets, AT)
        return write(connection, folder, "auth0:acme.us.auth0.com", chosen, lambda done, total: None)
    finally:
        connection.close()


def loaded(folder: Path, package: Path) -> World:
    """A fresh state that a package was exported into, and linted."""
    folder.mkdir()
    world = World(folder, "http://127.0.0.1:9")
    kinds = ["organization", "role", "user"]
    told = {"dir": str(package)}
    result = world.run_here("export", source="package", kinds=kinds, told=told).result
    assert result is not None and result["exit"] == 0, result
    world.run_here("lint")
    return world


def everything(state: Path) -> dict[str, Any]:
    """Users, organizations, roles, memberships and factors as they would be sent, by what names each."""
    connection = open_readonly(state)
    users = connection.execute(
        "select u.external_id, u.request, u.connection, u.password_state, u.password_type, "
        "u.password_reason, p.hash from users u left join passwords p on p.user = u.id order by 1"
    ).fetchall()
    found: dict[str, Any] = {"users": {row[0]: (json.loads(row[1]), *row[2:]) for row in users}}
    for kind in KINDS:
        if kind not in ("user", "permission"):
            rows = connection.execute(
                "select r.external_id, u.external_id, coalesce(o.external_id, r.organization_key), r.name, "
                "r.request, s.secret from resources r left join users u on u.id = r.user "
                "left join resources o on o.id = r.organization "
                "left join resource_secrets s on s.id = r.id where r.kind = ? order by 1, 2, 3, 6",
                (kind,),
            ).fetchall()
            found[kind] = [(*row[:4], json.loads(row[4]), row[5]) for row in rows]
    connection.close()
    return found
