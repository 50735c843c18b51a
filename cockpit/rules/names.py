"""People's names. Pure."""


def split(name: str) -> tuple[str | None, str | None]:
    """First and last name, divided at the last space."""
    first, _, last = name.rpartition(" ")
    return (first.strip(), last) if first else (last, None)
