"""Records cut out of a JSON object as it comes: the same ones, wherever it is divided."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.sources._streamed import Elements

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.lists(st.dictionaries(st.text(), VALUES, max_size=4), max_size=6)


def cut(whole: bytes, size: int) -> list[tuple[object, str]]:
    elements, found = Elements("rows"), list[tuple[object, str]]()
    for start in range(0, len(whole), size):
        found += elements.feed(whole[start : start + size])
    elements.end()
    return found


@given(RECORDS, st.dictionaries(st.text().filter(lambda name: name != "rows"), VALUES, max_size=3),
       st.integers(1, 40), st.booleans(), st.sampled_from([None, 1]))  # fmt: skip
def test_whatever_the_pieces_the_records_are_the_same(
    rows: list[object], others: dict[str, object], size: int, last: bool, indent: int | None
) -> None:
    body = {**others, "rows": rows} if last else {"rows": rows, **others}
    whole = json.dumps(body, ensure_ascii=False, indent=indent).encode("utf-8", "surrogatepass")
    try:
        whole.decode()
    except UnicodeDecodeError:
        whole = json.dumps(body, indent=indent).encode()
    found = cut(whole, size)
    assert [value for value, _ in found] == rows
    assert [json.loads(text) for _, text in found] == rows
    assert all(text in whole.decode() for _, text in found)


@pytest.mark.parametrize(
    "whole", [b'{"rows": null}', b"{}", b'{"rows": []}', b'{"others": [{"rows": [{}]}]}']
)
def test_no_array_has_no_records(whole: bytes) -> None:
    assert cut(whole, 3) == []


@pytest.mark.parametrize(
    "whole",
    [
        *(b"", b"[]", b"<html>", b'{"rows": [{"a": 1}, {"b"', b'{"rows": [{"a": 1}]', b'{"rows": 7}'),
        *(b'{"rows": [7]}', b'{"rows": [{}]} {}', b'{"rows"; []}', b'{"rows": [{}] "more": 1}'),
        b'{"a": \xff}',
    ],
)
@pytest.mark.parametrize("size", [1, 100])
def test_what_breaks_off_or_is_no_json_is_told(whole: bytes, size: int) -> None:
    with pytest.raises(ValueError):
        cut(whole, size)
