"""The part of a request that changed, as a partial update."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cockpit.rules.updates import FIXED, partial

BEFORE = {
    "email": "ana@example.com",
    "first_name": "Ana",
    "external_id": "u1",
    "metadata": {"a": "1", "b": "2"},
}


def test_only_what_changed_is_sent() -> None:
    assert partial(BEFORE, {**BEFORE, "first_name": "Anna"}) == {"first_name": "Anna"}
    assert partial(BEFORE, BEFORE) == {}


def test_what_is_gone_is_null() -> None:
    now = {field: value for field, value in BEFORE.items() if field != "first_name"}
    assert partial(BEFORE, now) == {"first_name": None}


def test_metadata_is_merged_so_a_key_that_is_gone_is_null_there() -> None:
    now = {**BEFORE, "metadata": {"a": "1", "c": "3"}}
    assert partial(BEFORE, now) == {"metadata": {"c": "3", "b": None}}
    gone = {field: value for field, value in BEFORE.items() if field != "metadata"}
    assert partial(BEFORE, gone) == {"metadata": {"a": None, "b": None}}


def test_what_a_record_is_known_by_never_changes() -> None:
    assert partial(BEFORE, {**BEFORE, "external_id": "u2"}) == {}


FIELDS = st.dictionaries(
    st.sampled_from(["email", "first_name", "name", "external_id"]), st.text(max_size=3), max_size=4
)
METADATA = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.text(max_size=3), max_size=3)


@given(FIELDS, METADATA, FIELDS, METADATA)
def test_applied_to_what_was_it_gives_what_is(
    before: dict[str, Any], old: dict[str, str], now: dict[str, Any], new: dict[str, str]
) -> None:
    then, wanted = {**before, "metadata": old}, {**now, "metadata": new}
    update = partial(then, wanted)
    merged = {**then, **update, "metadata": {**old, **update.get("metadata", {})}}
    merged["metadata"] = {key: value for key, value in merged["metadata"].items() if value is not None}
    for field in (*then, *wanted):
        if field not in FIXED:
            assert merged.get(field) == wanted.get(field)
