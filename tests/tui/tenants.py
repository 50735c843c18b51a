"""What moves beside users in the seeded states: organizations, roles, memberships and second factors."""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from cockpit.jobs.block import block
from cockpit.records import Domain, Factor, Membership, Organization, Permission, Role
from cockpit.rules import tenancy
from cockpit.rules.lint import Finding
from cockpit.state import exports, journal, resource_findings, resources
from cockpit.state.claims import FACTORS, MEMBERSHIPS, ORGANIZATIONS, PERMISSIONS, ROLES, Claim, Work
from cockpit.state.database import transaction
from cockpit.state.errors import Failure
from cockpit.state.journal import Outcome
from cockpit.state.resources import Mapped, Unmapped
from cockpit.terms import Kind, Page, RawItem

COMPANIES = (
    *("Acme", "Initech", "Globex", "Umbra Labs", "Hooli", "Vandelay", "Stark Freight", "Wonka"),
    *("Tyrell", "Cyberdyne", "Soylent", "Duff"),
)
MEMBERS, FACTORS_EVERY = 3, 17
"""Of so many users one is a member of two organizations; of so many one has an authenticator app."""
UNKNOWN_ROLE = Failure(
    "fixable",
    "422:invalid_role",
    "the environment has no such role",
    "Role auditor does not exist",
    status=422,
    code="invalid_role",
    attempts=1,
    request_id="req_01JD9Q7",
    body=json.dumps({"code": "invalid_role", "message": "Role auditor does not exist"}),
)


class Tenants:
    """The kinds beside users of one seeded state. `ago` makes a time of seconds before now."""

    def __init__(self, db: sqlite3.Connection, batch: int, ago: Callable[[float], int]) -> None:
        self._db, self._batch, self._ago = db, batch, ago

    def export(self, person: Callable[[int], RawItem], people: int) -> None:
        """Every kind read to its end, a page each."""
        organizations = [{"id": _org(n), "display_name": name} for n, name in enumerate(COMPANIES)]
        roles = [{"id": name, "name": name, "grants": ["read"]} for name in ("member", "admin", "auditor")]
        permissions = [{"id": name, "name": name} for name in ("read", "write", "invite", "bill")]
        memberships = [
            {"id": f"{_org(org)}/{user}", "user_id": user, "org_id": _org(org), "roles": [role]}
            for number in range(0, people, MEMBERS)
            for user in (person(number).id,)
            for org, role in ((number % 12, "member"), ((number + 5) % 12, ("admin", "auditor")[number % 2]))
        ]
        factors = [
            {"id": f"totp_{number:05}", "user_id": person(number).id, "secret": "JBSWY3DPEHPK3PXP"}
            for number in range(0, people, FACTORS_EVERY)
        ]
        read: dict[Kind, Sequence[Mapping[str, object]]] = {
            "organization": organizations,
            "permission": permissions,
            "role": roles,
            "membership": memberships,
            "factor": factors,
        }
        for kind, records in read.items():
            items = [RawItem(str(record["id"]), json.dumps(record)) for record in records]
            with transaction(self._db):
                export = exports.begin(self._db, self._ago(3_900), kind)
                page = Page("", "", None, items, sum(len(item.body) for item in items), len(items))
                exports.commit_page(self._db, export.id, page, self._batch, self._ago(3_800))
                exports.complete(self._db, export.id, "complete", 0, self._ago(3_700))

    def lint(self, *, well: bool) -> None:
        """All mapped; unless `well`, two organizations share a domain and a secret is no Base32."""
        with transaction(self._db):
            for raw in resources.unmapped(self._db, 0, 10_000):
                record = _record(raw, well)
                [kept] = resources.save(self._db, [(raw, _mapped(record))])
                found = tenancy.lint(record)
                if not well and raw.source_id == _org(9):
                    found.append(
                        Finding("domain_duplicate", "error", "globex.example, as Globex", "domain_data")
                    )
                resource_findings.replace(self._db, raw.id, found)
                for finding in found:
                    if finding.severity == "error":
                        block(
                            self._db, raw.kind, kept.operation, raw.id, finding, self._batch, self._ago(3_680)
                        )

    def import_organizations(self) -> None:
        """Organizations, permissions and roles arrive; one of them was there before."""
        for work in (ORGANIZATIONS, PERMISSIONS, ROLES):
            self._send(work, 10_000)  # type: ignore[arg-type]

    def import_the_rest(self, most: int = 10_000) -> None:
        """Memberships and factors, at most so many of a kind; of a part some roles are not known there."""
        for work in (MEMBERSHIPS, FACTORS):
            self._send(work, most if work is MEMBERSHIPS else most // 10, refuse=most < 10_000)  # type: ignore[arg-type]
            with transaction(self._db):
                resources.count_waiting(self._db, work.kind)

    def _send(self, work: Work[Claim], most: int, *, refuse: bool = False) -> None:
        with transaction(self._db):
            run = journal.next_run(self._db)
            claimed = journal.claim(self._db, work, 0, most, run, self._ago(950))
            outcomes = [self._outcome(one, work.kind, refuse) for one in claimed]
            journal.settle(self._db, work.kind, outcomes, run, self._batch, self._ago(940))

    def _outcome(self, one: Claim, kind: str, refuse: bool) -> Outcome:
        if refuse and kind == "membership" and one.subject % 41 == 2:
            return Outcome(one.operation, one.subject, "failed", 1, status=422, failure=UNKNOWN_ROLE)
        state: Literal["imported", "adopted"] = "adopted" if one.subject % 60 == 1 else "imported"
        prefix = {"organization": "org", "membership": "om", "factor": "auth_factor"}.get(kind, kind)
        return Outcome(one.operation, one.subject, state, 1, f"{prefix}_01JD{one.subject:06}", 201)


def _org(number: int) -> str:
    return f"org_{number:04}"


def _record(raw: Unmapped, well: bool) -> tenancy.Resource:
    body = json.loads(raw.body)
    match raw.kind:
        case "organization":
            name = str(body["display_name"])
            owner = "Globex" if not well and raw.source_id == _org(9) else name
            domain = Domain(name=f"{owner.lower().replace(' ', '')}.example", verified=True)
            return Organization(source_id=raw.source_id, name=name, domains=(domain,))
        case "permission":
            return Permission(slug=raw.source_id, name=raw.source_id.capitalize())
        case "role":
            return Role(slug=raw.source_id, name=raw.source_id.capitalize(), permissions=("read",))
        case "membership":
            return Membership(user=body["user_id"], organization=body["org_id"], roles=tuple(body["roles"]))
        case _:
            problem = "the secret is not Base32" if not well and raw.source_id == "totp_00170" else None
            secret = None if problem else body["secret"]
            return Factor(
                source_id=raw.source_id, user=body["user_id"], secret=secret, problem=problem, issuer="Acme"
            )


def _mapped(record: tenancy.Resource) -> Mapped:
    match record:
        case Role():
            return Mapped(
                record.name, {**record.request(), "permissions": list(record.permissions)}, record.slug
            )
        case Permission():
            return Mapped(record.name, record.request(), record.slug)
        case Membership():
            roles = ", ".join(record.roles)
            return Mapped(roles, record.request(), user=record.user, organization=record.organization)
        case Factor():
            secret = record.secret.get_secret_value() if record.secret else None
            return Mapped(record.issuer or "TOTP", record.request(), user=record.user, secret=secret)
    return Mapped(record.name, record.request(), record.source_id)
