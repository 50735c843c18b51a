"""A migration package as a source: users with all that the files tell of them, organizations and roles."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cockpit.clock import Clock
from cockpit.findings import warn
from cockpit.package import headers, identities, manifest, validate
from cockpit.package.cells import TEXTS
from cockpit.package.headers import FILES, RENAMED
from cockpit.package.manifest import NotAManifest
from cockpit.package.scratch import Scratch
from cockpit.package.table import NotATable, Row, Table
from cockpit.rules.formulas import unguarded
from cockpit.settings import Settings, SettingsError, TableSettings
from cockpit.sources import _csv_mapping, csv
from cockpit.sources._csv_mapping import PartKind
from cockpit.sources._tables import Chain, TableSource, body, nameless
from cockpit.sources.base import Checkup, Memo, Provider, Tenancy
from cockpit.terms import RawItem, normal_email

PEOPLE: Mapping[str, PartKind] = {
    FILES["users"]: "user",
    FILES["memberships"]: "membership",
    FILES["userRoleAssignments"]: "role",
    FILES["totpSecrets"]: "totp",
    headers.OWN_USERS: "own",
}
"""The files that tell of people, in the order in which they are read."""
NAMING = (FILES["users"], FILES["memberships"])
"""Those that may name organizations which organizations.csv leaves out."""


class PackageSettings(TableSettings):
    """[source] with provider = "package"."""

    dir: Path | None = None


def _folder(settings: Settings) -> Path:
    found = PackageSettings.load(settings.source, "source").dir
    if found is None:
        raise SettingsError("package: no folder is named; set [source] dir, or name it with --dir")
    return found.resolve()


class _Package:
    """An opened folder."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError where it is no package."""
        self.path = _folder(settings)
        try:
            text = (self.path / headers.MANIFEST).read_text(encoding="utf-8-sig")
            self.manifest: Mapping[str, Any] = manifest.parse(text)
        except OSError as error:
            raise SettingsError(
                f"package: {self.path / headers.MANIFEST}: {error.strerror}; a migration package has one"
            ) from None
        except (NotAManifest, UnicodeDecodeError) as error:
            raise SettingsError(f"package: {self.path}: {error}") from None
        self._guarded = manifest.is_guarded(self.manifest)
        self._emails: Scratch | None = None

    def table(self, name: str) -> Table:
        """One of the files. Raises SettingsError."""
        try:
            return Table(self.path / name, RENAMED)
        except NotATable as error:
            raise SettingsError(f"package: {self.path / name}: {error}") from None
        except OSError as error:
            raise SettingsError(f"package: {self.path / name}: {error.strerror}") from None

    def rows(self, name: str) -> Iterator[Row]:
        """The rows of one of the files. Raises SettingsError."""
        try:
            yield from self.table(name).rows()
        except NotATable as error:
            raise SettingsError(f"package: {self.path / name}: {error}") from None

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return (self.path / name).is_file()

    def chain(self, name: str, item: Callable[[Row], RawItem | None]) -> Chain:
        """A file to read; marks that were put before formulas are taken off."""

        def plain(row: Row) -> RawItem | None:
            if not self._guarded:
                return item(row)
            cells = {key: unguarded(cell) if key in TEXTS else cell for key, cell in row.cells.items()}
            return item(row._replace(cells=cells))

        return Chain(self.path / name, plain, RENAMED)

    def lookup(self, name: str, column: str = "") -> Scratch:
        """The organizations that a file has, each with what a column says."""
        found = Scratch()
        if self.has(name):
            for row in self.rows(name):
                key = identities.digest(identities.organization(row.cells))
                found.add(key, row.cells.get(column, ""))
        return found

    def person_of(self, email: str) -> str:
        """Whose e-mail this is in users.csv, where a row of another file says no more."""
        if self._emails is None:
            self._emails = Scratch()
            for row in self.rows(FILES["users"]):
                if known := normal_email(row.cells.get("email", "")):
                    self._emails.add(identities.digest(known), identities.person(row.cells))
        found = identities.digest(email)
        if found not in self._emails:
            return email
        return self._emails.text(found) or f"{email} (of several)"

    def close(self) -> None:
        """Let go of what was looked up."""
        if self._emails is not None:
            self._emails.close()


