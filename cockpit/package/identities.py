"""Whose row it is: what rows of several files have in common. Pure."""

import hashlib
from collections.abc import Mapping

from cockpit.terms import normal_email


def person(cells: Mapping[str, str]) -> str:
    """The id at the source, else the e-mail as the target stores it; "" where there is neither."""
    return cells.get("external_id", "").strip() or normal_email(cells.get("email", ""))


def organization(cells: Mapping[str, str]) -> str:
    """The id at the source, else the name; "" where there is neither.

    org_id alone names an organization that WorkOS has already; no external id can be made of it.
    """
    return cells.get("org_external_id", "").strip() or cells.get("org_name", "").strip()


def digest(*parts: str) -> bytes:
    """16 bytes for these texts in this order."""
    return hashlib.blake2b("\0".join(parts).encode(errors="replace"), digest_size=16).digest()
