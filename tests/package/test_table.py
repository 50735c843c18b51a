"""Records of a CSV file, from any of them on."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.package.cells import quoted
from cockpit.package.table import LONGEST_LINE, NotATable, Table

CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def table(folder: Path, content: bytes | str) -> Table:
    path = folder / "users.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Table(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(CELL, CELL), max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_from_every_record_the_rest_follows(tmp_path: Path, records: list[tuple[str, str]], end: str) -> None:
    kept = [record for record in records if any(map(str.strip, record))]
    lines = ["a,b", *(",".join(map(quoted, record)) for record in kept)]
    read = table(tmp_path, "".join(line + end for line in lines))
    rows = list(read.rows())
    assert [(row.cells.get("a", ""), row.cells.get("b", "")) for row in rows] == kept
    for number, row in enumerate(rows, 1):
        assert list(read.rows(row.after)) == rows[number:]


def test_lines_are_numbered_where_records_begin(tmp_path: Path) -> None:
    read = table(tmp_path, 'a,b\n"1\n2",x\n\n , \n3,y')
    assert [(row.line, dict(row.cells)) for row in read.rows()] == [
        (2, {"a": "1\n2", "b": "x"}),
        (6, {"a": "3", "b": "y"}),
    ]


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    read = table(tmp_path, b"\xef\xbb\xbfemail , name\nana@example.com,Ana\n")
    assert read.header == ("email", "name")
    assert len(list(read.rows())) == 1


def test_columns_are_renamed(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text("E-Mail,x\na,b\n")
    assert [dict(row.cells) for row in Table(path, {"E-Mail": "email"}).rows()] == [{"email": "a", "x": "b"}]
    with pytest.raises(NotATable, match="two columns named 'x'"):
        Table(path, {"E-Mail": "x"})


def test_a_record_with_too_many_cells_is_told_apart(tmp_path: Path) -> None:
    first, second = table(tmp_path, "a,b\n1,2,3\n1,2,\n").rows()
    assert first.problem == "it has more cells than there are columns"
    assert second.problem is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no header"),
        (b"a,a\n", "two columns named 'a'"),
        (b"a,,\n", "a column without a name"),
        (b"a,b\n1,\xff\n", "line 2 is not UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "line 1 is not UTF-8"),
        (b'a,b\n1,2\n3,"x"y\n', "line 3"),
        (b'a,b\n1,"never closed\n' + b"x\n" * 10, "line 2"),
        (b"a,b\r1,2\r", "line 1"),
        (b"a\n" + b"x" * (LONGEST_LINE + 1), "line 2 is longer"),
    ],
)
def test_what_is_no_table_is_refused_with_its_line(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(NotATable, match=said):
        list(table(tmp_path, content).rows())


def test_a_file_that_changed_is_told_from_the_one_before(tmp_path: Path) -> None:
    read = table(tmp_path, "a\n1\n")
    assert read.unchanged()
    os.utime(read.path, ns=(1, 1))
    assert not read.unchanged()
    assert Table(read.path).stamp != read.stamp
