"""Proof Key for Code Exchange (RFC 7636)."""

import base64
from hashlib import sha256


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
