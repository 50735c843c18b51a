"""Sign-ins by SAML: begun at /sso/authorize or at the IdP, ended at the connection's callback."""

import base64
from hashlib import sha256
from typing import Any

import pytest

from tests.sandbox.inside import BARE, Sandbox, inside
from tests.sandbox.workos.sso.saml_idp import ACS, AUDIENCE, KEY, SSO_URL, STRANGER, Response, asked
from tests.sandbox.workos.sso.signing_in import (
    REDIRECT,
    SAML,
    SSO_EVENTS,
    begin,
    browse,
    connection,
    post,
    query,
    story,
)
from tests.sandbox.workos.tenants import events


async def _begun(sandbox: Sandbox, row: dict[str, Any]) -> Response:
    """The good response to a sign-in that has just begun."""
    return Response(sandbox.clock.now(), asked(await begin(sandbox, row["id"]))["ID"])


def test_a_sign_in_from_begin_to_profile() -> None:
    async def test(sandbox: Sandbox) -> None:
        row = await connection(sandbox)
        location = await begin(sandbox, row["id"])
        assert location.startswith(f"{SSO_URL}?SAMLRequest=")
        request = asked(location)
        assert request["AssertionConsumerServiceURL"] == ACS
        assert (request["Issuer"], request["Destination"]) == (AUDIENCE, SSO_URL)
        response = Response(sandbox.clock.now(), request["ID"])
        said = query(await post(sandbox, row, response, request["RelayState"]))
        assert said["state"] == "s1"
        form = {"client_id": "client_sandbox", "client_secret": "sk_sandbox", "code": said["code"]}
        form["grant_type"] = "authorization_code"
        profile = (await browse(sandbox, "POST", "/sso/token", data=form)).body["profile"]
        assert (profile["email"], profile["idp_id"]) == ("ana@acme.example", "ana@acme.example")
        assert (profile["first_name"], profile["connection_id"]) == ("Ana", row["id"])
        again = await browse(sandbox, "POST", "/sso/token", data=form)
        assert (again.status, again.body["error"]) == (400, "invalid_grant")

        told = await events(sandbox, *SSO_EVENTS, "connection.activated")
        assert [one["event"].rpartition(".")[2] for one in told] == [
            *("sso_started", "sso_succeeded", "activated")
        ]
        sso = told[1]["data"]["sso"]
        assert sso == told[0]["data"]["sso"]
        assert sso["connection_id"] == row["id"]
        user = told[1]["data"]["user_id"]
        (session,) = (await sandbox.call("GET", f"/user_management/users/{user}/sessions")).body["data"]
        assert (session["id"], session["auth_method"]) == (sso["session_id"], "sso")
        assert (await sandbox.call("GET", f"/connections/{row['id']}")).body["state"] == "active"

    inside(BARE, test)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"acs": "https://elsewhere.example/acs"}, "saml_destination_mismatch"),
        ({"recipient": "https://elsewhere.example/acs"}, "saml_recipient_mismatch"),
        ({"audience": "https://elsewhere.example"}, "saml_audience_mismatch"),
        ({"issuer": "https://other-idp.example"}, "saml_issuer_mismatch"),
        ({"lifetime": -61.0}, "saml_assertion_expired"),
        ({"signed": ()}, "saml_signature_invalid"),
        ({"signed": ("Response",)}, "saml_signature_invalid"),
        ({"status": "urn:oasis:names:tc:SAML:2.0:status:Responder"}, "access_denied"),
        ({"email": "ana@gmail.com"}, "profile_not_allowed_outside_organization"),
    ],
)
def test_what_is_not_believed(changes: dict[str, Any], code: str) -> None:
    async def test(sandbox: Sandbox) -> None:
        row = await connection(sandbox)
        said = query(await post(sandbox, row, (await _begun(sandbox, row)).but(**changes)))
        assert (said["error"], said["state"]) == (code, "s1")
        assert await story(sandbox) == ["started", f"failed:{code}"]
        assert (await sandbox.call("GET", f"/connections/{row['id']}")).body["state"] == "validating"

    inside(BARE, test)


@pytest.mark.parametrize("signed", [("Assertion",), ("Assertion", "Response")])
def test_a_signed_assertion_is_enough_and_a_signed_response_is_verified_too(signed: tuple[str, ...]) -> None:
    async def test(sandbox: Sandbox) -> None:
        row = await connection(sandbox)
        good = (await _begun(sandbox, row)).but(signed=signed)
        assert "code" in query(await post(sandbox, row, good))

    inside(BARE, test)


