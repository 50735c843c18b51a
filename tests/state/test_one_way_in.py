"""Nothing but SQLite opens the state file: an open() and close() of it would drop SQLite's own locks."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import cockpit

PACKAGE = Path(cockpit.__file__).parent
OPENING = {"open", "fdopen", "read_text", "read_bytes", "write_text", "write_bytes", "touch"}
COPYING = {"copy", "copy2", "copyfile", "move"}
STATE_NAMES = {"state", "database", "db"}
REVIEWED = {
    "state/database.py": {
        "os.open(path, os.O_CREAT | os.O_RDWR, 384)",  # makes the file; nobody can have it open yet
        "MOUNTS.read_text()",
    },
    "state/filelock.py": {"os.open(path(database, name), os.O_CREAT | os.O_RDONLY, mode)"},
    "state/backup.py": {
        "os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 384)"
    },  # the copy, before SQLite
}


def calls(text: str) -> Iterator[ast.Call]:
    """Calls that open, read, write or copy a file by name."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            whose = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
            if name in OPENING or (name in COPYING and whose == "shutil"):
                yield node


def names_a_state(call: ast.Call) -> bool:
    """Whether the file that is opened is called a state (state, self.state, cli.state, "cockpit.db")."""
    named: list[ast.expr] = [*call.args]
    if isinstance(call.func, ast.Attribute):
        named.append(call.func.value)
    for expression in named:
        text = ast.unparse(expression)
        if text.rpartition(".")[2].lstrip("_") in STATE_NAMES:
            return True
        if isinstance(expression, ast.Constant | ast.JoinedStr) and any(
            ending in text for ending in ("cockpit.db'", "-shm", "-wal")
        ):
            return True
    return False


def test_in_state_every_call_that_opens_a_file_has_been_looked_at() -> None:
    found = {
        f"state/{file.name}": {ast.unparse(call) for call in calls(file.read_text(encoding="utf-8"))}
        for file in (PACKAGE / "state").glob("*.py")
    }
    assert {name: lines for name, lines in found.items() if lines} == REVIEWED


def test_nobody_outside_opens_a_state() -> None:
    found = [
        f"{file.relative_to(PACKAGE)}:{call.lineno}: {ast.unparse(call)}"
        for file in PACKAGE.rglob("*.py")
        if file.parent != PACKAGE / "state"
        for call in calls(file.read_text(encoding="utf-8"))
        if names_a_state(call)
    ]
    assert found == []


def test_only_the_state_connects_to_sqlite() -> None:
    found = {
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        if "sqlite3.connect(" in file.read_text(encoding="utf-8")
    }
    databases_of_others = {"sources/_rows.py", "sandbox/better_auth/database.py"}
    without_a_name = {"package/scratch.py"}
    assert found == {"state/database.py", "state/backup.py"} | databases_of_others | without_a_name


@pytest.mark.parametrize(
    "line",
    [
        "open(state)",
        "self.state.open()",
        "cli.state.read_bytes()",
        "shutil.copy(state, file)",
        "os.open(context.state, 0)",
        "open(f'{path}-wal')",
    ],
)
def test_such_a_line_would_be_found(line: str) -> None:
    (call,) = calls(line)
    assert names_a_state(call)
