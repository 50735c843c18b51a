"""A user held against the target's rules."""

from typing import Any, get_args

import pytest

from cockpit.records import Password, User
from cockpit.rules.lint import RULES, lint
from cockpit.terms import TRAITS, ErrorClass


def user(**fields: Any) -> User:
    return User(**({"source_id": "auth0|1", "email": "ana@example.com", "email_verified": True} | fields))


BCRYPT = "$2b$10$" + "a" * 53


@pytest.mark.parametrize(
    ("fields", "rules"),
    [
        ({}, []),
        ({"email": None}, ["email_missing"]),
        ({"email": "  "}, ["email_missing"]),
        ({"email": " ana@example.com "}, []),
        ({"email": "ana@@ example.com"}, ["email_syntax"]),
        ({"email": "a" * 65 + "@example.com"}, ["email_too_long"]),
        ({"email": "a@" + "x." * 130 + "com"}, ["email_too_long"]),
        ({"email": "a" * 4096}, ["email_too_long"]),
        ({"email": "zoë@example.com"}, ["email_not_ascii"]),
        ({"source_id": ""}, ["external_id_missing"]),
        ({"source_id": "x" * 65}, ["external_id_long"]),
        ({"source_id": "x" * 129}, ["external_id_too_long"]),
        ({"source_id": "zoë"}, ["external_id_not_ascii"]),
        ({"metadata": {str(n): "x" for n in range(11)}}, ["metadata_many"]),
        ({"metadata": {str(n): "x" for n in range(51)}}, ["metadata_too_many"]),
        ({"metadata": {"k" * 40: "x" * 600}}, []),
        ({"metadata": {"k" * 41: "x"}}, ["metadata_key_too_long"]),
        ({"metadata": {"k": "x" * 601}}, ["metadata_value_too_long"]),
        ({"metadata": {"k": "café"}}, ["metadata_not_ascii"]),
        ({"name": "\x1b[2JAna"}, ["name_control"]),
        ({"first_name": "A\x00", "last_name": "\u202eB"}, ["name_control", "name_control"]),
        ({"name": "Zoë 👩‍💻"}, []),
        ({"password": Password.carried("bcrypt", BCRYPT)}, []),
        ({"password": Password.carried("bcrypt", "$2b$04$truncated")}, ["hash_invalid"]),
        ({"password": Password.unsupported("why")}, []),
        ({"status": "banned"}, ["banned"]),
        ({"status": "deleted", "email_verified": False}, ["deleted", "unverified"]),
        ({"status": "unconfirmed", "federated": True}, ["unconfirmed", "federated"]),
        ({"status": "anonymous", "email": None, "email_verified": False}, ["email_missing", "anonymous"]),
        ({"warnings": ("metadata.identities: cut", "email: guessed")}, ["cut", "cut"]),
    ],
)
def test_lint(fields: dict[str, Any], rules: list[str]) -> None:
    assert [finding.rule for finding in lint(user(**fields))] == rules


def test_a_finding_is_one_printable_line_that_names_its_field() -> None:
    broken = user(
        email="\x1b@@",
        name="\x00",
        metadata={"\x1b" + "k" * 50: "é"},
        password=Password.carried("bcrypt", "s3cret"),
    )
    found = lint(broken)
    assert len(found) == 5
    for finding in found:
        assert finding.field
        assert finding.detail.isprintable()
        assert "s3cret" not in finding.detail


def test_many_bad_keys_are_one_finding() -> None:
    (finding,) = lint(user(metadata={f"key{n}": "é" for n in range(9)}))
    assert finding.detail == "key0, key1, key2 and 6 more"


def test_no_rule_speaks_twice_of_a_field() -> None:
    found = lint(user(email=None, source_id="é" * 200, status="banned", metadata={"k" * 50: "é" * 700}))
    assert len({(finding.rule, finding.field) for finding in found}) == len(found)


def test_every_rule_says_what_to_do() -> None:
    for rule in RULES.values():
        assert rule.title
        assert rule.todo
        assert rule.klass in get_args(ErrorClass)


def test_there_is_a_rule_for_whatever_a_policy_may_hold_users_back_for() -> None:
    assert RULES.keys() >= set(TRAITS)
    assert {RULES[trait].severity for trait in TRAITS} == {"warning", "info"}
    for trait in TRAITS:
        assert f"[mapping] {trait}" in RULES[trait].todo


@pytest.mark.parametrize("rule", ["unmappable", "email_duplicate", "external_id_duplicate"])
def test_rules_that_others_decide_are_listed(rule: str) -> None:
    assert RULES[rule].severity == "error"
