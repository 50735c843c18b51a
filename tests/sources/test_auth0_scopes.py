"""Which scopes a token of Auth0 names."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.sources._auth0_scopes import ORGANIZATIONS, findings, granted


def token(**claims: object) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'RS256'})}.{part(claims)}.c2lnbmVk"


def levels(scopes: frozenset[str] | None, *, one_connection: bool = False) -> list[tuple[str, str]]:
    return [(found.level, found.what) for found in findings(scopes, one_connection=one_connection)]


def test_the_token_endpoint_is_believed_before_the_token() -> None:
    both = frozenset({"read:users", "create:users"})
    assert granted("read:users", token(scope="create:users")) == frozenset({"read:users"})
    assert granted(None, token(scope="create:users read:users")) == both
    assert granted("", None) == frozenset()


@pytest.mark.parametrize("text", [None, "", "opaque", "a.b", "a.@.c", token(), token(scope=1), "e30.W10.x"])
def test_a_token_that_tells_nothing_is_not_judged(text: str | None) -> None:
    assert granted(None, text) is None
    assert levels(None) == []


@given(st.text())
def test_no_token_is_a_crash(text: str) -> None:
    assert granted(None, text) is None or "." in text


def test_each_missing_scope_is_named() -> None:
    rest = frozenset(ORGANIZATIONS)
    assert levels(rest | {"read:users", "create:users"}) == [
        ("ok", "the token has every scope that an export needs")
    ]
    assert levels(rest | {"read:users"}) == [("warn", "the token has no create:users")]
    assert levels(rest | {"read:users"}, one_connection=True) == [("fail", "the token has no create:users")]
    assert levels(rest) == [
        ("fail", "the token has no read:users"),
        ("warn", "the token has no create:users"),
    ]


def test_scopes_of_organizations_are_named_together() -> None:
    scopes = frozenset({"read:users", "create:users", "read:organizations", "read:organization_members"})
    ((level, what),) = levels(scopes)
    assert level == "warn"
    assert what == (
        "the token has no read:organization_member_roles, read:organization_discovery_domains, read:roles"
    )
