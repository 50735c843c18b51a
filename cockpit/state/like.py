"""LIKE patterns for what people type: % and _ in it stand for themselves."""

from collections.abc import Iterable


def literal(text: str) -> str:
    r"""The text as a pattern of itself, for `like ? escape '\'`."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def anywhere(columns: Iterable[str], text: str) -> tuple[str, list[str]]:
    """A condition that some column contains the text, and its values."""
    clauses = [f"{column} like ? escape '\\'" for column in columns]
    return f"({' or '.join(clauses)})", [f"%{literal(text)}%"] * len(clauses)
