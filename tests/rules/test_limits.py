"""What is an e-mail address, pragmatically."""

import pytest

from cockpit.rules.limits import email_problem


@pytest.mark.parametrize(
    "email",
    [
        "ana@example.com",
        "a.b+tag@sub.example.co.uk",
        "o'brien@example.ie",
        "x@1-2.example",
        "_@example.com",
        "Ana@EXAMPLE.com",
        "zoë@example.com",
        "ana@bücher.example",
        "a@xn--bcher-kva.example",
    ],
)
def test_addresses(email: str) -> None:
    assert email_problem(email) is None


@pytest.mark.parametrize(
    ("email", "why"),
    [
        ("ana", "no @"),
        ("ana@@ example.com", "more than one @"),
        ("a@b@example.com", "more than one @"),
        ("ana @example.com", "space"),
        ("ana@exam\x00ple.com", "control"),
        ("ana\n@example.com", "space"),
        ("@example.com", "before the @"),
        ("a..b@example.com", "before the @"),
        (".a@example.com", "before the @"),
        ("a.@example.com", "before the @"),
        ("ana@localhost", "no domain"),
        ("ana@", "no domain"),
        ("ana@-x.example.com", "label"),
        ("ana@x-.example.com", "label"),
        ("ana@example..com", "label"),
        ("ana@[127.0.0.1]", "label"),
        ("ana@" + "x" * 64 + ".com", "label"),
        ("ana<x>@example.com", "character"),
        ("ana\ufffd@example.com", "character"),
    ],
)
def test_what_is_none(email: str, why: str) -> None:
    assert why in str(email_problem(email))
