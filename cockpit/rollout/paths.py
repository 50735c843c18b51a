"""Path patterns such as /sso/{connection}/acs. Pure."""

import re
from collections.abc import Iterable

NAME = "{connection}"


class Patterns:
    """Paths that belong to logins; one place in a path may name the connection."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """Raises ValueError for a pattern that is none."""
        self._exact: set[str] = set()
        self._named: list[re.Pattern[str]] = []
        for pattern in patterns:
            if not pattern.startswith("/") or pattern.count(NAME) > 1 or "{" in pattern.replace(NAME, ""):
                raise ValueError(f"{pattern}: a path from /, with {NAME} in at most one place")
            if NAME in pattern:
                before, after = map(re.escape, pattern.split(NAME))
                self._named.append(re.compile(f"{before}([^/]+){after}"))
            else:
                self._exact.add(pattern)

    def match(self, path: str) -> str | None:
        """The connection that a path names, "" where the path names none, None where it is not of these."""
        for pattern in self._named:
            if found := pattern.fullmatch(path):
                return found[1]
        return "" if path in self._exact else None
