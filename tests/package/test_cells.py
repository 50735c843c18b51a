"""Cells: no spreadsheet runs one, and each comes back as it was."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.package import cells
from cockpit.package.cells import UnsafeCell
from cockpit.rules.formulas import unguarded

COLUMNS = ("email", "external_id", "first_name", "org_name", "metadata")
DANGEROUS = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "'=1", "''=1", "＝1", "'\t1"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
FORMULA = st.builds("{}{}".format, st.sampled_from(["=", "+", "-", "@", "\t", "\r", "'", " ", ""]), TEXT)


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_that_looks_like_a_formula_gets_a_mark_that_comes_off_again(text: str) -> None:
    marked = cells.safe("first_name", text)
    assert marked == "'" + text
    assert unguarded(marked) == text


@given(FORMULA)
def test_every_text_comes_back(text: str) -> None:
    marked = cells.safe("org_name", text)
    assert unguarded(marked) == text
    assert not marked.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize(
    "value", ["+49151123", "+tag@example.com", "-NxPushId_1", "=a@example.com", "@handle"]
)
def test_an_identity_that_calls_nothing_is_written_as_it_is(value: str) -> None:
    assert cells.safe("external_id", value) == value
    assert cells.safe("email", value) == value


@pytest.mark.parametrize("value", ["=cmd|' /C calc'!A0", '=HYPERLINK("http://x")', "@SUM(1)", "-2+3+cmd|a!b"])
def test_an_identity_that_might_run_is_not_written(value: str) -> None:
    with pytest.raises(UnsafeCell, match="external_id") as refused:
        cells.safe("external_id", value)
    assert value not in str(refused.value)


@given(st.lists(TEXT, min_size=len(COLUMNS), max_size=len(COLUMNS)))
def test_a_line_is_read_by_another_reader_as_it_was_written(values: list[str]) -> None:
    row = dict(zip(COLUMNS, values, strict=True))
    line = ",".join(cells.quoted(value) for value in row.values()) + "\n"
    (read,) = csv.reader(io.StringIO(line, newline=""), strict=True)
    assert read == values


@given(st.lists(st.text("abc,[] \"'", min_size=1).map(str.strip).filter(bool)))
def test_lists_come_back(values: list[str]) -> None:
    assert cells.read_list(cells.written_list(values)) == values


def test_lists_are_written_as_the_other_tool_reads_them() -> None:
    assert cells.written_list(["admin", "member"]) == "admin,member"
    assert cells.read_list('["admin", "member"]') == ["admin", "member"]
    assert cells.read_list(" admin , member,, ") == ["admin", "member"]
    assert cells.read_list("[broken") == ["[broken"]


@pytest.mark.parametrize("cell", ["acme.com;Acme.org", "acme.com,acme.org", "acme.com ; acme.org;"])
def test_domains_are_separated_by_either(cell: str) -> None:
    assert cells.read_domains(cell) == ["acme.com", "acme.org"]


def test_booleans() -> None:
    assert [cells.read_boolean(cell) for cell in ("true", "YES", "1", "False", "no", "0", "", " ")] == [
        *(True, True, True, False, False, False, None, None)
    ]
    with pytest.raises(ValueError, match="neither"):
        cells.read_boolean("maybe")


def test_metadata_is_an_object_of_texts() -> None:
    assert cells.read_metadata('{"a":"b","n":1,"l":[1,2],"none":null}') == {"a": "b", "n": "1", "l": "[1,2]"}
    assert cells.read_metadata("") == {}
    for cell in ("[1]", "{", "3", "[" * 100_000):
        with pytest.raises(ValueError):
            cells.read_metadata(cell)
