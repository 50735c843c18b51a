"""The real process: what comes in at a callback goes to the side it belongs to, and nothing else happens."""

from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from cockpit.connections.board import Column
from cockpit.rollout import saml_request
from tests.proxy import messages
from tests.proxy.conftest import World
from tests.proxy.running import CONNECTIONS, HOST, Answer, route, wait_until

Fresh = Callable[[], str]


@pytest.fixture(autouse=True)
def all_at_legacy(world: World) -> Iterator[None]:
    yield
    for ident in CONNECTIONS:
        flip(world, ident, "legacy")
    world.sides.legacy.answer = None


def flip(world: World, ident: str, column: Column, *, hard: bool = False) -> None:
    """Flip it, and wait until the proxy says that it routes so."""
    world.proxy.apply(world.rollout.move(ident, column, hard=hard))


def post(world: World, ident: str, xml: bytes, relay: str | None = None, **headers: str) -> Answer:
    return world.proxy.ask("POST", f"/sso/{ident}/acs", messages.posted(xml, relay), headers)


def start(world: World, ident: str, cookies: str = "") -> tuple[str, str]:
    """Begin a login: the cookie that comes, and the request's ID or state."""
    sent = world.proxy.ask("GET", f"/sso/{ident}/login", headers={"Cookie": cookies} if cookies else {})
    assert sent.status == 302
    (morsel,) = SimpleCookie(sent.headers["set-cookie"]).values()
    where = sent.headers["location"]
    if "/sso/authorize" in where:
        where = world.sides.workos.begin(ident)
    query = parse_qs(urlsplit(where).query)
    asked = query["SAMLRequest"][0].encode() if "SAMLRequest" in query else b""
    return f"{morsel.key}={morsel.value}", saml_request.ident(asked) if asked else query["state"][0]


def test_a_connection_at_legacy_is_forwarded_as_it_came(world: World, fresh: Fresh) -> None:
    body = messages.posted(messages.response(fresh()), "/home?a=1&b=2")
    answer = world.proxy.ask("POST", "/sso/saml_1/acs?x=%2F%20y", body, {"X-Forwarded-For": "6.6.6.6"})
    assert (answer.status, answer.body) == (200, b"legacy: in")
    seen, came = world.sides.legacy.requests[-1], world.sides.legacy.bodies[-1]
    assert (seen.raw_path, came, seen.host) == ("/sso/saml_1/acs?x=%2F%20y", body, HOST)
    assert seen.headers["x-forwarded-for"] == "127.0.0.1"
    assert (seen.headers["x-forwarded-host"], seen.headers["x-forwarded-proto"]) == (HOST, "https")


def test_a_flip_sends_the_next_answer_to_workos_by_307(world: World, fresh: Fresh) -> None:
    flip(world, "saml_1", "canary")
    answer = post(world, "saml_1", messages.response(fresh()))
    assert answer.status == 307
    assert answer.headers["location"] == f"http://127.0.0.1:{world.sides.workos.port}/in/saml_1/acs"
    assert answer.headers["cache-control"] == "no-store"
    assert post(world, "saml_2", messages.response(fresh())).body == b"legacy: in"


def test_an_oidc_callback_keeps_its_query(world: World, fresh: Fresh) -> None:
    flip(world, "oidc_1", "workos")
    query = f"code=a%2Fb&state={fresh()}&iss=https%3A%2F%2Fidp.test"
    answer = world.proxy.ask("GET", f"/sso/oidc_1/callback?{query}")
    assert (answer.status, urlsplit(answer.headers["location"]).query) == (302, query)
    refused = world.proxy.ask("GET", f"/sso/oidc_1/callback?error=access_denied&state={fresh()}")
    assert refused.status == 302


def test_an_oidc_form_post_is_sent_on_too(world: World, fresh: Fresh) -> None:
    flip(world, "oidc_1", "workos")
    body = f"code=1&state={fresh()}".encode()
    assert world.proxy.ask("POST", "/sso/oidc_1/callback", body).status == 307


def test_a_shared_address_is_told_apart_by_the_issuer(world: World, fresh: Fresh) -> None:
    flip(world, "saml_2", "workos")
    xml = messages.response(fresh(), issuer="https://idp.test/saml_2")
    assert world.proxy.ask("POST", "/shared/callback", messages.posted(xml)).status == 307
    nobody = messages.response(fresh(), issuer="https://idp.test/nobody")
    assert world.proxy.ask("POST", "/shared/callback", messages.posted(nobody)).body == b"legacy"
    by_query = messages.posted(messages.response(fresh(), issuer=None))
    assert world.proxy.ask("POST", "/shared/callback?connection=saml_2", by_query).status == 307


