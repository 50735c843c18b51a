"""Path patterns."""

import pytest

from cockpit.rollout.paths import Patterns

PATTERNS = Patterns(("/sso/{connection}/acs", "/login/callback", "/a.b/{connection}"))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/sso/con_1/acs", "con_1"),
        ("/sso/a b/acs", "a b"),
        ("/sso//acs", None),
        ("/sso/a/b/acs", None),
        ("/sso/con_1/acs/", None),
        ("/login/callback", ""),
        ("/a.b/x", "x"),
        ("/aXb/x", None),
        ("/", None),
    ],
)
def test_a_path_names_a_connection_or_none_or_is_not_of_these(path: str, found: str | None) -> None:
    assert PATTERNS.match(path) == found


@pytest.mark.parametrize("pattern", ["sso", "/{connection}/{connection}", "/{tenant}/acs", ""])
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(ValueError, match="a path from /"):
        Patterns([pattern])
