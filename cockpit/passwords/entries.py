"""What a vendor's file of password hashes consists of, whichever vendor it comes from."""

from typing import NamedTuple

from cockpit.terms import HashType


class NotAPasswordFile(ValueError):
    """The whole file can't be used; the message says why and what to do."""


class Entry(NamedTuple):
    """One user's hash in the target's encoding.

    It belongs to the user of that id, else to the one user with that e-mail (in lower case) and
    connection. `problem` says why the target would refuse it, or why it can't be converted; `hash` is ""
    then where there is no conversion. `dated` (ms): since when it is the user's, where the file says so.
    """

    line: int
    user_id: str | None
    email: str | None
    connection: str | None
    type: HashType
    hash: str
    problem: str | None
    dated: int | None = None

    def __repr__(self) -> str:
        return f"Entry(line={self.line}, user_id={self.user_id!r}, connection={self.connection!r})"


class BadLine(NamedTuple):
    """A line that is no entry, and why."""

    line: int
    reason: str
