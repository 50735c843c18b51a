"""scrypt, as the target writes it: `$scrypt$v=1$n=..,r=..,p=..,kl=..$salt$hash` (migrate/other-services)."""

import re

from cockpit.passwords import phc

_N = phc.NUMBER
_FORM = re.compile(rf"\$scrypt\$v=1\$n={_N},r={_N},p={_N},kl={_N}\${phc.TEXT}\${phc.TEXT}")


def encode(n: int, r: int, p: int, salt: bytes, key: bytes) -> str:
    """The target's string; `n` is the cost itself, not its logarithm."""
    return f"$scrypt$v=1$n={n},r={r},p={p},kl={len(key)}${phc.written(salt)}${phc.written(key)}"


def problem(encoded: str) -> str | None:
    """Why the target would refuse this hash, None when it would not."""
    found = _FORM.fullmatch(encoded)
    if found is None:
        return "not scrypt in the form $scrypt$v=1$n=..,r=..,p=..,kl=..$salt$hash"
    n, r, p, length = (int(found[place]) for place in range(1, 5))
    if n < 2 or n & (n - 1) or not r or not p:
        return f"scrypt with n={n}, r={r}, p={p}: n is a power of two, r and p are positive"
    salt, key = phc.read(found[5]), phc.read(found[6])
    if salt is None or key is None:
        return "scrypt whose salt or hash is not base64"
    return None if len(key) == length else f"scrypt cut short: {len(key)} bytes, kl={length}"
