"""Organizations, roles, memberships and factors held against the target's rules. Pure."""

import re
from collections.abc import Iterator

from cockpit.records import Factor, Membership, Organization, Permission, Role
from cockpit.rules import limits
from cockpit.rules.lint import Finding, check_external_id, check_metadata, finding
from cockpit.rules.mask import printable

Resource = Organization | Permission | Role | Membership | Factor

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
FREE_MAIL = frozenset(
    {
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "yahoo.com",
        "icloud.com",
        "aol.com",
        "proton.me",
        "protonmail.com",
        "gmx.de",
        "gmx.net",
        "web.de",
        "mail.ru",
        "qq.com",
        "163.com",
    }
)


def lint(resource: Resource) -> list[Finding]:
    """Everything that the rules have to say of one resource."""
    match resource:
        case Organization():
            return list(_organization(resource))
        case Permission() | Role():
            return list(_slug(resource.slug))
        case Membership():
            return list(_membership(resource))
        case Factor():
            return list(_factor(resource))


def _organization(organization: Organization) -> Iterator[Finding]:
    yield from check_external_id(organization.source_id)
    yield from check_metadata(organization.metadata)
    if not organization.name.strip():
        yield finding("organization_nameless", "name", "the record has no name")
    for domain in organization.domains:
        name = domain.name
        if not _DOMAIN.fullmatch(name):
            yield finding("domain_syntax", "domain_data", printable(name[:80]))
        elif name in FREE_MAIL:
            yield finding("domain_free_mail", "domain_data", name)
    for warning in organization.warnings:
        field, _, text = warning.partition(": ")
        yield finding("cut", field, text or warning)


def _slug(slug: str) -> Iterator[Finding]:
    if not slug:
        yield finding("slug_missing", "slug", "the name has no letter or digit that a slug may have")


def _membership(membership: Membership) -> Iterator[Finding]:
    if membership.inactive is not None:
        yield finding("membership_inactive", "status", printable(membership.inactive))
    for role in membership.roles:
        if not role:
            yield finding("slug_missing", "role", "a role has no letter or digit that a slug may have")


def _factor(factor: Factor) -> Iterator[Finding]:
    if factor.problem is not None:
        yield finding("factor_unsupported", "totp_secret", printable(factor.problem))
    for field, value in (("totp_issuer", factor.issuer), ("totp_user", factor.account)):
        if value and len(value) > limits.METADATA_VALUE_LENGTH:
            yield finding("factor_unsupported", field, f"{len(value)} characters")
