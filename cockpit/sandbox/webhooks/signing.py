"""The three ways to sign, as the providers document them; the sandbox's own, as a witness."""

import base64
import hmac
from collections.abc import Mapping


def headers(scheme: str, secret: str, event: str, body: bytes, now: float) -> dict[str, str]:
    """What signs a body: svix, workos, token or none. `now` in seconds."""
    match scheme:
        case "svix":
            sent = str(int(now))
            return {
                "svix-id": event,
                "svix-timestamp": sent,
                "svix-signature": f"v1,{_svix(secret, event, sent, body)}",
            }
        case "workos":
            sent = str(int(now * 1000))
            return {"WorkOS-Signature": f"t={sent}, v1={_workos(secret, sent, body)}"}
        case "token":
            return {"Authorization": secret}
        case _:
            return {}


def holds(scheme: str, secret: str, given: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether the headers sign this body, within the tolerance of that scheme's own library."""
    match scheme:
        case "svix":
            sent, event = given.get("svix-timestamp", ""), given.get("svix-id", "")
            fresh = sent.isdigit() and abs(now - int(sent)) <= 300
            return (
                fresh and f"v1,{_svix(secret, event, sent, body)}" in given.get("svix-signature", "").split()
            )
        case "workos":
            sent, _, signature = given.get("WorkOS-Signature", "").removeprefix("t=").partition(", v1=")
            fresh = sent.isdigit() and abs(now - int(sent) / 1000) <= 180
            return fresh and hmac.compare_digest(signature, _workos(secret, sent, body))
        case "token":
            return hmac.compare_digest(given.get("Authorization", ""), secret)
        case _:
            return True


def _svix(secret: str, event: str, sent: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return base64.b64encode(hmac.digest(key, f"{event}.{sent}.".encode() + body, "sha256")).decode()


def _workos(secret: str, sent: str, body: bytes) -> str:
    return hmac.digest(secret.encode(), f"{sent}.".encode() + body, "sha256").hex()
