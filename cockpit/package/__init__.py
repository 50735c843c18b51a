"""The migration package of WorkOS's own migration tool, and CSV files: read, written, judged."""


class PackageError(Exception):
    """The package can't be written or read; one line that says what is wrong and what to do."""