@pytest.mark.parametrize("ident", ["saml_1", "oidc_1"])
def test_what_began_at_legacy_ends_there_after_a_flip(world: World, fresh: Fresh, ident: str) -> None:
    """By the request that legacy sent the browser on with: no cookie is needed."""
    _, asked = start(world, ident)
    flip(world, ident, "workos")
    if ident == "oidc_1":
        assert world.proxy.ask("GET", f"/sso/{ident}/callback?code=1&state={asked}").body == b"legacy: in"
    else:
        assert post(world, ident, messages.response(fresh(), asked)).body == b"legacy: in"


def test_what_began_before_its_connection_was_known_ends_at_legacy(world: World, fresh: Fresh) -> None:
    """Where the first command of a rollout is a flip, logins are under way that no route told of."""
    cookie, asked = start(world, "saml_9")
    world.rollout.describe([route("saml_9", world.sides.workos.port)])
    flip(world, "saml_9", "workos")
    assert post(world, "saml_9", messages.response(fresh(), asked)).body == b"legacy: in"
    by_cookie = post(world, "saml_9", messages.response(fresh(), "_lost"), Cookie=cookie)
    assert by_cookie.body.startswith(b"legacy")
    assert post(world, "saml_9", messages.response(fresh())).status == 307
    flip(world, "saml_9", "legacy")


@pytest.mark.parametrize("ident", ["saml_1", "oidc_1"])
def test_what_began_at_workos_ends_there_after_a_kill(world: World, fresh: Fresh, ident: str) -> None:
    flip(world, ident, "workos")
    cookie, asked = start(world, ident)
    flip(world, ident, "held")
    if ident == "oidc_1":
        path = f"/sso/{ident}/callback?code=1&state={asked}"
        assert world.proxy.ask("GET", path, headers={"Cookie": f"a=b; {cookie}"}).status == 302
    else:
        assert post(world, ident, messages.response(fresh(), asked), Cookie=cookie).status == 307
        assert post(world, ident, messages.response(fresh(), "_other")).body == b"legacy: not begun here"


def test_a_hard_kill_ends_them_in_legacy(world: World, fresh: Fresh) -> None:
    flip(world, "saml_1", "workos")
    cookie, asked = start(world, "saml_1")
    seen = messages.response(fresh(), asked)
    assert post(world, "saml_1", seen, Cookie=cookie).status == 307
    flip(world, "saml_1", "held", hard=True)
    assert post(world, "saml_1", messages.response(fresh(), "_next"), Cookie=cookie).status == 403
    assert post(world, "saml_1", seen, Cookie=cookie).status == 307, "it was at WorkOS: legacy never sees it"


def test_two_tabs_of_one_browser_end_each_where_it_began(world: World, fresh: Fresh) -> None:
    flip(world, "saml_1", "workos")
    first, one = start(world, "saml_1")
    flip(world, "saml_1", "legacy")
    second, two = start(world, "saml_1", first)
    both = f"{first}; {second}"
    assert post(world, "saml_1", messages.response(fresh(), one), Cookie=both).status == 307
    assert post(world, "saml_1", messages.response(fresh(), two), Cookie=both).body == b"legacy: in"


@pytest.mark.parametrize("before", ["legacy", "workos"])
def test_an_answer_that_comes_again_goes_where_it_was(world: World, fresh: Fresh, before: Column) -> None:
    flip(world, "saml_1", before)
    xml = messages.response(fresh())
    first = post(world, "saml_1", xml).status
    flip(world, "saml_1", "workos" if before == "legacy" else "legacy")
    assert post(world, "saml_1", xml).status == first
    assert post(world, "saml_1", messages.response(fresh())).status != first


def test_an_application_asks_and_its_login_ends_where_it_was_told(world: World, fresh: Fresh) -> None:
    asked = fresh()
    world.sides.legacy.begun.add(asked)
    told = world.proxy.decide("saml_1", f"?id={asked}&relay_state={fresh()}")
    assert (told["side"], told["known"], told["workos_connection"]) == ("legacy", True, "conn_saml_1")
    flip(world, "saml_1", "workos")
    assert post(world, "saml_1", messages.response(fresh(), asked)).body == b"legacy: in"
    assert world.proxy.decide("saml_1")["side"] == "workos"
    flip(world, "saml_1", "held")
    assert post(world, "saml_1", messages.response(fresh(), fresh())).status == 307, "it began at WorkOS"
    assert post(world, "saml_1", messages.response(fresh())).body == b"legacy: in", "the IdP began it"
    assert world.proxy.decide("nobody") == {
        "connection": "nobody",
        "side": "legacy",
        "known": False,
        "workos_connection": None,
        "version": world.rollout.rows("select n from route_version")[0][0],
    }


def test_a_start_carries_state_and_hints_to_workos(world: World) -> None:
    flip(world, "saml_1", "workos")
    sent = world.proxy.ask(
        "GET", "/sso/saml_1/login?state=mine&login_hint=a%40b.test&redirect_uri=https://evil"
    )
    assert parse_qs(urlsplit(sent.headers["location"]).query) == {
        "client_id": ["client_1"],
        "redirect_uri": ["https://app.acme.test/callback"],
        "response_type": ["code"],
        "connection": ["conn_saml_1"],
        "state": ["mine"],
        "login_hint": ["a@b.test"],
    }
    assert all(part in sent.headers["set-cookie"] for part in ("SameSite=None", "Secure", "HttpOnly"))


