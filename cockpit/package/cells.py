"""Cells of CSV: how they are written, so that no spreadsheet runs one, and how they are read. Pure."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cockpit.rules import formulas
from cockpit.rules.formulas import guarded

TEXTS = frozenset(
    {
        *("first_name", "last_name", "name", "org_name", "role_name", "totp_issuer", "totp_user"),
        *("connection", "password_problem"),
    }
)
"""Columns of free text. Every other cell is an identity or a value that a machine reads: it is written as
it is, or not at all."""

_INERT = re.compile(r"[A-Za-z0-9._@+=/:-]*")
"""With nothing else in it, even what begins like a formula calls nothing: that takes brackets, | or !."""
_QUOTED = re.compile(r'[",\r\n]|^\s|\s$')
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")


class UnsafeCell(ValueError):
    """A value that must not be altered, and that a spreadsheet might run; the message names its column."""


def written(columns: Sequence[str], cells: Mapping[str, str]) -> str:
    """A line of CSV with its end. Raises UnsafeCell."""
    return ",".join(quoted(safe(column, cells.get(column, ""))) for column in columns) + "\n"


def safe(column: str, value: str) -> str:
    """The value as it may be written into that column. Raises UnsafeCell."""
    if column in TEXTS:
        return guarded(value)
    if not formulas.is_formula(value):
        return value
    if _INERT.fullmatch(value):
        return value
    raise UnsafeCell(f"{column} would be a formula in a spreadsheet, and must not be altered")


def is_formula(value: str) -> bool:
    """Whether a spreadsheet might run it."""
    return formulas.is_formula(value) and not _INERT.fullmatch(value)


def quoted(value: str) -> str:
    """The cell with quotes where it needs them (RFC 4180)."""
    return '"' + value.replace('"', '""') + '"' if _QUOTED.search(value) else value


def written_list(values: Sequence[str]) -> str:
    """Slugs in one cell: separated by commas; as JSON where one has a comma itself."""
    if any("," in value or value != value.strip() or value.startswith("[") for value in values):
        return json.dumps(list(values))
    return ",".join(values)


def read_list(cell: str) -> list[str]:
    """The same, read: JSON, or separated by commas."""
    text = cell.strip()
    if text.startswith("["):
        try:
            return [str(value).strip() for value in json.loads(text) if str(value).strip()]
        except (ValueError, TypeError):
            pass
    return _split(text, ",")


def read_domains(cell: str) -> list[str]:
    """Domains, separated by ; or by commas."""
    return [name.lower() for name in _split(cell.replace(";", ","), ",")]


def written_domains(domains: Iterable[str]) -> str:
    """Domains in one cell, as the contract's template has them."""
    return ";".join(domains)


def read_boolean(cell: str) -> bool | None:
    """true, yes, 1 or false, no, 0 in any case; None for nothing. Raises ValueError for anything else."""
    text = cell.strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE or not text:
        return False if text else None
    raise ValueError("neither true nor false")


def read_metadata(cell: str) -> dict[str, str]:
    """A JSON object whose values are made texts. Raises ValueError for anything else."""
    if not cell.strip():
        return {}
    try:
        found: Any = json.loads(cell)
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return {
        key: value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        for key, value in found.items()
        if value is not None
    }


def _split(text: str, by: str) -> list[str]:
    return [part.strip() for part in text.split(by) if part.strip()]
