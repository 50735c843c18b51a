"""IdP metadata: what is taken from it, and what is refused before it can do harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.connections.metadata import MOST_BYTES, IdpMetadata, NotMetadata, parse
from cockpit.connections.model import Certificate, Saml
from tests.connections.idp import BILLION_LAUGHS, ENTITY, EXTERNAL, SSO, metadata
from tests.connections.keys import bare, certificate


def test_what_an_idp_says_of_itself() -> None:
    found = parse(metadata(wants="true", valid_until="2027-01-01T00:00:00Z"))
    assert (found.entity_id, found.sso_url, found.wants_signed_requests) == (ENTITY, SSO, True)
    assert found.name_id_formats == ("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",)
    assert found.valid_until == 1798761600000


def test_every_certificate_is_kept_with_its_use() -> None:
    old, new, other = (certificate(number=number) for number in (1, 2, 3))
    found = parse(metadata(keys=[("encryption", other), ("signing", old), (None, new)]))
    assert found.certificates == (
        Certificate(pem=bare(other), use="encryption"),
        Certificate(pem=bare(old), use="signing"),
        Certificate(pem=bare(new)),
    )


def test_the_record_wins_over_the_metadata_and_is_filled_from_it() -> None:
    filled = parse(metadata(wants="false")).filling(Saml(idp_entity_id="urn:theirs"))
    assert (filled.idp_entity_id, filled.idp_sso_url, filled.wants_signed_requests) == (
        "urn:theirs",
        SSO,
        False,
    )
    assert len(filled.certificates) == 1


def test_one_idp_among_service_providers_is_found() -> None:
    sp = '<md:EntityDescriptor entityID="sp"><md:SPSSODescriptor/></md:EntityDescriptor>'
    idp = metadata().partition("?>")[2]
    namespace = 'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
    both = f"<md:EntitiesDescriptor {namespace}>{sp}{idp}{sp}</md:EntitiesDescriptor>"
    assert parse(both).entity_id == ENTITY


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (BILLION_LAUGHS, "a DTD"),
        (EXTERNAL, "a DTD"),
        (metadata(head="<!DOCTYPE x>"), "a DTD"),
        ("<!DOCTYPE html><html><body>Sign in</body></html>", "an HTML page"),
        ("<html>", "an HTML page"),
        (" " * (MOST_BYTES + 1), "more than 1 MB"),
        ("", "empty"),
        ("{}", "not well-formed XML"),
        (metadata()[:300], "not well-formed XML"),
        ("<a/>", "no IdP in it"),
        ("<a>" * 100, "nested deeper"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "encoding"),
    ],
    ids=range(12),
)
def test_what_is_refused_and_why(document: str | bytes, why: str) -> None:
    with pytest.raises(NotMetadata, match=why):
        parse(document)


def test_two_idps_in_one_document_are_refused() -> None:
    one = metadata().partition("?>")[2]
    with pytest.raises(NotMetadata, match="2 IdPs"):
        parse(f"<all>{one}{one}</all>")


@given(
    st.binary(max_size=400)
    | st.text(max_size=200).map(lambda text: metadata(inside=text).encode(errors="replace"))
)
def test_any_bytes_are_metadata_or_refused(document: bytes) -> None:
    try:
        assert isinstance(parse(document), IdpMetadata)
    except NotMetadata as error:
        assert str(error)
