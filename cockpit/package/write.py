"""A package written from the state: everybody and everything that is mapped, piece by piece."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cockpit.connections.board import Column
from cockpit.package import PackageError, folder, headers, manifest, sso
from cockpit.package.cells import UnsafeCell, written_domains, written_list
from cockpit.package.folder import Folder, Journal, Sheet
from cockpit.package.headers import FILES, HEADERS, Template
from cockpit.rules import names
from cockpit.state import outgoing
from cockpit.state.outgoing import OutgoingFactor, OutgoingMembership, OutgoingUser
from cockpit.terms import TRAITS

SHARED = ("external_id_duplicate", "email_duplicate")
"""Rules of lint for users who share what a package tells people apart by: one of them is in it."""

Progress = Callable[[int, int], None]
"""Hears how many of how many users are written."""


@dataclass(frozen=True)
class Options:
    """`template`: whose headers. `secrets`: TOTP secrets go along. `at`: the time, ISO 8601.

    `moved`: the columns of connections that were moved on the rollout board.
    """

    template: Template
    secrets: bool
    at: str
    moved: Mapping[str, Column] = field(default_factory=dict)


@dataclass
class Report:
    """What was written; `left` counts what was left out, by reason. `hashes`: how many users have one."""

    counts: Counter[str] = field(default_factory=Counter)
    users: int = 0
    hashes: int = 0
    secrets: int = 0
    left: Counter[str] = field(default_factory=Counter)


def write(
    connection: sqlite3.Connection, path: Path, source: str, options: Options, progress: Progress
) -> Report:
    """Write the package; it is at `path` when it is whole. `source` is the state's, "auth0:acme.auth0.com".

    Raises PackageError; sqlite3.Error.
    """
    if outgoing.unlinted(connection):
        raise PackageError("there are records that were not linted yet; run: cockpit users lint")
    provider, _, tenant = source.partition(":")
    with folder.written(path) as files:
        report = _Package(connection, files, options).write(progress)
        told = manifest.compose(
            provider=provider,
            tenant=tenant.rpartition("/")[2] or None,  # of a path, which says nothing elsewhere, the name
            generated_at=options.at,
            counts=report.counts,
            template=options.template,
            secrets=options.secrets,
            hashes=report.hashes,
            warnings=[f"{n} left out: {reason}" for reason, n in report.left.items()],
            users=report.users,
        )
        files.open(headers.MANIFEST).write(json.dumps(told, indent=2) + "\n")
    return report


class _Package:
    """The files of a package, and what goes into each."""

    def __init__(self, connection: sqlite3.Connection, files: Folder, options: Options) -> None:
        self._connection, self._files, self._options = connection, files, options
        self._report = Report()
        self._sheets = {
            key: Sheet(files.open(FILES[key]), columns)
            for key, columns in HEADERS[options.template].items()
            if key not in sso.KEYS
        }
        self._warnings, self._skipped = (
            Journal(files.open(FILES[key])) for key in ("warnings", "skippedUsers")
        )
        self._own_users = Sheet(files.open(headers.OWN_USERS), headers.OWN_USERS_HEADER)
        self._own_organizations = Sheet(
            files.open(headers.OWN_ORGANIZATIONS), headers.OWN_ORGANIZATIONS_HEADER
        )

    def write(self, progress: Progress) -> Report:
        self._organizations()
        self._roles()
        self._users(progress)
        report = self._report
        options = self._options
        rows, left = sso.write(self._connection, self._files, options.template, options.at, options.moved)
        report.left.update(left)
        report.counts.update(rows)
        report.counts.update({key: sheet.rows for key, sheet in self._sheets.items()})
        report.counts.update(warnings=self._warnings.rows, skippedUsers=self._skipped.rows)
        return report

    def _organizations(self) -> None:
        for one in outgoing.resources(self._connection, "organization"):
            request = one.request or {}
            ident, name = one.external_id or one.source_id, one.name or ""
            if one.state == "skipped" or not request:
                self._leave_out("organization", ident, "skipped" if request else "it could not be mapped")
                continue
            domains = request.get("domain_data", [])
            row = {
                "org_external_id": ident,
                "org_name": name,
                "domains": written_domains(domain["domain"] for domain in domains),
                "metadata": _json(request.get("metadata")),
            }
            try:
                self._sheets["organizations"].add(row)
            except UnsafeCell as unsafe:
                self._leave_out("organization", ident, str(unsafe))
                continue
            self._sheets["uploadOrganizations"].add({"organization_id": ident, "name": name})
            if verified := [domain["domain"] for domain in domains if domain["state"] == "verified"]:
                own = {"org_external_id": ident, "verified_domains": written_domains(verified)}
                self._own_organizations.add(own)

    def _roles(self) -> None:
        for one in outgoing.resources(self._connection, "role"):
            if one.state == "skipped" or not one.request:
                self._leave_out("role", one.source_id, "skipped" if one.request else "it could not be mapped")
                continue
            row = {
                "role_slug": one.external_id or "",
                "role_name": one.name or "",
                "role_type": "organization" if one.organization else "environment",
                "permissions": written_list(one.request.get("permissions", [])),
                "org_external_id": one.organization or "",
            }
            try:
                self._sheets["roleDefinitions"].add(row)
            except UnsafeCell as unsafe:
                self._leave_out("role", one.source_id, str(unsafe))

    def _users(self, progress: Progress) -> None:
        total, done = outgoing.count(self._connection, "user"), 0
        for piece in outgoing.users(self._connection):
            ids = [user.id for user in piece]
            memberships = outgoing.memberships(self._connection, ids)
            factors = outgoing.factors(self._connection, ids)
            for user in piece:
                reason = _reason_to_skip(user) or self._user(user, memberships.get(user.id, ()))
                if reason is None:
                    self._factors(user, factors.get(user.id, ()))
                else:
                    self._skip(user, reason)
            done += len(piece)
            progress(done, total)
        for kind, n in outgoing.unowned(self._connection).items():
            self._report.left[f"{kind}s: their user is not in this state"] += n

    def _user(self, user: OutgoingUser, memberships: Sequence[OutgoingMembership]) -> str | None:
        """Write a user and where they belong; or the reason why that can't be."""
        row = _user_row(user)
        places = [place for one in memberships if (place := self._place(row, one)) is not None]
        try:
            lines = [self._sheets["users"].line({**row, **place}) for place in places or [{}]]
            upload = self._sheets["uploadUsers"].line({**row, "user_id": row["external_id"]})
            own = self._own_users.line(_own_row(user, row))
        except UnsafeCell as unsafe:
            return str(unsafe)
        for line in lines:
            self._sheets["users"].put(line)
        self._sheets["uploadUsers"].put(upload)
        if row["external_id"] and own.strip("\n,") != row["external_id"]:
            self._own_users.put(own)
        for place in places:
            self._sheets["memberships"].add({**row, **place, "metadata": ""})
            upload_place = {"organization_id": place["org_external_id"], "user_id": row["external_id"]}
            self._sheets["uploadMemberships"].add(upload_place)
            for slug in json.loads(place["roles"]):
                self._sheets["userRoleAssignments"].add({**row, **place, "role_slug": slug})
        self._report.users += 1
        self._report.hashes += user.hash is not None
        return None

    def _place(self, user: dict[str, str], one: OutgoingMembership) -> dict[str, str] | None:
        """The columns of users.csv that name an organization; None for what is left out."""
        place = {
            "org_external_id": one.organization or "",
            "org_name": one.organization_name or "",
            "role_slugs": written_list(one.roles),
            "roles": json.dumps(one.roles),
        }
        why = f"the {one.left} is skipped" if one.left else None
        try:
            self._sheets["memberships"].line({**user, **place, "metadata": ""})
            for slug in one.roles:
                self._sheets["userRoleAssignments"].line({**user, **place, "role_slug": slug})
        except UnsafeCell as unsafe:
            why = why or str(unsafe)
        if why is None:
            return place
        self._leave_out("membership", f"{one.organization}/{user['external_id']}", why)
        return None

    def _factors(self, user: OutgoingUser, factors: Sequence[OutgoingFactor]) -> None:
        for factor in factors:
            if factor.state == "skipped" or factor.secret is None:
                why = "skipped" if factor.secret else "it has no secret that moves"
                self._leave_out("factor", user.source_id, why)
            elif not self._options.secrets:
                self._report.left["TOTP secrets, which need --include-secrets"] += 1
            else:
                row = {
                    "email": (user.request or {})["email"],
                    "totp_secret": factor.secret,
                    "totp_issuer": factor.issuer or "",
                    "totp_user": factor.account or "",
                }
                self._sheets["totpSecrets"].add(row)
                self._report.secrets += 1

    def _skip(self, user: OutgoingUser, reason: str) -> None:
        email = (user.request or {}).get("email")
        told = {"timestamp": self._options.at, "user_id": user.source_id, "email": email, "reason": reason}
        self._skipped.add(told)
        self._report.left[f"users: {reason}"] += 1

    def _leave_out(self, kind: str, ident: str, why: str) -> None:
        message = f"{kind} {ident}: {why}"
        self._warnings.add({"timestamp": self._options.at, "code": f"{kind}_left_out", "message": message})
        self._report.left[f"{kind}s: {why}"] += 1


