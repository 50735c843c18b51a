"""Records cut out of a reply with the characters that the provider sent."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.sources._slices import slices

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.lists(values, max_size=6),
    st.dictionaries(st.text().filter(lambda key: key != "users"), values, max_size=4),
    st.sampled_from([None, 0, 2, "\t"]),
    st.booleans(),
    st.booleans(),
)
def test_slices_say_what_json_loads_says(
    users: list[Any], others: dict[str, Any], indent: Any, first: bool, ascii_only: bool
) -> None:
    body = {"users": users} | others if first else others | {"users": users}
    text = json.dumps(body, indent=indent, ensure_ascii=ascii_only)
    found, rest = slices(f" \r\n{text}\n", "users")
    assert [item.value for item in found] == users
    assert [json.loads(item.text) for item in found] == users
    assert rest == others
    assert all(item.text in text for item in found)


def test_the_text_is_verbatim() -> None:
    text = '{"users" : [ {"a" :1.50,  "b":"\\u00e9\\/"} ,{"c":[ ]}\n], "next":"x"}'
    found, rest = slices(text, "users")
    assert [item.text for item in found] == ['{"a" :1.50,  "b":"\\u00e9\\/"}', '{"c":[ ]}']
    assert rest == {"next": "x"}


@pytest.mark.parametrize("text", ["{}", '{"users":null}', '{"users":[]}', '{"users": [ ] }'])
def test_no_users(text: str) -> None:
    assert slices(text, "users") == ([], {})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "<html>",
        '{"users":{}}',
        '{"users":[1 2]}',
        '{"users":[1,]}',
        '{"users":[1],}',
        '{"users":[1]',
        '{"users":[{"a":1}',
        '{"users":[1]} x',
        "{1:2}",
        '{"a" 1}',
    ],
)
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        slices(text, "users")
