"""Rows of CSV files -> users, organizations, roles, memberships and factors. Pure.

A person's raw record is an object of all rows that tell of them, by what each is and a digest: rows of users
("user ..."), of memberships, of roles, of TOTP secrets, and of what cockpit itself has added ("own ...").
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, cast, get_args

from cockpit.package import cells as reading
from cockpit.package import identities
from cockpit.passwords import sniff
from cockpit.records import Domain, Factor, Membership, Organization, Password, Role, User
from cockpit.rules import totp
from cockpit.sources import _mapping
from cockpit.sources.base import Mapper, Mappers, MappingContext, Raw
from cockpit.terms import AccountStatus

PartKind = Literal["user", "membership", "role", "totp", "own"]
CLEAR = (
    "a password in clear text, which cockpit neither keeps nor sends: hash it (bcrypt) into password_hash, "
    "or let the user set a new one"
)
KNOWN = frozenset(
    {
        *("email", "password", "password_hash", "password_hash_type", "first_name", "last_name", "name"),
        *("email_verified", "external_id", "metadata", "org_id", "org_external_id", "org_name", "role_slugs"),
    }
)
"""The columns of users that have a meaning; of others [mapping] metadata may choose."""


def part(kind: PartKind, cells: Mapping[str, str]) -> str:
    """What a row is called in its person's record: the same each time that it is read."""
    place = "" if kind in ("totp", "own") else identities.organization(cells)
    told = (cells.get("role_slug", "") if kind == "role" else cells.get("totp_secret", ""),)
    return f"{kind} {identities.digest(kind, identities.person(cells), place, *told).hex()}"


def mapper(context: MappingContext) -> Mapper:
    """A mapping of persons under these policies."""
    keys, split_names = context.mapping.metadata, context.mapping.split_names
    form = context.passwords.firebase_format

    def to_user(raw: Raw) -> User:
        rows, own = _rows(raw, "user"), next(iter(_rows(raw, "own")), {})
        if not rows:
            raise ValueError("no row of users has this person")
        warnings: list[str] = []
        row = _merged(rows, warnings)
        metadata = _metadata(row, warnings)
        if keys:
            others = {name: value for name, value in row.items() if name not in KNOWN}
            _mapping.chosen(keys, (others,), metadata, warnings)
        if any(_has_workos_id_alone(one) for one in rows):
            warnings.append("org_id: an organization that only WorkOS's own id names; give org_external_id")
        traits = reading.read_list(own.get("traits", ""))
        fields = {
            "source_id": identities.person(row),
            "email": _mapping.text(row.get("email")),
            "email_verified": _verified(row, warnings),
            **_names(row, own, split_names),
            "metadata": metadata,
            "connection": own.get("connection"),
            "password": _password(row, own, form),
            "status": _status(traits),
            "federated": "federated" in traits,
            "lost_factors": tuple(reading.read_list(own.get("lost_factors", ""))),
        }
        return _mapping.build(fields, warnings)

    return to_user


def mappers(context: MappingContext) -> Mappers:
    """The mapping of everything else."""
    return Mappers(organization=to_organization, role=to_role, of_user=of_user)


def to_organization(raw: Raw) -> Organization:
    """A row of organizations, or the columns of users and memberships that name one."""
    ident = identities.organization(raw)
    if not ident:
        raise ValueError("neither org_external_id nor org_name")
    warnings: list[str] = []
    verified = set(reading.read_domains(raw.get("verified_domains", "")))
    return Organization(
        source_id=ident,
        name=_mapping.text(raw.get("org_name")) or ident,
        domains=tuple(
            Domain(name=name, verified=name in verified)
            for name in reading.read_domains(raw.get("domains", ""))
        ),
        metadata=_metadata(raw, warnings),
        warnings=tuple(warnings),
    )


