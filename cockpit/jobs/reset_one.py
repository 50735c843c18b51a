"""One reset e-mail ahead of all: it shows who sends it, and what the person gets to see."""

from pathlib import Path

from cockpit.clock import Clock, millis
from cockpit.jobs import mailer
from cockpit.settings import Settings
from cockpit.state import audit, lookup
from cockpit.state.database import open_state, transaction
from cockpit.workos import client
from cockpit.workos.limiter import Budget, Limiter


class NotSent(Exception):
    """One line: what stands in the way of this e-mail."""


def address(state: Path, key: str) -> str:
    """The e-mail of the user of that id or e-mail, who has arrived. Raises NotSent, StateError."""
    found = lookup.user(state, key)
    if found is None:
        raise NotSent(f"no user {key!r} in this state; search with: cockpit users list --search TEXT")
    row = found[1].row
    if row.email is None or row.state not in ("imported", "adopted"):
        raise NotSent(f"{key} is not at the target yet; import them first: cockpit users import")
    return row.email


async def send(settings: Settings, email: str, clock: Clock) -> str:
    """Ask for one reset, and hand it to the operator's mailer where one is set; returns who sends it.

    Raises SettingsError, KeyRefused, TransportError, NotSent, MailerFailed, MailerSilent.
    """
    chosen = settings.passwords.mailer
    command = mailer.found(chosen) if isinstance(chosen, tuple) else None
    pace = Limiter(clock, writes=Budget(settings.passwords.resets_per_min, 60.0), reads=None, overall=None)
    workos = client.connect(settings.target, pace, clock)
    try:
        reply = await workos.reset_password(email)
    finally:
        await workos.close()
    if reply.verdict != "ok" or reply.data is None:
        raise NotSent(f"{email}: HTTP {reply.status}, {reply.code or 'no code'}: {reply.message}")
    if command is None:
        return "WorkOS, if it sends such e-mails for this environment"
    await mailer.mail(command, reply.data)
    return command[0]


def tried(state: Path, email: str, by: str, *, operator: str, clock: Clock) -> None:
    """Keep in the audit trail that this e-mail was asked for."""
    connection = open_state(state)
    try:
        with transaction(connection):
            now = millis(clock.now())
            audit.record(connection, operator, "passwords.reset_one", email, now, after=f"sent by {by}")
    finally:
        connection.close()
