"""Rules that fix groups: what each does, and that none does it twice."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit import settings
from cockpit.rules import check, fields, fixes
from cockpit.rules.fields import NotEditable
from cockpit.rules.fixes import Rule, made
from cockpit.rules.toml import rule_tables

CAUSE = "lint:email_syntax"
SOURCE = {"contact": {"email": " bo@example.com "}, "emails": [{"address": "cy@example.com"}, "no address"]}


def user(**more: Any) -> dict[str, Any]:
    return {"email": "ana@example.com", "email_verified": True, "external_id": "u1", **more}


def applied(action: str, before: dict[str, Any], field: str = "", value: str = "", match: str = "") -> Any:
    kind = "membership" if "role_slugs" in before else "user"
    after = fixes.apply(made(CAUSE, action, field, value, match), kind, before, SOURCE)  # type: ignore[arg-type]
    return {name: now for name, (_, now) in fields.differences(before, after).items()}


@pytest.mark.parametrize(
    ("action", "before", "options", "changed"),
    [
        ("lower", user(email="Ana@Example.com"), {"field": "email"}, {"email": "ana@example.com"}),
        ("trim", user(first_name=" Ana\t"), {"field": "first_name"}, {"first_name": "Ana"}),
        (
            "cut",
            user(metadata={"bio": "x" * 700, "plan": "team"}),
            {"field": "metadata.bio"},
            {"metadata.bio": "x" * 600},
        ),
        ("cut", user(metadata={"a": "12345"}), {"field": "metadata.*", "value": "3"}, {"metadata.a": "123"}),
        ("drop", user(metadata={"bio": "x", "plan": "y"}), {"field": "metadata.bio"}, {"metadata.bio": None}),
        ("drop", user(metadata={"bio": "x"}), {"field": "metadata.bio"}, {"metadata.bio": None}),
        ("drop", user(last_name="Diaz"), {"field": "last_name"}, {"last_name": None}),
        ("stringify", user(metadata={"a": "ë\n"}), {"field": "metadata.a"}, {"metadata.a": "\\u00eb\\x0a"}),
        ("stringify", user(metadata={"n": 5}), {"field": "metadata.*"}, {"metadata.n": "5"}),
        ("email_from", user(email="bad"), {"value": "contact.email"}, {"email": "bo@example.com"}),
        ("email_from", user(email="bad"), {"value": "emails.0.address"}, {"email": "cy@example.com"}),
        ("email_from", user(email="bad"), {"value": "emails.1"}, {}),
        ("email_from", user(email="bad"), {"value": "emails.7.address"}, {}),
        ("drop_hash", user(password_hash="***"), {}, {"password_hash": None}),
        ("drop_hash", user(), {}, {}),
        ("unverified", user(), {}, {"email_verified": False}),
        ("replace", user(name="x"), {"field": "name", "value": "y"}, {"name": "y"}),
        ("replace", user(name="x"), {"field": "name", "value": "y", "match": "z"}, {}),
        ("replace", user(), {"field": "email_verified", "value": "false"}, {"email_verified": False}),
        ("first", {"role_slugs": ["admin", "member"]}, {"field": "role_slugs"}, {"role_slugs": ["admin"]}),
        (
            "replace",
            {"role_slugs": ["owner", "admin"]},
            {"field": "role_slugs", "match": "owner", "value": "admin"},
            {"role_slugs": ["admin"]},
        ),
        ("lower", {"role_slugs": ["A"]}, {"field": "email"}, {}),
        ("skip", user(), {"value": "left us"}, {}),
    ],
)  # fmt: skip
def test_what_a_rule_does(
    action: str, before: dict[str, Any], options: dict[str, str], changed: dict[str, Any]
) -> None:
    assert applied(action, before, **options) == changed


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("shout", "email"), "no action 'shout'"),
        (("lower",), "lower needs a field"),
        (("lower", "colour"), "nothing that moves has one named 'colour'"),
        (("lower", "email_verified"), "lower can't be done to email_verified"),
        (("drop", "email"), "drop can't be done to email"),
        (("drop", "name"), "drop can't be done to name"),
        (("cut", "metadata.bio", "many"), "cut needs a number"),
        (("stringify", "email"), "stringify can't be done to email"),
        (("first", "email"), "first can't be done to email"),
        (("email_from",), "email_from needs a value"),
        (("skip", "", " "), "skip needs a value"),
        (("unverified", "name"), "unverified is not about 'name'"),
        (("replace", "email_verified", "maybe"), "email_verified is true or false"),
        (("lower", "email", "", "x"), "lower takes no match"),
        (("replace", "name", "\udc80"), "no text"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(options: tuple[str, ...], said: str) -> None:
    with pytest.raises(NotEditable, match=said):
        made(CAUSE, *options)


def test_a_rule_needs_a_cause() -> None:
    with pytest.raises(NotEditable, match="needs the cause"):
        made("", "lower", "email")


RULES = [
    made(CAUSE, "lower", "email"),
    made(CAUSE, "trim", "name"),
    made(CAUSE, "cut", "metadata.*", "7"),
    made(CAUSE, "drop", "metadata.a"),
    made(CAUSE, "stringify", "metadata.*"),
    made(CAUSE, "email_from", value="contact.email"),
    made(CAUSE, "drop_hash"),
    made(CAUSE, "unverified"),
    made(CAUSE, "replace", "name", "Ana"),
    made(CAUSE, "replace", "name", "Ana", "ana"),
    made(CAUSE, "skip", value="left us"),
]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
USERS = st.fixed_dictionaries(
    {"email": TEXT, "email_verified": st.booleans(), "external_id": TEXT},
    optional={
        "name": TEXT,
        "metadata": st.dictionaries(st.sampled_from("abc"), TEXT | st.integers(), min_size=1),
        "password_hash": st.just("***"),
    },
)


@given(st.sampled_from(RULES), USERS)
def test_what_a_rule_made_it_leaves_alone(rule: Rule, before: dict[str, Any]) -> None:
    given = repr(before)
    once = fixes.apply(rule, "user", before, SOURCE)
    assert fixes.apply(rule, "user", once, SOURCE) == once
    assert repr(before) == given, "what was given never changes"
    changed = fields.differences(before, once)
    assert all(rule.field in (name, "metadata.*", "") for name in changed)


@given(USERS, st.dictionaries(st.sampled_from(["email", "name", "metadata.a"]), TEXT | st.none()))
def test_an_overlay_says_what_its_fields_are_and_nothing_else(
    before: dict[str, Any], overlay: dict[str, Any]
) -> None:
    after = fields.overlaid(before, overlay)
    assert {name: fields.get(after, name) for name in overlay} == overlay
    assert set(fields.differences(before, after)) <= set(overlay)
    assert fields.overlaid(after, overlay) == after


ROLES = st.lists(st.sampled_from(["owner", "admin", "member"]), max_size=4)


@given(ROLES, st.sampled_from(["owner", "admin", "editor"]))
def test_replacing_a_role_twice_is_replacing_it_once(roles: list[str], value: str) -> None:
    rule = made(CAUSE, "replace", "role_slugs", value, "owner")
    once = fixes.apply(rule, "membership", {"role_slugs": roles}, {})
    assert fixes.apply(rule, "membership", once, {}) == once
    assert "owner" not in once["role_slugs"] or value == "owner"


def test_rules_go_to_settings_and_come_back(tmp_path: Path) -> None:
    hostile = made('lint:"x"\\', "replace", "name", 'a"b\\c\n\x7fé😀', "'")
    given_ = [*RULES, hostile]
    file = tmp_path / "cockpit.toml"
    file.write_text(rule_tables(given_), encoding="utf-8")
    assert settings.load(file).rules == given_


def test_check_tells_what_the_target_would_refuse() -> None:
    assert check.errors("user", user()) == []
    (found,) = check.errors("user", user(email="ana@@example.com"))
    assert (found.rule, found.field) == ("email_syntax", "email")
    assert [f.rule for f in check.errors("organization", {"name": " ", "external_id": "o1"})] == [
        "organization_nameless"
    ]
    domains = [{"domain": "no domain", "state": "pending"}]
    (found,) = check.errors("organization", {"name": "A", "external_id": "o1", "domain_data": domains})
    assert found.rule == "domain_syntax"
    for kind in ("membership", "role", "permission", "factor"):
        assert check.errors(kind, {}) == []
