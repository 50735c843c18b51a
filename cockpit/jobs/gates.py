"""Gates: what must be decided or proven before the target is written to."""

import sqlite3
from ipaddress import ip_address
from urllib.parse import urlsplit

from cockpit.jobs.context import JobContext
from cockpit.state import audit, journal, users
from cockpit.state.journal import USER
from cockpit.terms import OpState


class GateClosed(Exception):
    """Something must be decided first; the message says what, with counts, and how."""


def on_loopback(base_url: str) -> bool:
    """Whether a target is on this machine, where gates of import are warnings."""
    host = urlsplit(base_url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


async def passwords_decided(context: JobContext) -> None:
    """Users who had a password whose hash could not be had go along only by a decision.

    [passwords] without_hash: "ask" closes the gate, "hold" skips them, the others let them through.
    Raises GateClosed.
    """
    policy = context.settings.passwords.without_hash
    batch_size = context.settings.imports.batch_size
    await context.writer.run(_release, policy == "hold", batch_size, context.now())
    waiting = await context.writer.run(users.without_hash)
    if not waiting:
        return
    total = sum(n for _, n in waiting)
    if policy == "hold":
        await context.writer.run(_hold, context.operator, batch_size, context.now())
        await context.notice(f"{total} users without a usable hash are held back", "warn")
    elif policy == "ask":
        reasons = "; ".join(f"{n}: {reason}" for reason, n in waiting)
        text = f"{total} users had a password whose hash could not be had ({reasons})"
        if not on_loopback(context.settings.target.base_url):
            raise GateClosed(
                f"{text}; load their hashes with: cockpit passwords load FILE, or decide with "
                f'[passwords] without_hash = "silent", "email" or "hold" in cockpit.toml'
            )
        await context.notice(f"{text}; only a warning, the target is on loopback", "warn")


def _release(connection: sqlite3.Connection, hold: bool, batch_size: int, now: int) -> None:
    """Whom an earlier run held back goes along once the hash is there, or once `hold` is not the policy."""
    rows = connection.execute(
        "select o.id, o.subject from operations o join users u on u.id = o.subject "
        "where o.kind = 'user' and o.state = 'skipped' and o.sent_at is null "
        "and not (? and u.password_state = 'unsupported') and not exists "
        "(select 1 from errors e where e.operation = o.id and e.resolution = 'ignored')",
        (hold,),
    ).fetchall()
    held: list[tuple[int, int, OpState]] = [(operation, subject, "skipped") for operation, subject in rows]
    journal.move(connection, USER, held, "ready", batch_size, now)


def _hold(connection: sqlite3.Connection, operator: str, batch_size: int, now: int) -> None:
    rows = connection.execute(
        "select o.id, o.subject from users u join operations o on o.kind = 'user' and o.subject = u.id "
        "where u.password_state = 'unsupported' and o.state = 'ready'"
    ).fetchall()
    held: list[tuple[int, int, OpState]] = [(operation, subject, "ready") for operation, subject in rows]
    moved = journal.move(connection, USER, held, "skipped", batch_size, now)
    audit.record(
        connection, operator, "passwords.hold", f"{moved} users", now, why='[passwords] without_hash = "hold"'
    )
