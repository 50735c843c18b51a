"""What the state file is bound to, and the small facts that must outlive a run."""

import hashlib
import sqlite3
from dataclasses import dataclass


class BindingError(Exception):
    """The state belongs to another source or target; the message names both and the way out."""


@dataclass(frozen=True, slots=True)
class Binding:
    """The one source and the one target of a state file; None where nothing is bound yet.

    `source` is the provider's identity ("auth0:acme.us.auth0.com"), `target` the base URL with the key's
    fingerprint after "#".
    """

    source: str | None
    target: str | None


def key_fingerprint(key: str) -> str:
    """8 hex digits that tell one API key from another without revealing either."""
    return hashlib.blake2b(key.encode(), digest_size=4, person=b"cockpit-key").hexdigest()


def get(connection: sqlite3.Connection, key: str) -> str | None:
    """A fact by its key."""
    row = connection.execute("select value from meta where key = ?", (key,)).fetchone()
    return row[0] if row else None


def put(connection: sqlite3.Connection, key: str, value: str | None, *, secret: bool = False) -> None:
    """Set a fact; None removes it. A secret one is removed by `purge`."""
    if value is None:
        connection.execute("delete from meta where key = ?", (key,))
        return
    connection.execute(
        "insert into meta(key, value, secret) values(?, ?, ?) "
        "on conflict do update set value = excluded.value, secret = excluded.secret",
        (key, value, secret),
    )


def facts(connection: sqlite3.Connection, prefix: str) -> dict[str, str]:
    """All facts whose key begins with the prefix."""
    found = connection.execute(
        "select key, value from meta where substr(key, 1, ?) = ?", (len(prefix), prefix)
    ).fetchall()
    return dict(found)


def binding(connection: sqlite3.Connection) -> Binding:
    """What this state is bound to."""
    return Binding(get(connection, "bound.source"), get(connection, "bound.target"))


def provider(connection: sqlite3.Connection) -> str | None:
    """The name of the bound source's provider."""
    source = get(connection, "bound.source")
    return source.split(":", 1)[0] if source else None


def bind_source(connection: sqlite3.Connection, identity: str) -> None:
    """Bind to this source, or raise BindingError when the state belongs to another."""
    bound = get(connection, "bound.source")
    if bound is not None and bound != identity:
        raise BindingError(
            f"this state holds users of {bound}, not of {identity}; name another file with --state"
        )
    put(connection, "bound.source", identity)


def bind_target(connection: sqlite3.Connection, base_url: str, api_key: str) -> None:
    """Bind to this target, or raise BindingError when the state belongs to another."""
    wanted = f"{base_url.rstrip('/')}#{key_fingerprint(api_key)}"
    bound = get(connection, "bound.target")
    if bound is not None and bound != wanted:
        raise BindingError(
            f"this state's journal belongs to target {bound}, not to {wanted}; use that environment's "
            f"key, or start an empty journal over the same export with: cockpit target new"
        )
    put(connection, "bound.target", wanted)
