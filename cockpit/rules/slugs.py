"""Names of roles and permissions as the target's slugs. Pure."""

import re
import unicodedata
from collections.abc import Mapping

_BAD = re.compile(r"[^a-z0-9_:.-]+")
MOST = 48
"""A slug's length is not published (UNVERIFIED); longer names are cut."""


def slug(name: str, named: Mapping[str, str]) -> str:
    """The slug for a name of the source: the operator's choice, else made of it; "" when nothing is left.

    What characters a slug may have is not published (UNVERIFIED): these are the ones its documentation uses.
    """
    if name in named:
        return named[name]
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _BAD.sub("-", plain).strip("-")[:MOST].strip("-")
