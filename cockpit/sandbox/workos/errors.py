"""WorkOS's error bodies: a message, mostly a code, sometimes a list of errors."""

from typing import Any

from cockpit.sandbox.web import Json, Refused


def refuse(status: int, message: str, code: str | None = None, errors: list[Any] | None = None) -> Refused:
    """The refusal with WorkOS's shape of body."""
    body: Json = {"message": message}
    if code is not None:
        body["code"] = code
    if errors is not None:
        body["errors"] = errors
    return Refused(status, body)


def unauthorized() -> Refused:
    """401: the key is unknown or was revoked."""
    return refuse(401, "Unauthorized")


def not_found(kind: str, ident: str) -> Refused:
    """404: nothing has that id."""
    return refuse(404, f"{kind} not found: '{ident}'.", "entity_not_found")


def unprocessable(*errors: tuple[str, str]) -> Refused:
    """422: the request's shape is wrong; one (field, message) for each fault."""
    listed = [{"field": field, "code": "invalid", "message": message} for field, message in errors]
    return refuse(422, "Validation failed", "invalid_request_parameters", listed)


def not_created(code: str, message: str) -> Refused:
    """400 of POST /user_management/users: the reason is an item of `errors`."""
    return refuse(400, "Could not create user.", "user_creation_error", [{"code": code, "message": message}])


def too_many(seconds: int) -> Refused:
    """429, with the time to wait in the body and in the header."""
    refused = refuse(429, "Rate limit exceeded.", "rate_limit_exceeded")
    refused.body["retry_after"] = seconds
    refused.headers["Retry-After"] = str(seconds)
    return refused
