"""Slugs made of the source's names of roles and permissions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.rules.slugs import MOST, slug


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("admin", "admin"),
        ("Org Admin", "org-admin"),
        ("org:member", "org:member"),
        ("  Büro/Leitung ", "buro-leitung"),
        ("posts:read", "posts:read"),
        ("管理者", ""),
    ],
)
def test_a_name_becomes_a_slug(name: str, made: str) -> None:
    assert slug(name, {}) == made


def test_the_operators_choice_goes_before() -> None:
    assert slug("管理者", {"管理者": "admin"}) == "admin"


@given(st.text(max_size=200))
def test_whatever_it_is_made_of_it_is_one_or_nothing(name: str) -> None:
    made = slug(name, {})
    assert re.fullmatch(r"[a-z0-9_:.-]*", made)
    assert len(made) <= MOST and made == made.strip("-")
    assert slug(made, {}) == made, "a slug stays as it is"