def to_role(raw: Raw) -> Role:
    """A row of role definitions. One of an organization names it."""
    slug = _mapping.text(raw.get("role_slug"))
    if slug is None:
        raise ValueError("no role_slug")
    organization = identities.organization(raw) or None
    if (raw.get("role_type") or "").strip().lower() == "organization" and organization is None:
        raise ValueError("a role of an organization that is not named")
    return Role(
        slug=slug,
        name=_mapping.text(raw.get("role_name")) or slug,
        permissions=tuple(reading.read_list(raw.get("permissions", ""))),
        organization=organization,
    )


def of_user(raw: Raw) -> Iterator[Membership | Factor]:
    """A person's memberships, each with the roles that any of the files gives it, and TOTP factors."""
    rows = _rows(raw, "user")
    if not rows:
        return
    user = identities.person(rows[0])
    roles: dict[str, list[str]] = {}
    for row in [*rows, *_rows(raw, "membership")]:
        if organization := identities.organization(row):
            roles.setdefault(organization, []).extend(reading.read_list(row.get("role_slugs", "")))
    for row in _rows(raw, "role"):
        if slug := _mapping.text(row.get("role_slug")):
            roles.setdefault(identities.organization(row), []).append(slug)
    roles.pop("", None)  # which organization a role is for was not said
    for organization, slugs in roles.items():
        yield Membership(user=user, organization=organization, roles=tuple(dict.fromkeys(slugs)))
    for name, row in raw.items():
        if name.startswith("totp ") and (secret := _mapping.text(row.get("totp_secret"))):
            issuer, account = _mapping.text(row.get("totp_issuer")), _mapping.text(row.get("totp_user"))
            yield totp.factor(name.removeprefix("totp "), user, secret, issuer=issuer, account=account)


def _rows(raw: Raw, kind: PartKind) -> list[dict[str, Any]]:
    return [row for name, row in raw.items() if name.startswith(f"{kind} ") and isinstance(row, dict)]


def _merged(rows: Iterable[Mapping[str, Any]], warnings: list[str]) -> dict[str, Any]:
    """What rows of one user say together: a row for each organization repeats the rest."""
    merged: dict[str, Any] = {}
    for row in rows:
        for name, value in row.items():
            if merged.setdefault(name, value) != value and not name.startswith(("org_", "role_")):
                told = f"{name}: the rows of this user differ; the first one's is taken"
                if told not in warnings:
                    warnings.append(told)
    return merged


def _has_workos_id_alone(row: Mapping[str, Any]) -> bool:
    return bool(row.get("org_id")) and not identities.organization(row)


def _metadata(row: Mapping[str, Any], warnings: list[str]) -> dict[str, str]:
    try:
        return reading.read_metadata(row.get("metadata", ""))
    except ValueError as error:
        warnings.append(f"metadata: left out, {error}")
        return {}


def _verified(row: Mapping[str, Any], warnings: list[str]) -> bool:
    try:
        return reading.read_boolean(row.get("email_verified", "")) or False
    except ValueError:
        warnings.append("email_verified: neither true nor false, taken for false")
        return False


def _names(row: Mapping[str, Any], own: Mapping[str, Any], split_names: bool) -> dict[str, str | None]:
    first, last = _mapping.text(row.get("first_name")), _mapping.text(row.get("last_name"))
    name = _mapping.text(own.get("name")) or _mapping.text(row.get("name"))
    if split_names and name:
        return {"first_name": first, "last_name": last} if first or last else _divided(name)
    if own.get("name_divided"):
        return {"name": name}
    return {"first_name": first, "last_name": last, "name": name}


def _divided(name: str) -> dict[str, str | None]:
    first, last = _mapping.split(name)
    return {"first_name": first, "last_name": last}


def _password(row: Mapping[str, Any], own: Mapping[str, Any], form: Literal["phc", "flat"]) -> Password:
    if stored := _mapping.text(row.get("password_hash")):
        return sniff.judged(stored, _mapping.text(row.get("password_hash_type")), form)
    if row.get("password"):
        return Password.unsupported(CLEAR)
    problem = own.get("password_problem")
    return Password.unsupported(problem) if problem else Password()


def _status(traits: Iterable[str]) -> AccountStatus:
    known = get_args(AccountStatus)
    return next((cast("AccountStatus", trait) for trait in traits if trait in known), "active")
