"""errors.jsonl: each error with its source payload, request and response, secrets masked unless revealed."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cockpit.jobs.context import JobContext
from cockpit.rules.mask import mask
from cockpit.settings import SettingsError
from cockpit.state import errors, resolve
from cockpit.state.database import StateError, open_readonly
from cockpit.state.error_filter import Filter
from cockpit.state.errors import ErrorRecord
from cockpit.terms import KINDS, Kind


def beside(state: Path) -> Path:
    """Where the error file of a state lies."""
    return state.with_name("errors.jsonl")


def write(state: Path, file: Path, chosen: Filter = errors.OPEN, *, reveal: bool = False) -> int:
    """Write every open error, or those meant, one JSON object a line; returns how many.

    0600 and atomic: whoever reads the file sees the old one or the new one whole. Raises StateError.
    """
    connection = open_readonly(state)
    temporary = file.with_name(f".{file.name}.new")
    try:
        temporary.unlink(missing_ok=True)
        wanted = errors.ids(connection, chosen)
        descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as lines:
            for error in wanted:
                if (record := errors.show(connection, error)) is not None:
                    shown = revealed(connection, record) if reveal else line(record)
                    lines.write(json.dumps(shown) + "\n")
            lines.flush()
            os.fsync(lines.fileno())
        temporary.replace(file)
    except OSError as error:
        raise StateError(f"can't write {file}: {error.strerror}; the errors are in the state") from error
    finally:
        connection.close()
    return len(wanted)


@contextmanager
def afterwards(state: Path) -> Iterator[None]:
    """Write the file beside the state when the body ends, also when it fails; then its own failure counts."""
    try:
        yield
    except BaseException:
        with suppress(StateError):
            write(state, beside(state))
        raise
    write(state, beside(state))


def line(record: ErrorRecord) -> dict[str, Any]:
    """One error as the file shows it. `decision` is for whoever edits the file: see `error_import`."""
    return {
        "error": record.id,
        "kind": record.kind,
        "external_id": record.external_id,
        "email": record.email,
        "class": record.klass,
        "title": record.title,
        "fingerprint": record.fingerprint,
        "resolution": record.resolution,
        "decision": None,
        "source": _masked(record.source),
        "request": _masked(record.request),
        "response": {
            "status": record.status,
            "code": record.code,
            "message": record.message,
            "body": _masked(record.body),
            "request_id": record.request_id,
        },
        "attempts": record.attempts,
        "at": record.at,
    }


def revealed(connection: sqlite3.Connection, record: ErrorRecord) -> dict[str, Any]:
    """The same with the secrets of payload and request, the request as it is mapped now."""
    request, *secret = errors.request_with_secrets(connection, record.id)
    named = zip(("password_hash", "password_hash_type", "password_salt_position"), secret, strict=True)
    told = {name: value for name, value in named if value is not None}
    whole = {**json.loads(request), **told} if request is not None else None
    return {**line(record), "source": _parsed(record.source), "request": whole}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _masked(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return mask(json.loads(text))
    except ValueError:
        return text


async def reopen(context: JobContext, file: Path) -> dict[str, list[int]]:
    """Make the failed records of an error file ready again; returns the subjects it names, by kind.

    Raises SettingsError when the file can't be read or a line is not of its form.
    """
    wanted = _records(file)

    def reopening(connection: sqlite3.Connection) -> dict[str, list[int]]:
        subjects: dict[str, list[int]] = {}
        open_errors: list[int] = []
        for kind, external_id in wanted:
            row = connection.execute(
                "select o.subject, e.id from operations o "
                "left join errors e on e.operation = o.id and e.resolution = 'open' "
                "where o.kind = ?1 and o.subject in "
                "(select id from resources where kind = ?1 and source_id = ?2 "
                "union select id from raw where ?1 = 'user' and source_id = ?2 "
                "union select id from users where ?1 = 'user' and external_id = ?2)",
                (kind, external_id),
            ).fetchone()
            if row is not None:
                subjects.setdefault(kind, []).append(row[0])
                open_errors += [row[1]] if row[1] is not None else []
        resolve.retry(
            connection,
            open_errors,
            operator=context.operator,
            batch_size=context.settings.imports.batch_size,
            now=context.now(),
        )
        return subjects

    return await context.writer.run(reopening)


def _records(file: Path) -> list[tuple[Kind, str]]:
    """(kind, external id) of each line; a line without a kind is of a user."""
    try:
        lines = file.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from None
    found: list[tuple[Kind, str]] = []
    for number, text in enumerate(lines if lines != [""] else [], 1):
        try:
            record = json.loads(text)
            ident, kind = record["external_id"], _kind(record.get("kind", "user"))
        except (ValueError, TypeError, KeyError, AttributeError):
            ident = kind = None
        if not isinstance(ident, str) or kind is None:
            raise SettingsError(f"{file}, line {number}: no JSON object with an external_id")
        found.append((kind, ident))
    return found


def _kind(named: object) -> Kind | None:
    return next((kind for kind in KINDS if kind == named), None)
