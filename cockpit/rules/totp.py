"""Authenticator apps that can move: Base32, SHA-1, 6 digits, 30 s (WorkOS, create auth factor). Pure."""

import base64
import binascii
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import SecretStr

from cockpit.records import Factor

ALGORITHM, DIGITS, PERIOD = "SHA1", "6", "30"
COVERED = frozenset({"totp", "guardian"})
"""Second factors (User.lost_factors) that are not lost where the secret of an app is at hand."""
LEAST_BYTES = 10
"""RFC 4226, 4: 128 bits are asked for; apps in use go down to 80."""


def secret_problem(secret: str) -> str | None:
    """Why this is no Base32 secret, None when it is one. The secret is not in what it says."""
    plain = normal_secret(secret)
    try:
        key = base64.b32decode(plain + "=" * (-len(plain) % 8))
    except (binascii.Error, ValueError):
        return "its secret is not Base32"
    return None if len(key) >= LEAST_BYTES else f"its secret has {len(key)} bytes, fewer than {LEAST_BYTES}"


def normal_secret(secret: str) -> str:
    """Upper case without spaces, dashes and padding, as an authenticator shows it."""
    return secret.replace(" ", "").replace("-", "").rstrip("=").upper()


def factor(
    source_id: str, user: str, secret: str, *, issuer: str | None = None, account: str | None = None
) -> Factor:
    """The factor for a bare secret or an otpauth:// address; one that can't move says why."""
    parameters: dict[str, list[str]] = {}
    if secret.startswith("otpauth://"):
        parts = urlsplit(secret)
        if parts.netloc != "totp":
            return Factor(
                source_id=source_id, user=user, problem=f"it is {parts.netloc or 'nothing'}, not TOTP"
            )
        parameters = parse_qs(parts.query)
        secret = parameters.get("secret", [""])[0]
        label_issuer, _, label = unquote(parts.path.lstrip("/")).rpartition(":")
        issuer = parameters.get("issuer", [label_issuer or issuer or ""])[0] or None
        account = label.strip() or account
    problem = _form_problem(parameters) or secret_problem(secret)
    return Factor(
        source_id=source_id,
        user=user,
        secret=None if problem else SecretStr(normal_secret(secret)),
        problem=problem,
        issuer=issuer,
        account=account,
    )


def _form_problem(parameters: dict[str, list[str]]) -> str | None:
    for name, wanted in (("algorithm", ALGORITHM), ("digits", DIGITS), ("period", PERIOD)):
        told = parameters.get(name, [wanted])[0].upper()
        if told != wanted:
            return f"its {name} is {told}, and the target takes {wanted} only"
    return None
