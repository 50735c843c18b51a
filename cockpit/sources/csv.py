"""A CSV file of users, for whatever has no provider here: by the migration package's columns, or a map."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from cockpit.clock import Clock
from cockpit.package import identities
from cockpit.package.table import NotATable, Row, Table
from cockpit.passwords import table_file
from cockpit.settings import Settings, SettingsError, TableSettings
from cockpit.sources import _csv_mapping
from cockpit.sources._csv_mapping import KNOWN
from cockpit.sources._tables import Chain, TableSource, body, nameless
from cockpit.sources.base import Memo, Provider, Tenancy
from cockpit.terms import RawItem


def _known(columns: dict[str, str]) -> dict[str, str]:
    if unknown := sorted(columns.keys() - KNOWN):
        raise ValueError(f"{unknown[0]}: nothing of that name is read; known: {', '.join(sorted(KNOWN))}")
    return columns


ORGANIZATION = frozenset({"org_external_id", "org_name"})
"""The columns that name an organization."""


class CsvSettings(TableSettings):
    """[source] with provider = "csv". `columns`: what the file calls a column, { email = "E-Mail" }."""

    file: Path | None = None
    columns: Annotated[dict[str, str], AfterValidator(_known)] = Field({})


def _read_settings(settings: Settings) -> tuple[Path, dict[str, str]]:
    found = CsvSettings.load(settings.source, "source")
    if found.file is None:
        raise SettingsError("csv: no file is named; set [source] file, or name it with --file")
    return found.file.resolve(), {theirs: ours for ours, theirs in found.columns.items()}


def identity(settings: Settings) -> str:
    """csv: and the file, which is one that can be read."""
    return f"csv:{_opened(settings)[0]}"


def _opened(settings: Settings) -> tuple[Path, dict[str, str], Sequence[str]]:
    """The file, how its columns are renamed, and what they are called then.

    Raises SettingsError for a file that can't be used.
    """
    path, columns = _read_settings(settings)
    try:
        header = Table(path, columns).names
        if "external_id" not in header and "user_id" in header:
            columns = {**columns, "user_id": "external_id"}
            header = Table(path, columns).names
    except NotATable as error:
        raise SettingsError(f"csv: {path}: {error}") from None
    except OSError as error:
        raise SettingsError(f"csv: {path}: {error.strerror}") from None
    if not {"email", "external_id"} & set(header):
        raise SettingsError(
            f"csv: {path} has no column email or external_id; name them in [source] columns, such as "
            'columns = { email = "E-Mail" }'
        )
    return path, columns, header


def user(row: Row) -> RawItem:
    """A row as one record of its person's: there may be one for each of their organizations."""
    if row.problem:
        return nameless(row, row.problem)
    if not (ident := identities.person(row.cells)):
        return nameless(row, "neither external_id nor email")
    return RawItem(ident, body(row.cells), _csv_mapping.part("user", row.cells))


def organization(row: Row) -> RawItem | None:
    """The organization that a row names, if any."""
    ident = "" if row.problem else identities.organization(row.cells)
    if not ident:
        return None
    named = {name: cell for name, cell in row.cells.items() if name in ORGANIZATION}
    return RawItem(ident, body(named))


async def open_users(settings: Settings, memo: Memo, clock: Clock) -> TableSource:
    """The file's users. Raises SettingsError."""
    path, columns, _ = _opened(settings)
    return TableSource("csv", "user", {path.name: Chain(path, user, columns)}, memo, lambda: None)


async def open_organizations(settings: Settings, memo: Memo, clock: Clock) -> TableSource:
    """The organizations that its users are in. Raises SettingsError."""
    path, columns, header = _opened(settings)
    named = not ORGANIZATION.isdisjoint(header)
    chains = {path.name: Chain(path, organization, columns)} if named else {}
    return TableSource("csv", "organization", chains, memo, lambda: None)


PROVIDER = Provider(
    name="csv",
    title="CSV file",
    passwords="the column password_hash, with password_hash_type; or a file (passwords load FILE)",
    identity=identity,
    open=open_users,
    mapper=_csv_mapping.mapper,
    tenancy=Tenancy(
        map=_csv_mapping.mappers,
        open={"organization": open_organizations},
        inside=frozenset({"membership"}),
    ),
    hash_file=lambda chunks, chosen: table_file.entries(chunks, chosen.columns, chosen.firebase_format),
    path_setting="file",
)
