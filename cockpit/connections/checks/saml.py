"""The SAML side: what can be moved of it, and whether it is whole."""

from collections.abc import Iterator

from cockpit.connections.checks import urls
from cockpit.connections.checks.surroundings import Surroundings
from cockpit.connections.metadata import BINDINGS
from cockpit.connections.model import KeyPair, Saml
from cockpit.connections.rules import finding
from cockpit.rules.lint import Finding
from cockpit.rules.mask import printable

ENTITY_ID_LENGTH = 1024
_EMAIL, _TRANSIENT = "emailAddress", "transient"


def check(saml: Saml, around: Surroundings) -> Iterator[Finding]:
    """Everything but certificates."""
    yield from _keys(saml)
    yield from _name_id(saml)
    if saml.bindings and not any(_last(binding) == "POST" for binding in saml.bindings):
        yield finding("binding_unsupported", "bindings", ", ".join(map(printable, saml.bindings)))
    if saml.idp_initiated:
        yield finding("idp_initiated", "idp_initiated", "in use at the source")
    if not saml.sp_entity_id:
        yield finding("sp_entity_id_missing", "sp_entity_id", "the record does not say")
    yield from urls.check_callback("acs_url", saml.acs_url, around)
    yield from _idp(saml, around)


def _keys(saml: Saml) -> Iterator[Finding]:
    complete = saml.signing is not None and saml.signing.complete
    if saml.signs_requests and not complete:
        rule = "signing_not_enforced" if saml.wants_signed_requests is False else "signing_key_kept_back"
        yield finding(rule, "signs_requests", _lacks(saml.signing))
    elif saml.wants_signed_requests and not saml.signs_requests:
        yield finding("signing_wanted", "wants_signed_requests", "WantAuthnRequestsSigned in its metadata")
    if (saml.encrypts_assertions or saml.decryption) and not any(pair.complete for pair in saml.decryption):
        lacks = _lacks(saml.decryption[0] if saml.decryption else None)
        yield finding("encryption_key_kept_back", "encrypts_assertions", lacks)
    if saml.name_id_decryption_key is not None:
        yield finding("name_id_encrypted", "name_id_decryption_key", "there is a key for them")


def _lacks(pair: KeyPair | None) -> str:
    if pair is None:
        return "the source shows no key of the connection's own"
    if pair.key is None:
        return "the source keeps the key back"
    return "there is a key, but no certificate with it"


def _name_id(saml: Saml) -> Iterator[Finding]:
    if not saml.name_id_format:
        return
    form = saml.name_id_format.rpartition(":")[2]
    if form.lower() == _TRANSIENT:
        yield finding("name_id_transient", "name_id_format", printable(saml.name_id_format))
    elif form.lower() != _EMAIL.lower():
        yield finding("name_id_format", "name_id_format", printable(saml.name_id_format))


def _idp(saml: Saml, around: Surroundings) -> Iterator[Finding]:
    unread = around.may_know_more(saml)
    if not saml.idp_entity_id:
        if not unread:
            yield finding("idp_entity_id_missing", "idp_entity_id", "the record does not say")
    elif len(saml.idp_entity_id) > ENTITY_ID_LENGTH:
        yield finding("idp_entity_id_long", "idp_entity_id", f"{len(saml.idp_entity_id)} characters")
    elif saml.idp_entity_id == saml.sp_entity_id:
        yield finding("idp_entity_id_is_ours", "idp_entity_id", printable(saml.idp_entity_id))
    if saml.idp_sso_url:
        yield from urls.check("idp_sso_url", saml.idp_sso_url, around)
    elif not unread:
        yield finding("sso_url_missing", "idp_sso_url", "the record does not say")
    if saml.metadata_url:
        yield from urls.check("metadata_url", saml.metadata_url, around)


def _last(binding: str) -> str:
    return binding.removeprefix(BINDINGS).rpartition("-")[2].upper()
