"""What the target refuses in the seeded states, and what lint holds back."""

import json

from cockpit.state.errors import Failure

REFUSED = (
    Failure(
        "fixable",
        "422:metadata_too_long",
        "metadata value too long",
        "metadata.plan must be at most 600 characters",
        status=422,
        code="metadata_too_long",
        attempts=1,
        request_id="req_01JD8M2",
        body=json.dumps(
            {
                "code": "metadata_too_long",
                "message": "metadata.plan must be at most 600 characters",
                "errors": [{"field": "metadata.plan", "code": "too_long"}],
            }
        ),
    ),
    Failure(
        "conflict",
        "409:email_taken",
        "e-mail is taken by a user that we did not bring",
        "A user with this email already exists",
        status=409,
        code="email_not_available",
        attempts=2,
        request_id="req_01JD8M3",
        body=json.dumps({"code": "email_not_available", "message": "A user with this email already exists"}),
    ),
    Failure(
        "transient",
        "503:unanswered",
        "no usable answer: HTTP 503",
        "the target answered 503 five times",
        status=503,
        attempts=5,
        body=json.dumps({"message": "Service Unavailable"}),
    ),
)
BLOCKED = Failure(
    "fixable",
    "lint:email_syntax",
    "not an e-mail address",
    "ada.moreau@@acme has no domain",
    code="email_syntax",
)
UNSENT = Failure(
    "permanent",
    "reset:user_not_found",
    "password reset: no such user",
    "no user has this e-mail",
    status=404,
    code="entity_not_found",
    attempts=1,
)