def test_a_key_that_is_not_the_connections_and_a_changed_assertion_are_refused() -> None:
    async def test(sandbox: Sandbox) -> None:
        row = await connection(sandbox, saml_options=SAML | {"idp_signing_certs": [KEY.cert]})
        good = await _begun(sandbox, row)
        said = query(await post(sandbox, row, good.but(key=STRANGER)))
        assert said["error"] == "saml_signature_invalid"
        forged = (await _begun(sandbox, row)).xml().replace(b"ana@acme", b"bob@acme")
        form = {"SAMLResponse": base64.b64encode(forged).decode()}
        said = query(await browse(sandbox, "POST", row["callback_endpoint"], data=form))
        assert said["error"] == "saml_signature_invalid"

    inside(BARE, test)


def test_an_assertion_wrapped_around_the_signed_one_is_not_believed() -> None:
    async def test(sandbox: Sandbox) -> None:
        row = await connection(sandbox)
        good = await _begun(sandbox, row)
        text = good.xml().decode()
        begin_at, end_at = text.index("<a:Assertion"), text.index("</a:Assertion>") + len("</a:Assertion>")
        signed = text[begin_at:end_at]
        unsigned = good.but(signed=(), email="eve@acme.example", ident="_evil").xml().decode()
        evil = unsigned[unsigned.index("<a:Assertion") : unsigned.index("</a:Assertion>")]
        for inside_it in (f"{evil}{signed}</a:Assertion>", f"{evil}</a:Assertion>{signed}"):
            wrapped = text[:begin_at] + inside_it + text[end_at:]
            form = {"SAMLResponse": base64.b64encode(wrapped.encode()).decode()}
            answered = await browse(sandbox, "POST", row["callback_endpoint"], data=form)
            assert b"code=" not in answered.headers.get("Location", "").encode()
        assert "succeeded" not in await story(sandbox)

    inside(BARE, test)


@pytest.mark.parametrize("sent", [b"no xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", b"<x/>"])
def test_what_is_no_response_at_all(sent: bytes) -> None:
    async def test(sandbox: Sandbox) -> None:
        row = await connection(sandbox)
        form = {"SAMLResponse": base64.b64encode(sent).decode()}
        answered = await browse(sandbox, "POST", row["callback_endpoint"], data=form)
        assert answered.status == 400
        assert await story(sandbox) == ["failed:saml_response_malformed"]

    inside(BARE, test)


def test_a_response_serves_once_and_its_arrivals_are_in_the_ledger() -> None:
    async def test(sandbox: Sandbox) -> None:
        row = await connection(sandbox)
        good = await _begun(sandbox, row)
        await post(sandbox, row, good)
        again = await post(sandbox, row, good)
        assert again.status == 400
        assert await story(sandbox) == ["started", "succeeded", "failed:saml_assertion_replayed"]
        (first, second) = (await sandbox.call("GET", "/_sandbox/sso/arrivals", None)).body["arrivals"]
        assert first["sha256"] == second["sha256"] == sha256(good.xml()).hexdigest()

    inside(BARE, test)


def test_an_answer_to_somebody_elses_request_is_refused() -> None:
    async def test(sandbox: Sandbox) -> None:
        row = await connection(sandbox)
        answered = await post(sandbox, row, Response(sandbox.clock.now(), "_legacy1"))
        assert answered.status == 400
        assert await story(sandbox) == ["failed:saml_in_response_to_mismatch"]

    inside(BARE, test)


def test_a_sign_in_begins_at_the_idp_only_where_that_is_enabled() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.configure(redirect_uris=f"{REDIRECT} https://app.example/other")
        row = await connection(sandbox)
        refused = query(await post(sandbox, row, Response(sandbox.clock.now(), None)))
        assert refused["error"] == "idp_initiated_sso_disabled"
        assert refused["connection_id"] == row["id"]
        await sandbox.call("POST", f"/_sandbox/connections/{row['id']}", None, json={"idp_initiated": True})
        good = Response(sandbox.clock.now(), None, ident="_assertion2")
        said = query(await post(sandbox, row, good))
        assert said.keys() == {"code"}
        other = await post(
            sandbox, row, good.but(ident="_assertion3"), "redirect_uri=https%3A%2F%2Fapp.example%2Fother"
        )
        assert other.headers["Location"].startswith("https://app.example/other?code=")
        open_redirect = await post(
            sandbox, row, good.but(ident="_assertion4"), "redirect_uri=https%3A%2F%2Fevil.example"
        )
        assert query(open_redirect).keys() == {"code"}

    inside(BARE, test)


def test_who_takes_more_than_five_minutes_has_timed_out() -> None:
    async def test(sandbox: Sandbox) -> None:
        row = await connection(sandbox)
        request = asked(await begin(sandbox, row["id"]))
        sandbox.clock.advance(300)
        assert await story(sandbox) == ["started", "timed_out:sso_session_timed_out"]
        late = await post(sandbox, row, Response(sandbox.clock.now(), request["ID"]))
        assert late.status == 400
        assert (await story(sandbox))[2:] == ["failed:saml_in_response_to_mismatch"]

    inside(BARE, test)
