"""What the proxy saw of a connection's live answers, held against what can be moved. Pure."""

from collections.abc import Iterator, Mapping

from cockpit.connections.model import Saml
from cockpit.connections.rules import finding
from cockpit.rules.lint import Finding

Seen = Mapping[str, Mapping[str, int]]
"""How often each value of a trait was seen; traits and values as the proxy notes them."""


def check(saml: Saml, seen: Seen) -> Iterator[Finding]:
    """What shows only in traffic: the record need not know of it."""
    encrypted = seen.get("encrypted", {}).get("assertion", 0)
    if encrypted and not any(pair.complete for pair in saml.decryption):
        yield finding("encryption_seen", "traffic", _times(encrypted))
    signed = seen.get("signed", {})
    unsigned = signed.get("response", 0) + signed.get("none", 0)
    if unsigned and not (signed.get("assertion") or signed.get("both")):
        yield finding("assertion_unsigned", "traffic", _times(unsigned))
    parts = seen.get("encrypted_part", {})
    if parts.get("attribute"):
        yield finding("attributes_encrypted", "traffic", _times(parts["attribute"]))
    if parts.get("name_id") and saml.name_id_decryption_key is None:
        yield finding("name_id_encrypted", "traffic", _times(parts["name_id"]))
    for form, number in seen.get("name_id_format", {}).items():
        if form == "transient":
            yield finding("name_id_transient", "traffic", _times(number))
        elif form != "emailAddress" and not saml.name_id_format:
            yield finding("name_id_format", "traffic", f"{form}, {_times(number)}")
    begun = seen.get("begun_by", {})
    if begun.get("idp") and not saml.idp_initiated:
        share = begun["idp"] / sum(begun.values())
        yield finding("idp_initiated", "traffic", f"{share:.0%} of the logins that the proxy looked at")


def _times(number: int) -> str:
    return f"seen by the proxy {number:,} time{'s' if number != 1 else ''}"
