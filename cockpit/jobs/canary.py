"""Canary: one user goes ahead of all, and proves by signing in that a password outlives the move."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from cockpit.clock import Clock, millis
from cockpit.settings import Settings, SettingsError
from cockpit.state import audit, lookup, meta, users
from cockpit.state.database import open_state, transaction
from cockpit.workos import client, limiter


class NotACanary(Exception):
    """This user can prove nothing; one line says why and what to do."""


@dataclass(frozen=True)
class Canary:
    """A user with a password to prove. `arrived`: the target has them."""

    subject: int
    email: str
    password_type: str
    arrived: bool


def fact(password_type: str, settings: Settings) -> str:
    """The name under which the proof for a type of hash, in the form that the settings choose, is kept."""
    form = f".{settings.passwords.firebase_format}" if password_type == "firebase-scrypt" else ""
    return f"canary.{password_type}{form}"


def choose(state: Path, key: str) -> Canary:
    """The user of that id or e-mail. Raises NotACanary, StateError."""
    found = lookup.user(state, key)
    if found is None:
        raise NotACanary(f"no user {key!r} in this state; search with: cockpit users list --search TEXT")
    subject, record = found
    row = record.row
    if row.email is None or row.password_type is None:
        raise NotACanary(
            f"{key} has no password that goes along ({record.password_reason or row.password}); "
            "choose a user with one: cockpit users list"
        )
    return Canary(subject, row.email, row.password_type, row.state in ("imported", "adopted"))


async def signs_in(settings: Settings, canary: Canary, password: str, clock: Clock) -> str | None:
    """POST /user_management/authenticate with the password: None when it is the right one, else why not.

    Raises SettingsError without a client id or key, KeyRefused, TransportError.
    """
    target = settings.target
    if target.client_id is None:
        raise SettingsError("no client id of the target; set WORKOS_CLIENT_ID")
    pace = limiter.published(clock, target)
    workos = client.connect(target, pace, clock)
    try:
        assert target.api_key is not None  # connect refuses to go without
        key = target.api_key.get_secret_value()
        reply = await workos.sign_in(target.client_id, key, canary.email, password)
    finally:
        await workos.close()
    return (
        None if reply.verdict == "ok" else f"HTTP {reply.status}, {reply.code or 'no code'}: {reply.message}"
    )


def sang(state: Path, settings: Settings, canary: Canary, *, operator: str, clock: Clock) -> None:
    """Keep the proof: the gate of this type of hash is open from now on."""
    now = millis(clock.now())
    connection = open_state(state)
    try:
        with transaction(connection):
            meta.put(connection, fact(canary.password_type, settings), str(now))
            audit.record(
                connection,
                operator,
                "users.canary",
                canary.email,
                now,
                after=f"{canary.password_type} signs in",
            )
    finally:
        connection.close()


def unproven(connection: sqlite3.Connection, settings: Settings) -> str | None:
    """The type of hash whose canary is missing, None when nothing needs one.

    Only firebase-scrypt needs one: its two written forms contradict each other in public sources.
    """
    kind = "firebase-scrypt"
    carried = users.password_types(connection).get(kind, 0)
    return kind if carried and meta.get(connection, fact(kind, settings)) is None else None