def _reason_to_skip(user: OutgoingUser) -> str | None:
    if user.request is None:
        return "it could not be mapped"
    if user.state == "skipped":
        return f"held back: {user.held}" if user.held else "ignored"
    if not user.request["email"]:
        return "no e-mail"
    return next((rule for rule, _ in user.findings if rule in SHARED), None)


def _user_row(user: OutgoingUser) -> dict[str, str]:
    request = user.request or {}
    first, last = request.get("first_name"), request.get("last_name")
    if _is_divided(request):
        first, last = names.split(request["name"])
    return {
        "email": request["email"],
        "password_hash": user.hash or "",
        "password_hash_type": user.hash_type or "",
        "first_name": first or "",
        "last_name": last or "",
        "email_verified": "true" if request["email_verified"] else "false",
        "external_id": request.get("external_id") or "",
        "metadata": _json(request.get("metadata")),
    }


def _own_row(user: OutgoingUser, row: dict[str, str]) -> dict[str, str]:
    """What the contract has no column for."""
    request = user.request or {}
    traits = [rule for rule, _ in user.findings if rule in TRAITS and rule != "unverified"]
    lost = [field for rule, field in user.findings if rule == "second_factor_lost"]
    return {
        "external_id": row["external_id"],
        "name": request.get("name") or "",
        "name_divided": "true" if _is_divided(request) else "",
        "connection": user.connection or "",
        "password_problem": (user.password_problem or "") if user.hash is None else "",
        "traits": written_list(traits),
        "lost_factors": written_list(lost),
    }


def _is_divided(request: dict[str, Any]) -> bool:
    """Whether there is only a whole name, which the contract has no column for."""
    return bool(request.get("name")) and not (request.get("first_name") or request.get("last_name"))


def _json(metadata: dict[str, str] | None) -> str:
    return json.dumps(metadata, separators=(",", ":"), ensure_ascii=False) if metadata else ""