def identity(settings: Settings) -> str:
    """package: and the folder, which is one."""
    return f"package:{_Package(settings).path}"


def _of_person(package: _Package, kind: PartKind) -> Callable[[Row], RawItem]:
    def item(row: Row) -> RawItem:
        if row.problem:
            return nameless(row, row.problem)
        if not (ident := identities.person(row.cells)):
            return nameless(row, "neither external_id nor email")
        if not row.cells.get("external_id", "").strip():
            ident = package.person_of(ident)
        return RawItem(ident, body(row.cells), _csv_mapping.part(kind, row.cells))

    return item


class PackageUsers(TableSource):
    """Everybody, with memberships, roles and TOTP secrets."""

    def __init__(self, package: _Package, chains: Mapping[str, Chain], memo: Memo) -> None:
        super().__init__("package", "user", chains, memo, package.close)
        self._package = package

    async def check(self) -> Checkup:
        """Manifest and headers; the numbers are the manifest's."""
        found = await asyncio.to_thread(validate.outline, self._package.path)
        step = f"see: cockpit package validate {self._package.path}"
        findings = [
            warn("package", f"{one.file}: {one.message}", "something may stay behind", step) for one in found
        ]
        counts = manifest.table(self._package.manifest, "entitiesExported")
        distinct = manifest.table(self._package.manifest, "metadata").get("distinctUsers")
        return Checkup(
            findings, _number(distinct) or _number(counts.get("users")), _number(counts.get("organizations"))
        )


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


async def open_users(settings: Settings, memo: Memo, clock: Clock) -> TableSource:
    """users.csv and what else tells of people. Raises SettingsError."""
    package = _Package(settings)
    package.table(FILES["users"])
    chains = {
        name: package.chain(name, csv.user if kind == "user" else _of_person(package, kind))
        for name, kind in PEOPLE.items()
        if package.has(name)
    }
    return PackageUsers(package, chains, memo)


async def open_organizations(settings: Settings, memo: Memo, clock: Clock) -> TableSource:
    """organizations.csv, then those that only users and memberships name. Raises SettingsError."""
    package = _Package(settings)
    own = FILES["organizations"]
    defined = await asyncio.to_thread(package.lookup, own)
    verified = await asyncio.to_thread(package.lookup, headers.OWN_ORGANIZATIONS, "verified_domains")

    def in_full(row: Row) -> RawItem:
        ident = "" if row.problem else identities.organization(row.cells)
        if not ident:
            return nameless(row, row.problem or "neither org_external_id nor org_name")
        domains = verified.text(identities.digest(ident))
        return RawItem(ident, body({**row.cells, **({"verified_domains": domains} if domains else {})}))

    def named_only(row: Row) -> RawItem | None:
        item = csv.organization(row)
        return None if item is None or identities.digest(item.id) in defined else item

    def close() -> None:
        for scratch in (defined, verified):
            scratch.close()
        package.close()

    chains = {own: package.chain(own, in_full)} if package.has(own) else {}
    chains |= {name: package.chain(name, named_only) for name in NAMING if package.has(name)}
    return TableSource("package", "organization", chains, memo, close)


def _role(row: Row) -> RawItem:
    slug = row.cells.get("role_slug", "").strip()
    if row.problem or not slug:
        return nameless(row, row.problem or "no role_slug")
    organization = identities.organization(row.cells)
    return RawItem(f"{organization}/{slug}" if organization else slug, body(row.cells))


async def open_roles(settings: Settings, memo: Memo, clock: Clock) -> TableSource:
    """role_definitions.csv. Raises SettingsError."""
    package = _Package(settings)
    name = FILES["roleDefinitions"]
    chains = {name: package.chain(name, _role)} if package.has(name) else {}
    return TableSource("package", "role", chains, memo, package.close)


PROVIDER = Provider(
    name="package",
    title="Migration package",
    passwords="the column password_hash of users.csv",
    identity=identity,
    open=open_users,
    mapper=_csv_mapping.mapper,
    tenancy=Tenancy(
        map=_csv_mapping.mappers,
        open={"organization": open_organizations, "role": open_roles},
        inside=frozenset({"membership", "factor"}),
    ),
    path_setting="dir",
)
