"""One user of a state file, for commands about one person."""

from pathlib import Path

from cockpit.state import users
from cockpit.state.database import open_readonly
from cockpit.state.users import UserRecord


def user(state: Path, key: str) -> tuple[int, UserRecord] | None:
    """(number, record) of the user of that id or e-mail, None when there is none. Raises StateError."""
    connection = open_readonly(state)
    try:
        subject = users.find(connection, key)
        record = users.show(connection, subject) if subject is not None else None
    finally:
        connection.close()
    return None if subject is None or record is None else (subject, record)
