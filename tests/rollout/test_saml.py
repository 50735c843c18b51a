"""Heads, traits and requests of SAML, read without trust."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.rollout import saml_head, saml_request, saml_traits
from cockpit.rollout.saml_head import Head, NoResponse
from cockpit.rollout.saml_traits import Traits
from tests.proxy import messages

SIGNATURE = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{}</ds:Signature>'


def field(xml: bytes) -> bytes:
    return messages.posted(xml).partition(b"=")[2]


def test_a_head_has_what_routing_needs() -> None:
    xml = messages.response("_r1", "_q1", " https://idp.test/1 ")
    assert saml_head.of_field(field(xml)) == Head("_r1", "_q1", "https://idp.test/1")


def test_an_idp_that_begins_and_one_that_is_not_named() -> None:
    assert saml_head.of_field(field(messages.response("_r1", None, None))) == Head("_r1", None, None)


def test_only_the_issuer_of_the_response_counts() -> None:
    xml = messages.response(
        "_r1", issuer=None, inside="<saml:Assertion><saml:Issuer>evil</saml:Issuer></saml:Assertion>"
    )
    assert saml_head.of_field(field(xml)).issuer is None


def test_a_long_head_is_read_on() -> None:
    issuer = "https://idp.test/" + "x" * 5000
    assert saml_head.of_field(field(messages.response("_r1", "_q1", issuer))).issuer == issuer


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"not xml",
        b"<a/>",
        b'<Response ID="1"/>',
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + messages.response("_r1"),
        messages.response("", "_q1"),
        b'<?xml version="1.0" encoding="nonsense"?>' + messages.response("_r1"),
    ],
)
def test_what_is_no_response(xml: bytes) -> None:
    with pytest.raises(NoResponse):
        saml_head.of_field(field(xml))


@given(st.binary(max_size=400))
def test_anything_is_a_response_or_refused(value: bytes) -> None:
    with suppress(NoResponse):
        saml_head.of_field(field(value))
    for read in (saml_head.of_field, saml_traits.of):
        try:
            read(value)
        except NoResponse:
            continue


def test_traits_without_content() -> None:
    xml = messages.response("_r1", inside=SIGNATURE.format("x"))
    assert saml_traits.of(xml) == Traits(response_signed=True, name_id_format="emailAddress")
    assert saml_traits.of(xml).signed == "response"


def test_a_signature_of_the_assertion_is_told_from_that_of_the_response() -> None:
    xml = messages.response("_r1").replace(
        b"<saml:Subject>", SIGNATURE.format("x").encode() + b"<saml:Subject>"
    )
    assert saml_traits.of(xml).signed == "assertion"


def test_encryption_shows() -> None:
    whole = messages.response("_r1", inside="<saml:EncryptedAssertion>x</saml:EncryptedAssertion>")
    found = saml_traits.of(whole.replace(b"saml:Assertion", b"saml:Other"))
    assert (found.encrypted, found.signed) == (True, "hidden")
    name = messages.response("_r1").replace(b"saml:NameID", b"saml:EncryptedID")
    assert saml_traits.of(name).encrypted_name_id
    attribute = messages.response("_r1").replace(
        b"<saml:Subject>", b"<saml:EncryptedAttribute/><saml:Subject>"
    )
    assert saml_traits.of(attribute).encrypted_attribute


def test_a_format_of_the_idps_own_words_is_not_kept() -> None:
    xml = messages.response("_r1").replace(messages.EMAIL.encode(), b"urn:x:ada@example.test")
    assert saml_traits.of(xml).name_id_format == "other"


def test_a_requests_id_is_read_from_a_redirect() -> None:
    assert saml_request.ident(messages.request("_q1").encode()) == "_q1"


@given(st.binary(max_size=300))
def test_anything_is_a_request_or_refused(value: bytes) -> None:
    try:
        saml_request.ident(value)
    except ValueError:
        return
