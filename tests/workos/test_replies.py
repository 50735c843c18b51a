"""What each reply means: a table, and nothing that could come back makes it raise."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.workos import replies
from cockpit.workos.replies import Reply, normal_message

HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
TAKEN = {
    "message": "Could not create user.",
    "code": "user_creation_error",
    "errors": [{"code": "email_not_available", "message": "This email is not available."}],
}


def read(status: int, body: Any) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return replies.read(status, content, "req_1")


@pytest.mark.parametrize(
    ("status", "body", "verdict", "code", "klass"),
    [
        (201, {"id": "user_1"}, "ok", None, None),
        (200, b"", "unwell", None, "transient"),
        (200, HTML, "unwell", None, "transient"),
        (201, [], "unwell", None, "transient"),
        (201, b"null", "unwell", None, "transient"),
        (204, b"", "unwell", None, "transient"),
        (302, HTML, "unwell", None, "transient"),
        (400, TAKEN, "exists", "email_not_available", "conflict"),
        (400, {"code": "external_id_already_used"}, "exists", "external_id_already_used", "conflict"),
        (409, {"code": "user_already_exists", "message": "x"}, "exists", "user_already_exists", "conflict"),
        (409, {"message": "a duplicate that already exists"}, "refused", None, "fixable"),
        (400, {"code": "user_creation_error", "message": "x"}, "refused", "user_creation_error", "fixable"),
        (400, {"code": "invalid_password_hash"}, "refused", "invalid_password_hash", "fixable"),
        (422, {"message": "x", "errors": ["email is not an email"]}, "refused", None, "fixable"),
        (404, {"message": "x"}, "absent", None, "permanent"),
        (404, HTML, "unwell", None, "transient"),
        (408, {"message": "x"}, "refused", None, "transient"),
        (413, {"message": "x"}, "refused", None, "permanent"),
        (401, {"message": "Unauthorized"}, "unauthorized", None, None),
        (403, {"error": "access_denied", "error_description": "x"}, "unauthorized", "access_denied", None),
        (403, HTML, "unauthorized", None, None),
        (429, b'"Ratelimited"', "throttled", None, None),
        (429, {"code": "rate_limit_exceeded", "message": "x"}, "throttled", "rate_limit_exceeded", None),
        (500, b"", "unwell", None, "transient"),
        (502, HTML, "unwell", None, "transient"),
        (503, {"message": "x"}, "unwell", None, "transient"),
    ],
)  # fmt: skip
def test_a_reply_is_judged_by_status_and_codes_never_by_words(
    status: int, body: Any, verdict: str, code: str | None, klass: str | None
) -> None:
    reply = read(status, body)
    assert (reply.verdict, reply.code, reply.request_id) == (verdict, code, "req_1")
    if klass is not None:
        assert reply.klass == klass


def test_a_success_brings_its_data_and_a_failure_its_text() -> None:
    assert read(201, {"id": "user_1"}).data == {"id": "user_1"}
    failed = read(502, HTML)
    assert (failed.data, failed.body, failed.message) == (None, HTML.decode(), "HTTP 502")
    assert len(str(read(500, b"x" * 100_000).body)) == 4000


def test_all_messages_of_a_reply_are_told() -> None:
    assert read(400, TAKEN).message == "Could not create user.; This email is not available."
    assert read(422, {"errors": ["a", {"message": "b"}, 3, None]}).message == "a; b"
    assert read(400, {"error": "x", "error_description": "why"}).message == "why"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("user ana@example.com is taken", "user ben@example.org is taken"),
        ("user_01HXYZABCDEF is gone", "user_01JKLMNOPQRS is gone"),
        ("value 'a' is bad", 'value "something else" is bad'),
        ("at line 7", "at line 4711"),
    ],
)
def test_failures_of_one_cause_have_one_fingerprint(one: str, other: str) -> None:
    assert normal_message(one) == normal_message(other)
    assert read(400, {"message": one}).fingerprint == read(400, {"message": other}).fingerprint


def test_failures_of_other_causes_have_others() -> None:
    assert len({
        read(400, {"message": "bad name"}).fingerprint,
        read(400, {"message": "bad email"}).fingerprint,
        read(422, {"message": "bad name"}).fingerprint,
        read(400, {"message": "bad name", "code": "invalid"}).fingerprint,
    }) == 4  # fmt: skip


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (b'{"retry_after": 7}', 7.0),
        (b'{"retry_after": 0.5}', 0.5),
        (b'{"retry_after": -1}', None),
        (b'{"retry_after": NaN}', None),
        (b'{"retry_after": Infinity}', 1e9),
        (b'{"retry_after": "soon"}', None),
        (b'{"retry_after": ' + b"9" * 400 + b"}", 1e9),
        (b'"Ratelimited"', None),
        (HTML, None),
        (b"", None),
    ],
)
def test_the_seconds_that_a_429_names_in_its_body(body: bytes, seconds: float | None) -> None:
    assert replies.retry_after(body) == seconds


KEYS = st.sampled_from(["code", "errors", "message", "error", "retry_after"])
documents = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
)


@given(st.integers(100, 599), st.binary() | documents.map(lambda value: json.dumps(value).encode()))
def test_nothing_that_comes_back_makes_it_raise(status: int, content: bytes) -> None:
    reply = replies.read(status, content, None)
    assert reply.klass in ("transient", "fixable", "permanent", "conflict")
    assert reply.fingerprint
    replies.retry_after(content)


def test_neither_does_what_is_nested_beyond_measure() -> None:
    deep = b'{"a":' * 100_000
    assert read(200, deep).verdict == "unwell"
    assert replies.retry_after(deep) is None
