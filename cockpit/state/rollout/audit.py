"""The rollout's audit trail: each entry carries the digest of the one before, so none can vanish unseen."""

import hashlib
import json
import socket
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.state import by_id

GENESIS = "0" * 64
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something; not a person: a job, by a rule that a person set."""

    name: str
    person: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One action: when (ms), who, on which host, what on what, before, after, why, and the chain."""

    id: int
    at: int
    operator: str
    host: str
    person: int
    action: str
    subject: str
    before: str | None
    after: str | None
    why: str | None
    previous: str
    digest: str

    def expected(self) -> str:
        """The digest that these contents and the entry before them must have."""
        return _digest(
            self.previous, self.at, self.operator, self.host, self.person, self.action, self.subject,
            self.before, self.after, self.why,
        )  # fmt: skip


def record(
    connection: sqlite3.Connection,
    actor: Actor,
    action: str,
    subject: str,
    now: int,
    *,
    before: str | None = None,
    after: str | None = None,
    why: str | None = None,
) -> None:
    """Append one action to the chain, in the caller's (immediate) transaction."""
    last = connection.execute("select digest from audit order by id desc limit 1").fetchone()
    previous = last[0] if last else GENESIS
    content = (now, actor.name, socket.gethostname(), int(actor.person), action, subject, before, after, why)
    connection.execute(
        "insert into audit(at, operator, host, person, action, subject, before, after, why, previous, "
        "digest) values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*content, previous, _digest(previous, *content)),
    )


def tail(connection: sqlite3.Connection, limit: int = 100, subject: str | None = None) -> list[Entry]:
    """The newest entries (of one subject), newest first."""
    rows = connection.execute(
        "select * from audit where ?1 is null or subject = ?1 order by id desc limit ?2", (subject, limit)
    ).fetchall()
    return [Entry(*row) for row in rows]


def rows(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[Entry]:
    """Those entries, in the order asked for."""
    return by_id.fetch(connection, "select * from audit", "id", wanted, lambda row: Entry(*row))


def newest(connection: sqlite3.Connection) -> int:
    """The id of the newest entry, 0 without any."""
    return connection.execute("select max(id) from audit").fetchone()[0] or 0


def broken(connection: sqlite3.Connection) -> int | None:
    """The id of the first entry that the chain does not vouch for, None when it is whole."""
    previous, last = GENESIS, 0
    while page := _after(connection, last):
        for entry in page:
            if entry.previous != previous or entry.digest != entry.expected():
                return entry.id
            previous, last = entry.digest, entry.id
    return None


def _after(connection: sqlite3.Connection, last: int) -> list[Entry]:
    found = connection.execute("select * from audit where id > ? order by id limit ?", (last, _PAGE))
    return [Entry(*row) for row in found.fetchall()]


def _digest(*content: str | int | None) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
