"""Formulas: no guarded text is one, and each comes back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.rules.formulas import guarded, is_formula, unguarded


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r1", "\n", " =1", "'=1", "＝1"])
def test_what_is_a_formula(text: str) -> None:
    assert is_formula(text)
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["", "1=1", "a@b.example", "O'Neill", "'quoted'"])
def test_what_is_none(text: str) -> None:
    assert guarded(text) == text


@given(st.text(max_size=20) | st.text("'=+ \t", max_size=6))
def test_every_text_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
