"""Argon2, which the target takes as it is written, within limits (migrate/other-services)."""

import re

from cockpit.passwords import phc

_N = phc.NUMBER
_FORM = re.compile(rf"\$argon2(id|i|d)\$v={_N}\$m={_N},t={_N},p={_N}\${phc.TEXT}\${phc.TEXT}")
VERSION = 19
MEMORY = (4096, 262_144)
TIME = (1, 5)
TIME_OF_ARGON2I = 3
LANES = (1, 8)


def problem(encoded: str) -> str | None:
    """Why the target would refuse this hash, None when it would not."""
    found = _FORM.fullmatch(encoded)
    if found is None:
        return "not argon2 in the form $argon2id$v=19$m=..,t=..,p=..$salt$hash"
    version, memory, time, lanes = (int(found[place]) for place in range(2, 6))
    if version != VERSION:
        return f"argon2 of version {version}; the target takes {VERSION}"
    least_time = TIME_OF_ARGON2I if found[1] == "i" else TIME[0]
    for name, value, least, most in (
        ("m", memory, *MEMORY),
        ("t", time, least_time, TIME[1]),
        ("p", lanes, *LANES),
    ):
        if not least <= value <= most:
            return f"argon2{found[1]} with {name}={value}; the target takes {least} to {most}"
    if phc.read(found[6]) is None or phc.read(found[7]) is None:
        return "argon2 whose salt or hash is not base64"
    return None
