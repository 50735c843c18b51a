"""Users in a state, without a source: pages made of their ids, and mappings made by hand."""

import json
import sqlite3
from collections.abc import Sequence

from cockpit.records import User
from cockpit.state import exports, journal, users
from cockpit.state.claims import USERS, UserClaim
from cockpit.state.errors import Failure
from cockpit.state.journal import USER, Outcome
from cockpit.terms import Page, RawItem

BATCH = 10


def page(*items: RawItem, cursor: str = "0", following: str | None = None, chain: str = "") -> Page:
    """A page of these records."""
    return Page(chain, cursor, following, list(items), size=100)


def raw(ident: str, **fields: object) -> RawItem:
    """A record as its source wrote it."""
    return RawItem(ident, json.dumps({"user_id": ident, **fields}))


def export(connection: sqlite3.Connection, people: Sequence[User], batch_size: int = BATCH) -> None:
    """Read these people from the source, in one page."""
    number = exports.begin(connection, 1).id
    exports.commit_page(connection, number, page(*(raw(user.source_id) for user in people)), batch_size, 2)
    exports.complete(connection, number, "complete", 0, 3)


def save(connection: sqlite3.Connection, people: Sequence[User]) -> None:
    """Map what is unmapped, each record to the user of its id."""
    by_id = {user.source_id: user for user in people}
    found = users.unmapped(connection, 0, 1000)
    users.save(connection, [(record, by_id[record.source_id]) for record in found])


def have(connection: sqlite3.Connection, *people: User) -> None:
    """Export these people and map them: they are ready."""
    export(connection, people)
    save(connection, people)


def claim(connection: sqlite3.Connection, run: int = 1) -> list[UserClaim]:
    """Claim everything that is ready."""
    return journal.claim(connection, USERS, 0, 1000, run, 10)


def outcome(user: UserClaim, state: str, **more: object) -> Outcome:
    """What became of a claimed user; a failed one with a reason."""
    failure = Failure("fixable", "422:bad", "bad", "it is bad") if state == "failed" else None
    return Outcome(user.operation, user.subject, state, 1, **{"failure": failure, **more})  # type: ignore[arg-type]


def settle(
    connection: sqlite3.Connection, claimed: Sequence[UserClaim], state: str, run: int = 1, **more: object
) -> int:
    """Settle all of them alike."""
    outcomes = [outcome(user, state, **more) for user in claimed]
    return journal.settle(connection, USER, outcomes, run, BATCH, 20)