def test_a_form_posts_itself_where_redirects_are_forbidden(world: World, fresh: Fresh) -> None:
    connection = world.rollout.open()
    with connection:
        connection.execute("update routes set delivery = 'form' where connection = 'saml_2'")
    connection.close()
    flip(world, "saml_2", "workos")
    answer = post(world, "saml_2", messages.response(fresh()), '"><script>alert(1)</script>')
    policy = answer.headers["content-security-policy"]
    target = f"http://127.0.0.1:{world.sides.workos.port}/in/saml_2/acs"
    assert answer.status == 200
    assert "form-action http:;" in policy and "script-src 'nonce-" in policy
    assert f'action="{target}"'.encode() in answer.body
    assert b"<script>alert" not in answer.body and b"&lt;script&gt;alert(1)" in answer.body
    assert (answer.headers["referrer-policy"], answer.headers["cache-control"]) == ("no-referrer", "no-store")


def test_a_target_that_is_not_allowed_is_legacys(world: World, fresh: Fresh) -> None:
    connection = world.rollout.open()
    with connection:
        connection.execute(
            "update routes set callback_endpoint = 'https://evil.test/acs' where connection = 'saml_2'"
        )
    connection.close()
    flip(world, "saml_2", "workos")
    assert post(world, "saml_2", messages.response(fresh())).body == b"legacy: in"
    assert "evil.test" in world.proxy.health()["refused_targets"]["saml_2"]


def test_legacys_redirects_cookies_and_streams_reach_the_browser_unchanged(world: World) -> None:
    def answer(request: web.Request) -> web.Response:
        headers = [("Location", "https://app.acme.test/"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
        return web.Response(status=303, headers=headers, body=b"x" * 300_000)

    world.sides.legacy.answer = answer
    got = world.proxy.ask("GET", "/anything")
    assert (got.status, got.headers["location"], len(got.body)) == (303, "https://app.acme.test/", 300_000)
    assert got.headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert len(got.headers.get_all("date", [])) == 1


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, b"SAMLResponse=" + b"A" * (512 * 1024), 413),
        ({"X-Cockpit-Hop": "1"}, b"", 508),
        ({"Host": "evil.test"}, b"", 421),
        ({"Host": "login.acme.test@evil.test"}, b"", 421),
    ],
    ids=["too large", "a hop too many", "another host", "no host"],
)
def test_what_reaches_neither_side(world: World, headers: dict[str, str], body: bytes, status: int) -> None:
    before = len(world.sides.legacy.requests)
    assert world.proxy.ask("POST", "/sso/saml_1/acs", body, headers).status == status
    assert len(world.sides.legacy.requests) == before


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Content-Length: 5\r\nHost: other.test\r\n",
    ],
)
def test_smuggled_framing_is_refused(world: World, framing: bytes) -> None:
    before = len(world.sides.legacy.requests)
    head = b"POST /sso/saml_1/acs HTTP/1.1\r\nHost: login.acme.test\r\n"
    said = world.proxy.raw(head + framing + b"\r\n5\r\nhello\r\n0\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 400")
    assert len(world.sides.legacy.requests) == before


def test_refusals_and_logins_are_counted_without_content(world: World, fresh: Fresh) -> None:
    secret = fresh()
    post(world, "saml_1", messages.response(f"_secret{secret}"), f"relay{secret}")
    world.proxy.ask("GET", "/", headers={"Host": "evil.test"})
    metrics = world.proxy.metrics()
    assert 'cockpit_proxy_refused_total{reason="unknown_host"}' in metrics
    assert 'cockpit_proxy_logins_total{connection="saml_1",outcome="ok",side="legacy"}' in metrics
    assert secret not in metrics + world.proxy.log()


def test_counts_and_observations_reach_the_database(world: World, fresh: Fresh) -> None:
    post(world, "saml_1", messages.response(fresh(), "_nobody"))
    query = "select trait, value from observations where connection = 'saml_1'"
    traits = {
        ("binding", "post"), ("begun_by", "service"), ("encrypted", "no"), ("name_id_format", "emailAddress"),
        ("signed", "none"),
    }  # fmt: skip

    def seen() -> bool:
        post(world, "saml_1", messages.response(fresh(), "_nobody"))
        return traits <= set(world.rollout.rows(query))

    wait_until(seen)
    counted = world.rollout.rows("select sum(n) from traffic where connection = 'saml_1' and side = 'legacy'")
    assert counted[0][0] > 0


def test_a_flip_is_confirmed(world: World) -> None:
    version = world.rollout.move("saml_1", "workos")
    query = "select version from proxies where name = 'one'"
    wait_until(lambda: world.rollout.rows(query) == [(version,)])
