"""The whole database as a SQLite file: users, accounts, second factors, organizations, members and roles."""

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from cockpit.sandbox.better_auth.organizations import DYNAMIC_ROLES, member_row, organization_row
from cockpit.sandbox.better_auth.records import ACCOUNTS
from cockpit.sandbox.better_auth.two_factor import encrypted
from cockpit.sandbox.companies import Companies
from cockpit.sandbox.factors import Factors
from cockpit.sandbox.population import Population
from cockpit.sandbox.web import Json

TABLES: dict[str, tuple[str, ...]] = {
    "user": (
        *("id", "name", "email", "emailVerified", "image", "createdAt", "updatedAt", "role", "banned"),
        *("banReason", "banExpires", "twoFactorEnabled", "plan", "note"),
    ),
    "account": ("id", "accountId", "providerId", "userId", "accessToken", "password"),
    "twoFactor": (
        *("id", "secret", "backupCodes", "userId", "verified", "failedVerificationCount", "lockedUntil"),
    ),
    "organization": ("id", "name", "slug", "logo", "createdAt", "metadata"),
    "member": ("id", "organizationId", "userId", "role", "createdAt"),
    "organizationRole": ("id", "organizationId", "role", "permission", "createdAt", "updatedAt"),
}
_INTEGERS = {"emailVerified", "banned", "twoFactorEnabled", "verified", "failedVerificationCount"}
_INDICES = (
    *(("account", "userId"), ("twoFactor", "userId")),
    *(("member", "organizationId"), ("member", "userId")),
)


def file(population: Population, companies: Companies, factors: Factors) -> bytes:
    """The file as of now."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "database.db")
        connection = sqlite3.connect(path)
        for table, names in TABLES.items():
            columns = (f'"{name}" {"integer" if name in _INTEGERS else "text"}' for name in names)
            connection.execute(f'create table "{table}"({", ".join(columns)}, primary key("id"))')
        for table, name in _INDICES:
            connection.execute(f'create index "{table}_by_{name}" on "{table}"("{name}")')
        for index in population.indices():
            record = population.record(index)
            _insert(connection, "user", [record])
            _insert(connection, "account", _accounts(record))
            _insert(connection, "twoFactor", _two_factor(record, factors, index))
            members = (
                member_row(one, companies.ident(one.company), record["id"]) for one in companies.of(index)
            )
            _insert(connection, "member", members)
        _insert(connection, "organization", map(organization_row, companies.all()))
        _insert(connection, "organizationRole", _roles(companies))
        connection.commit()
        connection.close()
        return path.read_bytes()


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[Json]) -> None:
    names = TABLES[table]
    marks = ", ".join("?" * len(names))
    values = ([_kept(row.get(name)) for name in names] for row in rows)
    connection.executemany(f'insert into "{table}" values({marks})', values)


def _accounts(record: Json) -> Iterator[Json]:
    for place, one in enumerate(record.get(ACCOUNTS, [])):
        yield {
            **one,
            "id": f"account-{place}-{record['id']}",
            "accountId": one["accountId"] or record["id"],
            "userId": record["id"],
            "accessToken": "an-access-token",
        }


def _two_factor(record: Json, factors: Factors, index: int) -> Iterator[Json]:
    """A row for an app that is enrolled, or that somebody began to enrol."""
    totp = factors.totp(index)
    if totp is not None:
        yield {
            "id": f"two-factor-{record['id']}",
            "secret": encrypted(totp, record["id"]),
            "backupCodes": "encrypted-backup-codes",
            "userId": record["id"],
            "verified": totp.verified,
            "failedVerificationCount": 0,
        }


def _roles(companies: Companies) -> Iterator[Json]:
    for company in companies.all():
        organization = organization_row(company)
        for role, permission in DYNAMIC_ROLES.items():
            yield {
                "id": f"{role}-{company.id}",
                "organizationId": company.id,
                "role": role,
                "permission": json.dumps(permission),
                "createdAt": organization["createdAt"],
            }


def _kept(value: object) -> object:
    return int(value) if isinstance(value, bool) else value
