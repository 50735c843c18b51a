"""What a reply of WorkOS means: pure, from status and body to a verdict."""

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from cockpit.terms import ErrorClass

Verdict = Literal["ok", "exists", "absent", "refused", "unauthorized", "throttled", "unwell"]

_EXISTS = {"email_not_available", "external_id_already_used", "user_already_exists"}
"""Codes that mean that such a user is there. The spec has the first inside user_creation_error.errors[];
the last is the answer (409) of the official emulator."""

_PERMANENT = {404, 405, 410, 413, 415, 501}


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `data` is the parsed body of a success; `body` the text of a failure."""

    verdict: Verdict
    status: int
    data: dict[str, Any] | None = None
    code: str | None = None
    message: str = ""
    body: str | None = None
    request_id: str | None = None

    @property
    def klass(self) -> ErrorClass:
        """The class of the error row that a failure becomes."""
        if self.verdict == "exists":
            return "conflict"
        if self.verdict == "unwell" or self.status in (408, 425):
            return "transient"
        return "permanent" if self.status in _PERMANENT else "fixable"

    @property
    def fingerprint(self) -> str:
        """Equal for failures of one cause: status, code and the message without what is individual."""
        return f"{self.status}:{self.code or '-'}:{normal_message(self.message)}"


def read(status: int, content: bytes, request_id: str | None) -> Reply:
    """Judge a reply. A success that is not a JSON object counts as unwell: its effect is unknown."""
    body = _object(content)
    if status < 300:
        if body is None:
            return Reply("unwell", status, message="a success without a JSON body", request_id=request_id)
        return Reply("ok", status, data=body, request_id=request_id)
    codes = _codes(body)
    message = _message(body) or f"HTTP {status}"
    text = content[:4000].decode("utf-8", "replace")
    verdict: Verdict = "refused"
    if status in (401, 403):
        verdict = "unauthorized"
    elif status == 429:
        verdict = "throttled"
    elif status >= 500 or body is None:
        verdict = "unwell"
    elif _EXISTS.intersection(codes):
        verdict = "exists"
    elif status == 404:
        verdict = "absent"
    code = next((code for code in codes if code in _EXISTS), codes[-1] if codes else None)
    return Reply(verdict, status, code=code, message=message, body=text, request_id=request_id)


def retry_after(body: bytes) -> float | None:
    """The seconds named in the body of a 429 ({"retry_after": n}), where the header is missing."""
    told = (_object(body) or {}).get("retry_after")
    return float(min(told, 1e9)) if isinstance(told, int | float) and told >= 0 else None


_INDIVIDUAL = re.compile(r"\S+@\S+|\b\w+_[0-9A-Z]{8,}\b|'[^']*'|\"[^\"]*\"|\d+")


def normal_message(message: str) -> str:
    """A message without addresses, ids, quoted values and numbers."""
    return _INDIVIDUAL.sub("*", message)[:200]


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _codes(body: dict[str, Any] | None) -> list[str]:
    """The codes of an error body, the top one first: {"code", "errors": [{"code"}]}."""
    if body is None:
        return []
    found = [body.get("code"), body.get("error")]
    errors = body.get("errors")
    if isinstance(errors, list):
        found += [item.get("code") if isinstance(item, dict) else None for item in errors]
    return [code for code in found if isinstance(code, str)]


def _message(body: dict[str, Any] | None) -> str:
    if body is None:
        return ""
    parts = [body.get("message") or body.get("error_description")]
    errors = body.get("errors")
    if isinstance(errors, list):
        parts += [item.get("message") if isinstance(item, dict) else item for item in errors]
    return "; ".join(part for part in parts if isinstance(part, str))
