"""PBKDF2, as the target writes it: `$pbkdf2$i=600000,d=sha256$salt$hash` (migrate/other-services)."""

import re
from collections.abc import Mapping
from typing import Literal

from cockpit.passwords import phc

Digest = Literal["sha256", "sha512"]

ITERATIONS: Mapping[str, tuple[int, int]] = {"sha256": (600_000, 1_000_000), "sha512": (210_000, 1_000_000)}
"""The fewest and the most iterations that the target takes, by digest."""

_FORM = re.compile(rf"\$pbkdf2\$i={phc.NUMBER},d=([a-z0-9-]+)\${phc.TEXT}\${phc.TEXT}")


def encode(digest: Digest, iterations: int, salt: bytes, key: bytes) -> str:
    """The target's string."""
    return f"$pbkdf2$i={iterations},d={digest}${phc.written(salt)}${phc.written(key)}"


def problem(encoded: str) -> str | None:
    """Why the target would refuse this hash, None when it would not."""
    found = _FORM.fullmatch(encoded)
    if found is None:
        return "not pbkdf2 in the form $pbkdf2$i=..,d=..$salt$hash"
    iterations, digest = int(found[1]), found[2]
    if digest not in ITERATIONS:
        return f"pbkdf2 with {digest}; the target takes sha256 and sha512"
    least, most = ITERATIONS[digest]
    if not least <= iterations <= most:
        return f"pbkdf2 with {iterations:,} iterations of {digest}; the target takes {least:,} to {most:,}"
    if phc.read(found[3]) is None or phc.read(found[4]) is None:
        return "pbkdf2 whose salt or hash is not base64"
    return None
