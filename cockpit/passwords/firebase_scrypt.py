"""Firebase's modified scrypt: its hash, salt and the project's parameters in one string."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from cockpit.passwords import phc

Form = Literal["phc", "flat"]
"""The two strings that are said to be the target's: see `encode`."""

_URL_SAFE = str.maketrans("-_", "+/")
_B64, _N = phc.TEXT, phc.NUMBER
_PHC = re.compile(rf"\$firebase-scrypt\$r={_N},m={_N},sk={_B64},ss={_B64}\${_B64}\${_B64}")
_FLAT = re.compile(
    rf"\$firebase-scrypt\$hash={_B64}={{0,2}}\$salt={_B64}={{0,2}}"
    rf"\$sk={_B64}={{0,2}}\$ss={_B64}={{0,2}}\$r={_N}\$m={_N}"
)


@dataclass(frozen=True)
class Parameters:
    """What hashes of a project or tenant have in common (console: password hash parameters)."""

    signer_key: str = field(repr=False)
    salt_separator: str = "Bw=="
    rounds: int = 8
    mem_cost: int = 14

    @cached_property
    def phc(self) -> str:
        """The parameters as the phc form has them."""
        key, separator = _bare(self.signer_key), _bare(self.salt_separator)
        return f"r={self.rounds},m={self.mem_cost},sk={key},ss={separator}"


def encode(digest: str, salt: str, parameters: Parameters, form: Form = "phc") -> str:
    """The target's string for a base64 hash and salt, in either alphabet, padded or not.

    phc: `$firebase-scrypt$r=8,m=14,sk=..,ss=..$salt$hash`, what @phc/format writes (WorkOS documentation,
    migrate/firebase). flat: the named fields that workos-migrations 2.5 writes. What is not base64 stays
    as it is, for `problem` to find.
    """
    if form == "flat":
        named = {
            "hash": digest,
            "salt": salt,
            "sk": parameters.signer_key,
            "ss": parameters.salt_separator,
        }
        fields = "$".join(f"{name}={value.translate(_URL_SAFE)}" for name, value in named.items())
        return f"$firebase-scrypt${fields}$r={parameters.rounds}$m={parameters.mem_cost}"
    return f"$firebase-scrypt${parameters.phc}${_bare(salt)}${_bare(digest)}"


def problem(encoded: str) -> str | None:
    """Why the target would refuse this hash, None when it would not. Both forms pass."""
    if found := _PHC.fullmatch(encoded):
        rounds, memory, *texts = found.groups()
    elif found := _FLAT.fullmatch(encoded):
        *texts, rounds, memory = found.groups()
    else:
        return "hash, salt, signer key or salt separator is empty or not base64"
    if any(len(text) % 4 == 1 for text in texts):
        return "base64 cut short in hash, salt, signer key or salt separator"
    if not (1 <= int(rounds) <= 8 and 1 <= int(memory) <= 14):
        return f"rounds {rounds} and mem_cost {memory}; Firebase has 1 to 8 and 1 to 14"
    return None


def _bare(text: str) -> str:
    return text.strip().translate(_URL_SAFE).rstrip("=")
