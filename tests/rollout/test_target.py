"""Where a browser may be sent."""

import pytest

from cockpit.rollout import target

HOSTS = frozenset(("auth.workos.com", "127.0.0.1:9000"))


@pytest.mark.parametrize(
    "url",
    ["https://auth.workos.com/sso/saml/acs/1", "https://auth.workos.com/?a=b", "http://127.0.0.1:9000/acs"],
)
def test_a_target(url: str) -> None:
    assert target.refusal(url, HOSTS) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://auth.workos.com/acs",
        "https://auth.workos.com.evil.test/acs",
        "https://evil.test/acs",
        "https://auth.workos.com@evil.test/",
        "https://user:pw@auth.workos.com/",
        "https://evil.test\\@auth.workos.com/",
        "https://auth.workos.com/\r\nSet-Cookie: a=b",
        "https://auth.workos.com/ acs",
        "https://auth.workos.com:x/",
        "https://[auth/",
        "https://äuth.workos.com/",
        "//auth.workos.com/acs",
        "javascript:alert(1)",
        "",
        "http://127.0.0.1:9001/acs",
        "https://auth.workos.com/#a",
    ],
)
def test_no_target(url: str) -> None:
    assert target.refusal(url, HOSTS)
