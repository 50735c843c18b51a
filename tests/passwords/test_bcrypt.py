"""bcrypt, as the target takes it."""

import pytest

from cockpit.passwords import validate

BODY = "N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"


@pytest.mark.parametrize("head", ["$2a$10$", "$2b$04$", "$2y$31$"])
def test_taken(head: str) -> None:
    assert validate("bcrypt", head + BODY) is None


@pytest.mark.parametrize(
    ("encoded", "why"),
    [
        ("", "not bcrypt"),
        ("$2x$10$" + BODY, "not bcrypt"),
        ("$argon2id$v=19$m=1,t=1,p=1$a$b", "not bcrypt"),
        ("$2b$03$" + BODY, "cost 3"),
        ("$2b$32$" + BODY, "cost 32"),
        ("$2b$10$" + BODY[:-1], "cut short"),
        ("$2b$10$" + BODY + "x", "cut short or garbled"),
        ("$2b$10$" + BODY[:-1] + "=", "garbled"),
        ("$2b$10$" + BODY + "\n", "garbled"),
    ],
)
def test_refused(encoded: str, why: str) -> None:
    problem = validate("bcrypt", encoded)
    assert why in str(problem)
    assert BODY[:20] not in str(problem)


def test_a_type_without_rules_is_never_waved_through() -> None:
    assert "no rules" in str(validate("md5", "x"))
