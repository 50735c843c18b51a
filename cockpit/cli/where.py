"""--source, and where its files are: shared by every command that reads a source."""

import functools
from pathlib import Path
from typing import Any

import click

from cockpit.cli.group import F

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def source_options(function: F) -> F:
    """--source, --dir and --file; the command gets them as `named`, a job's arguments.

    Where the files are goes into the state with the first export, so that later commands need not name it.
    """

    @click.option("--source", metavar="NAME", help="The provider to read (default: cockpit.toml's).")
    @click.option("--dir", "folder", type=FOLDER, metavar="DIR", help="The folder of --source package.")
    @click.option("--file", type=FILE, metavar="FILE", help="The file of --source csv.")
    @functools.wraps(function)
    def command(*args: Any, source: str | None, folder: Path | None, file: Path | None, **others: Any) -> Any:
        told = {"dir": folder, "file": file}
        named = {
            "source": source,
            "told": {name: str(path.resolve()) for name, path in told.items() if path is not None},
        }
        return function(*args, named=named, **others)

    return command  # type: ignore[return-value]  # the options are read from it, not its signature
