"""Signatures of webhooks: checked on the raw body as it came, made anew for what is sent on.

standard: Standard Webhooks and Svix (docs.svix.com, standardwebhooks.com): id, timestamp in seconds and
`v1,<base64 HMAC-SHA256>` over id.timestamp.body, under webhook-* or svix-* names. workos: WorkOS-Signature,
`t=<ms>, v1=<hex HMAC-SHA256>` over t.body. token: an Authorization header that never changes (Auth0's custom
streams). none: nothing is signed.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Scheme = Literal["standard", "workos", "token", "none"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)

TOLERANCE_S: Mapping[Scheme, float] = {"standard": 300.0, "workos": 180.0}
"""How far a timestamp may be off: that of the specification, and that of WorkOS's SDK."""
SVIX, STANDARD = "svix", "webhook"
WORKOS_HEADER = "workos-signature"


class BadSecret(ValueError):
    """A secret that can't be one of its scheme; the message does not show it."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """What checks and makes the signatures of one source: its scheme and its keys, the newest first."""

    scheme: Scheme
    keys: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, scheme: Scheme, secrets: Sequence[str]) -> "Verifier":
        """From secrets as a provider shows them. Raises BadSecret, without a secret too."""
        if scheme == "none":
            return cls(scheme)
        if not secrets:
            raise BadSecret("no secret to check signatures with")
        return cls(scheme, tuple(_key(scheme, secret) for secret in secrets))

    def refusal(self, headers: Mapping[str, str], body: bytes, now: float) -> str | None:
        """Why this was not sent by who knows a secret, None when it was. Header names are lower case."""
        match self.scheme:
            case "none":
                return None
            case "token":
                given = headers.get("authorization", "").encode()
                return None if self._any_equals(given) else "another Authorization than expected"
            case "standard":
                return self._standard_refusal(headers, body, now)
            case "workos":
                return self._workos_refusal(headers, body, now)

    def sign(self, event: str, body: bytes, now: float, names: str = STANDARD) -> dict[str, str]:
        """The headers that sign this body now, with the newest key; `names` is svix or webhook."""
        match self.scheme:
            case "none":
                return {}
            case "token":
                return {"authorization": self.keys[0].decode()}
            case "standard":
                sent = str(int(now))
                signature = base64.b64encode(_standard(self.keys[0], event, sent, body)).decode()
                return {
                    f"{names}-id": event,
                    f"{names}-timestamp": sent,
                    f"{names}-signature": f"v1,{signature}",
                }
            case "workos":
                sent = str(int(now * 1000))
                return {WORKOS_HEADER: f"t={sent}, v1={_workos(self.keys[0], sent, body).hex()}"}

    def _standard_refusal(self, headers: Mapping[str, str], body: bytes, now: float) -> str | None:
        names = SVIX if f"{SVIX}-id" in headers else STANDARD
        event, sent = headers.get(f"{names}-id", ""), headers.get(f"{names}-timestamp", "")
        if not event or not sent.isascii() or not sent.isdigit():
            return "no id or no timestamp"
        if abs(now - int(sent)) > TOLERANCE_S["standard"]:
            return "a timestamp too far from now"
        given = [
            part.removeprefix("v1,").encode()
            for part in headers.get(f"{names}-signature", "").split()
            if part.startswith("v1,")
        ]
        wanted = [base64.b64encode(_standard(key, event, sent, body)) for key in self.keys]
        return None if _match(given, wanted) else "no signature that matches"

    def _workos_refusal(self, headers: Mapping[str, str], body: bytes, now: float) -> str | None:
        sent, given = "", []
        for part in headers.get(WORKOS_HEADER, "").split(","):
            name, _, value = part.strip().partition("=")
            if name == "t":
                sent = value
            elif name == "v1":
                given.append(value.encode())
        if not sent.isascii() or not sent.isdigit():
            return "no timestamp"
        if abs(now - int(sent) / 1000) > TOLERANCE_S["workos"]:
            return "a timestamp too far from now"
        wanted = [_workos(key, sent, body).hex().encode() for key in self.keys]
        return None if _match(given, wanted) else "no signature that matches"

    def _any_equals(self, given: bytes) -> bool:
        return _match([given], self.keys)


def _key(scheme: Scheme, secret: str) -> bytes:
    if scheme != "standard":
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        raise BadSecret("a secret that is not whsec_ and base64") from None


def _standard(key: bytes, event: str, sent: str, body: bytes) -> bytes:
    return hmac.digest(key, f"{event}.{sent}.".encode() + body, "sha256")


def _workos(key: bytes, sent: str, body: bytes) -> bytes:
    return hmac.digest(key, f"{sent}.".encode() + body, "sha256")


def _match(given: Sequence[bytes], wanted: Sequence[bytes]) -> bool:
    """Whether one is one of the other; every pair is compared, in constant time."""
    return sum(hmac.compare_digest(one, other) for one in given for other in wanted) > 0
