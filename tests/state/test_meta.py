"""What a state is bound to, and the facts it keeps."""

import sqlite3

import pytest

from cockpit.state import meta
from cockpit.state.meta import BindingError

URL, KEY = "https://api.workos.com", "sk_live_one"


def test_a_fact_can_be_set_changed_and_forgotten(connection: sqlite3.Connection) -> None:
    assert meta.get(connection, "fact") is None
    for value in ("one", "two", None):
        meta.put(connection, "fact", value)
        assert meta.get(connection, "fact") == value


def test_facts_are_found_by_their_prefix_as_it_stands(connection: sqlite3.Connection) -> None:
    for key in ("memo.a", "memo.b", "memos", "xmemo.c", "mem%"):
        meta.put(connection, key, key)
    assert meta.facts(connection, "memo.") == {"memo.a": "memo.a", "memo.b": "memo.b"}
    assert meta.facts(connection, "mem%") == {"mem%": "mem%"}


def test_a_state_has_one_source(connection: sqlite3.Connection) -> None:
    assert meta.provider(connection) is None
    meta.bind_source(connection, "auth0:acme.us.auth0.com")
    meta.bind_source(connection, "auth0:acme.us.auth0.com")
    assert meta.provider(connection) == "auth0"
    with pytest.raises(BindingError, match=r"holds users of auth0:acme\.us\.auth0\.com, not of firebase:x"):
        meta.bind_source(connection, "firebase:x")
    assert meta.binding(connection).source == "auth0:acme.us.auth0.com"


@pytest.mark.parametrize(("url", "key"), [("https://api.workos-test.com", KEY), (URL, "sk_live_other")])
def test_a_journal_has_one_target(connection: sqlite3.Connection, url: str, key: str) -> None:
    meta.bind_target(connection, URL, KEY)
    meta.bind_target(connection, URL, KEY)
    with pytest.raises(BindingError, match="cockpit target new") as refused:
        meta.bind_target(connection, url, key)
    assert key not in str(refused.value)
    meta.put(connection, "bound.target", None)
    meta.bind_target(connection, url, key)


def test_a_slash_at_the_end_makes_no_other_target(connection: sqlite3.Connection) -> None:
    meta.bind_target(connection, URL, KEY)
    meta.bind_target(connection, f"{URL}/", KEY)


def test_a_keys_fingerprint_tells_keys_apart_and_reveals_none() -> None:
    one, other = meta.key_fingerprint(KEY), meta.key_fingerprint("sk_live_two")
    assert one != other
    assert len(one) == 8
    assert KEY not in one
