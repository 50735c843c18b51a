"""bcrypt, which the target takes as it is."""

import re

_FORM = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")


def problem(encoded: str) -> str | None:
    """Why the target would refuse this hash, None when it would not.

    WorkOS documentation, migrate/other-services: `$2a$10$` and 53 characters; `$2b$` and `$2y$` name the
    same algorithm.
    """
    found = _FORM.fullmatch(encoded)
    if found is None:
        if encoded[:4] not in ("$2a$", "$2b$", "$2y$"):
            return "not bcrypt: it does not begin with $2a$, $2b$ or $2y$"
        return f"bcrypt cut short or garbled: {len(encoded)} characters, 60 expected"
    cost = int(found[1])
    return None if 4 <= cost <= 31 else f"bcrypt with cost {cost}, outside 4 to 31"
