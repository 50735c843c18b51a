"""The rows of twoFactor: secrets encrypted as Better Auth does (crypto/index, plugins/two-factor of 1.7).

XChaCha20-Poly1305 under SHA-256 of BETTER_AUTH_SECRET, hexadecimal: nonce, then what is encrypted. Since
secrets can be rotated, there is an envelope with the number of the secret in front.
"""

import hashlib

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as encrypt

from cockpit.sandbox.factors import Totp, raw

SECRET = "sandbox-better-auth-secret"
"""BETTER_AUTH_SECRET, under number 1 too."""
_NONCE_BYTES = 24


def encrypted(totp: Totp, user: str) -> str:
    """The secret's text as it is kept: half of them, by the user's id, in an envelope."""
    number = int(hashlib.sha256(user.encode()).hexdigest(), 16)
    nonce = hashlib.sha256(f"{user} {totp.secret}".encode()).digest()[:_NONCE_BYTES]
    key = hashlib.sha256(SECRET.encode()).digest()
    kept = (nonce + encrypt(raw(totp.secret), None, nonce, key)).hex()
    return f"$ba$1${kept}" if number % 2 else kept
