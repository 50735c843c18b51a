"""Routes as they are published to other hosts: a JSON document, versioned and signed. Pure.

{"snapshot": TEXT, "signature": {"algorithm": "ed25519" | "hmac-sha256", "value": BASE64}}, where TEXT is
{"version", "issued_at" (ms), "routes": [...]} and the signature covers its bytes.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from cockpit.rollout.route import Route, RouteTable

MIN_SECRET = 32
"""Characters that a shared secret needs at least."""
_PRIVATE, _PUBLIC = "ed25519-private:", "ed25519-public:"


class SnapshotRefused(ValueError):
    """A snapshot or key that is not used; the message says why."""


class Snapshot(NamedTuple):
    """Routes, and when they were published (ms)."""

    table: RouteTable
    issued_at: int


class Key(Protocol):
    """What signs or verifies."""

    algorithm: str

    def sign(self, text: bytes) -> bytes:
        """A signature. Raises SnapshotRefused for a key that only verifies."""
        ...

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's."""
        ...


class Shared:
    """A secret that publisher and proxies have."""

    algorithm = "hmac-sha256"

    def __init__(self, secret: str) -> None:
        """Raises SnapshotRefused for one that is short enough to guess."""
        if len(secret) < MIN_SECRET:
            raise SnapshotRefused(
                f"a key of fewer than {MIN_SECRET} characters; make one: openssl rand -hex 32"
            )
        self._secret = secret.encode()

    def sign(self, text: bytes) -> bytes:
        return hmac.digest(self._secret, text, "sha256")

    def verifies(self, text: bytes, signature: bytes) -> bool:
        return hmac.compare_digest(self.sign(text), signature)


class Ed25519:
    """A key pair: the publisher has the private half (Base64 of 32 bytes), proxies only the public one."""

    algorithm = "ed25519"

    def __init__(self, *, private: str | None = None, public: str | None = None) -> None:
        """Raises SnapshotRefused."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

        try:
            self._private = private and Ed25519PrivateKey.from_private_bytes(base64.b64decode(private))
            given = base64.b64decode(public or "")
            self._public = (
                self._private.public_key() if self._private else Ed25519PublicKey.from_public_bytes(given)
            )
        except ValueError:
            raise SnapshotRefused("not an Ed25519 key: Base64 of its 32 bytes") from None

    def sign(self, text: bytes) -> bytes:
        if not self._private:
            raise SnapshotRefused("a public key signs nothing; the publisher needs the private one")
        return self._private.sign(text)

    def verifies(self, text: bytes, signature: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature

        try:
            self._public.verify(signature, text)
        except InvalidSignature:
            return False
        return True


def key(written: str) -> Key:
    """A key as the environment has it: ed25519-private:BASE64, ed25519-public:BASE64, or a shared secret.

    Raises SnapshotRefused.
    """
    if written.startswith(_PRIVATE):
        return Ed25519(private=written.removeprefix(_PRIVATE))
    if written.startswith(_PUBLIC):
        return Ed25519(public=written.removeprefix(_PUBLIC))
    return Shared(written)


def write(table: RouteTable, issued_at: int, by: Key) -> bytes:
    """A signed snapshot. Raises SnapshotRefused for a key that can't sign."""
    text = json.dumps(
        {
            "version": table.version,
            "issued_at": issued_at,
            "routes": [route.as_json() for route in table.routes.values()],
        },
        separators=(",", ":"),
    )
    signature = {
        "algorithm": by.algorithm,
        "value": base64.b64encode(by.sign(text.encode())).decode(),
    }
    return json.dumps({"snapshot": text, "signature": signature}).encode()


def read(document: bytes, keys: Iterable[Key]) -> Snapshot:
    """A snapshot that one of these keys signed. Raises SnapshotRefused."""
    try:
        envelope = json.loads(document)
        text, signature = envelope["snapshot"].encode(), envelope["signature"]
        value = base64.b64decode(signature["value"], validate=True)
        algorithm = signature["algorithm"]
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise SnapshotRefused("not a snapshot of routes") from None
    if not any(one.algorithm == algorithm and one.verifies(text, value) for one in keys):
        raise SnapshotRefused("signed by no key of ours")
    try:
        content = json.loads(text)
        found = [Route.from_json(route) for route in content["routes"]]
        return Snapshot(RouteTable.of(int(content["version"]), found), int(content["issued_at"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SnapshotRefused("signed, but of another shape; is the publisher newer?") from None
