"""Whatever comes in goes to a side or is one of the few refusals: never a fault, never another address."""

import base64
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.proxy import messages
from tests.proxy.conftest import World

FORM = "application/x-www-form-urlencoded"
SLOW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
XML = st.one_of(
    st.binary(max_size=300),
    st.builds(
        messages.response,
        st.text(alphabet="_ab1&<\"'", max_size=6),
        st.none() | st.text(alphabet="_ab1", max_size=6),
        st.none() | st.text(max_size=20),
        st.sampled_from(("", "<!DOCTYPE a>", "<saml:Issuer>x</saml:Issuer>", "\x00", "<b>")),
    ),
    st.sampled_from(
        (
            b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><r ID="1">&b;</r>',
            b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><r ID="1"/>',
            b'<?xml version="1.0" encoding="utf-16"?><r/>',
            b'<?xml version="1.0" encoding="nonsense"?><r/>',
            "<r ID='ü'/>".encode("utf-16"),
        )
    ),
)
FIELDS = st.dictionaries(
    st.sampled_from(("SAMLResponse", "RelayState", "code", "state", "error", "iss", "connection", "x")),
    st.one_of(
        XML.map(lambda xml: base64.b64encode(xml).decode()),
        st.text(max_size=40),
        st.just("https://evil.test/"),
    ),
    max_size=10,
)
BODIES = st.one_of(st.binary(max_size=400), FIELDS.map(lambda fields: urlencode(fields).encode()))
PATHS = st.sampled_from(
    (
        "/sso/saml_1/acs",
        "/sso/oidc_1/callback",
        "/shared/callback",
        "/sso/%2e%2e/acs",
        "/sso/nobody/acs",
        "/x",
    )
)
KINDS = st.sampled_from((FORM, f"{FORM}; charset=utf-8", "multipart/form-data; boundary=a", "text/xml", ""))
COOKIES = st.text(alphabet="__Host-cockpit-abf0123456789=.; lw", max_size=80)


@pytest.fixture(scope="module", autouse=True)
def at_workos(world: World) -> None:
    for ident in ("saml_1", "oidc_1"):
        world.rollout.move(ident, "workos")


@SLOW
@given(PATHS, BODIES, KINDS, COOKIES)
def test_any_post_ends_at_a_side(world: World, path: str, body: bytes, kind: str, cookie: str) -> None:
    answer = world.proxy.ask("POST", path, body, {"Content-Type": kind, "Cookie": cookie})
    allowed_target(world, answer.status, answer.headers["location"])


@SLOW
@given(PATHS, FIELDS, st.binary(max_size=20), COOKIES)
def test_any_query_ends_at_a_side(
    world: World, path: str, fields: dict[str, str], more: bytes, cookie: str
) -> None:
    query = urlencode(fields) + "&" + "".join(f"%{byte:02x}" for byte in more)
    answer = world.proxy.ask("GET", f"{path}?{query}", headers={"Cookie": cookie})
    allowed_target(world, answer.status, answer.headers["location"])


def test_no_fault_of_ours_was_met(world: World) -> None:
    """After the two above: they found no way into an exception that nobody expected."""
    assert "cockpit_proxy_faults_total{" not in world.proxy.metrics()


def allowed_target(world: World, status: int, location: str | None) -> None:
    """Legacy's own answer, or a redirect to exactly the stored target."""
    if location is not None:
        base = f"http://127.0.0.1:{world.sides.workos.port}/in/"
        assert status in (302, 307)
        assert location.partition("?")[0] in (f"{base}saml_1/acs", f"{base}oidc_1/callback")
    else:
        assert status in (200, 403), "what the stand-in of legacy says"
