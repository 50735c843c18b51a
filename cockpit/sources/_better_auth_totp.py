"""Secrets of authenticator apps, which Better Auth keeps encrypted with the application's own secret.

`twoFactor.secret` is hexadecimal: 24 bytes of nonce, then XChaCha20-Poly1305 under SHA-256 of the secret;
`$ba$VERSION$` stands before it where the application rotates its secrets (better-auth, crypto/index). What
an authenticator is given is the Base32 of what comes out.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import SecretStr

KEYS = "better_auth.keys"
"""What the export remembers: SHA-256 of each secret, which opens apps' secrets and signs no cookie."""
WARNING = "better_auth.warning:secret"
NO_SECRET = (
    "authenticator apps can't be read without the application's secret: set BETTER_AUTH_SECRET (or "
    "BETTER_AUTH_SECRETS), export again, and cockpit errors retry"
)
NO_EXTRA = (
    "authenticator apps can't be decrypted without the extra: pip install 'cockpit[better-auth]', and "
    "cockpit errors retry"
)
WRONG_SECRET = "its secret decrypts with none of the secrets that BETTER_AUTH_SECRET and _SECRETS name"
_NONCE = 24
_ENVELOPE = "$ba$"

Decrypt = Callable[[str], str]
"""The Base32 of a secret as it is kept. Raises ValueError with the reason why it can't be had."""


def keys(secret: SecretStr | None, rotated: SecretStr | None) -> str | None:
    """What to remember of the settings: BETTER_AUTH_SECRET, and BETTER_AUTH_SECRETS ("2:...,1:...")."""
    texts = [secret.get_secret_value()] if secret else []
    if rotated:
        parts = rotated.get_secret_value().split(",")
        texts += [part.partition(":")[2].strip() for part in parts if ":" in part]
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts if text]
    return json.dumps(digests) if digests else None


def enrolled(raw: Mapping[str, Any]) -> bool:
    """Whether a user has confirmed an app by a first code.

    Older versions tell by the user alone, and so does the API, which shows no more of it.
    """
    kept = raw.get("twoFactor")
    verified = kept.get("verified") if isinstance(kept, dict) else None
    return (raw.get("twoFactorEnabled") if verified is None else verified) in (True, 1)


def decrypter(facts: Mapping[str, str]) -> Decrypt:
    """How to decrypt with the keys that the export remembered."""
    known = [bytes.fromhex(key) for key in json.loads(facts.get(KEYS, "[]"))]

    def decrypt(stored: str) -> str:
        if not known:
            raise ValueError(NO_SECRET)
        return base64.b32encode(_opened(stored, known)).decode().rstrip("=")

    return decrypt


def _opened(stored: str, known: Sequence[bytes]) -> bytes:
    """Whichever key it was: what it opens with is authenticated, so that no other one can seem right."""
    try:
        from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as opened
        from nacl.exceptions import CryptoError
    except ImportError:
        raise ValueError(NO_EXTRA) from None
    plain = stored.removeprefix(_ENVELOPE).partition("$")[2] if stored.startswith(_ENVELOPE) else stored
    try:
        sealed = bytes.fromhex(plain)
    except ValueError:
        raise ValueError("its secret is not in the form that Better Auth encrypts to") from None
    for key in known:
        try:
            return opened(sealed[_NONCE:], None, sealed[:_NONCE], key)
        except (CryptoError, ValueError, TypeError):
            continue
    raise ValueError(WRONG_SECRET)
