"""Edited fields held against the target's rules, as one types. Pure."""

from cockpit.records import Factor, Membership, Organization, Permission, Role, User
from cockpit.rules import tenancy
from cockpit.rules.fields import Fields, patched, patched_user
from cockpit.rules.lint import Finding, lint
from cockpit.rules.tenancy import Resource
from cockpit.terms import Kind


def check(kind: Kind, fields: Fields) -> list[Finding]:
    """What the rules say of a record with these fields; what only its source tells is not judged here."""
    if kind == "user":
        user = patched_user(User(source_id=""), {**fields, "password_hash": ""})
        return [finding for finding in lint(user) if finding.severity != "info"]
    return tenancy.lint(patched(_blank(kind, fields), fields))


def errors(kind: Kind, fields: Fields) -> list[Finding]:
    """Those that keep the record from being sent."""
    return [finding for finding in check(kind, fields) if finding.severity == "error"]


def _blank(kind: Kind, fields: Fields) -> Resource:
    match kind:
        case "organization":
            return Organization(source_id="", name="")
        case "permission":
            return Permission(slug="-", name="")
        case "role":
            return Role(slug="-", name="")
        case "membership":
            return Membership(user="", organization="")
        case _:
            return Factor(source_id="", user="")
