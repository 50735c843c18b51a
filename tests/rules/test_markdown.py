"""Hostile text in a report renders as itself."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.rules import advice
from cockpit.rules.fixes import ACTIONS
from cockpit.rules.lint import RULES
from cockpit.rules.markdown import escaped, table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, 5-6 items.", "plain text, 5-6 items."),
        ("a|b", r"a\|b"),
        ("<script>", "&lt;script&gt;"),
        ("[x](http://evil)", r"\[x\]\(http\://evil\)"),
        ("www.evil.example", r"www\.evil.example"),
        ("@team **now** `rm`", r"\@team \*\*now\*\* \`rm\`"),
        ("two\nlines\x1b[31m", r"two\\x0alines\\x1b\[31m"),
    ],
)
def test_markup_is_shown_and_not_obeyed(text: str, shown: str) -> None:
    assert escaped(text) == shown


@given(st.text())
def test_a_cell_is_one_line_and_one_cell(text: str) -> None:
    cell = escaped(text)
    assert len(cell.splitlines()) <= 1
    assert not re.search(r"(?<!\\)(?:\\\\)*\|", cell)
    assert "<" not in cell


def test_a_table_has_as_many_cells_in_each_line() -> None:
    text = table(("a", "n"), [("x|y", 1200), (None, True)], right="n")
    assert text.splitlines() == ["| a | n |", "| --- | ---: |", r"| x\|y | 1,200 |", "|  | yes |"]


def test_every_suggested_action_exists() -> None:
    suggested = [advice.of(f"lint:{rule}", "fixable", None).actions for rule in RULES]
    suggested += [advice.of("400:x", "fixable", code).actions for code in advice._OF_CODE]
    assert {action for actions in suggested for action in actions} <= set(ACTIONS)


def test_advice_is_by_rule_then_by_code_then_by_class() -> None:
    assert advice.of("lint:email_syntax", "fixable", "email_syntax").todo == RULES["email_syntax"].todo
    assert "adopt" in advice.of("400:x", "conflict", "email_not_available").todo
    assert advice.of("503:unanswered", "transient", None).todo.endswith("retry")
