"""The IdP's certificates: whether there is one that logins can be verified with, and for how long."""

from collections.abc import Iterator, Sequence

from cockpit.connections import x509
from cockpit.connections.checks.surroundings import Surroundings
from cockpit.connections.metadata import IdpMetadata
from cockpit.connections.model import PRIVATE_KEY, Certificate, Saml
from cockpit.connections.rules import finding
from cockpit.connections.x509 import Facts, NotACertificate
from cockpit.rules.lint import Finding
from cockpit.words import DAY_MS, days, ends

SOON_DAYS, PLAN_DAYS = 30, 90
FIELD = "certificates"


def signing(saml: Saml) -> list[Certificate]:
    """Those that may sign: all but the ones marked for encryption."""
    return [certificate for certificate in saml.certificates if certificate.use != "encryption"]


def in_force(saml: Saml, now: int) -> list[Facts]:
    """The signing certificates that can be read and are valid now, the longest first, none twice."""
    valid = {facts.fingerprint: facts for facts in _readable(signing(saml)) if _valid(facts, now)}
    return sorted(valid.values(), key=lambda facts: -facts.not_after)


def check(saml: Saml, metadata: IdpMetadata | None, around: Surroundings) -> Iterator[Finding]:
    """`metadata`: what the IdP says now, None where it was not read."""
    given = signing(saml)
    if not given:
        if not around.may_know_more(saml):
            yield finding("certificate_missing", FIELD, "neither the record nor its metadata has one")
        return
    for number, certificate in enumerate(given, start=1):
        try:
            x509.read(certificate.pem)
        except NotACertificate as error:
            rule = "private_key_pasted" if certificate.pem == PRIVATE_KEY else "certificate_unreadable"
            yield finding(rule, f"{FIELD} {number}", str(error))
    readable = _readable(given)
    yield from _validity(readable, around.now)
    yield from _strength(readable)
    if len({facts.fingerprint for facts in readable}) > 1:
        yield finding("certificates_several", FIELD, f"{len(readable)} certificates")
    if metadata is not None:
        theirs = {facts.fingerprint for facts in _readable(metadata.certificates)}
        if theirs and readable and theirs.isdisjoint(facts.fingerprint for facts in readable):
            yield finding("metadata_certificate_differs", FIELD, "none of the record's is in the metadata")


def _validity(readable: Sequence[Facts], now: int) -> Iterator[Finding]:
    valid = [facts for facts in readable if _valid(facts, now)]
    others = [facts for facts in readable if not _valid(facts, now)]
    if valid:
        until = max(facts.not_after for facts in valid)
        if (left := (until - now) // DAY_MS) < PLAN_DAYS:
            rule = "certificate_ends_soon" if left < SOON_DAYS else "certificate_ends"
            yield finding(rule, FIELD, ends(until, now))
        if others:
            yield finding("certificate_beside", FIELD, f"{len(others)} of {len(readable)}")
    elif expired := [facts.not_after for facts in others if facts.not_after < now]:
        yield finding("certificate_expired", FIELD, ends(max(expired), now))
    elif others:
        begins = min(facts.not_before for facts in others)
        yield finding("certificate_not_yet_valid", FIELD, f"begins in {days(begins - now)}")


def _strength(readable: Sequence[Facts]) -> Iterator[Finding]:
    if weak := [facts.key for facts in readable if facts.weak_key]:
        yield finding("certificate_weak_key", FIELD, ", ".join(dict.fromkeys(weak)))
    if weak := [facts.signature for facts in readable if facts.weak_signature]:
        yield finding("certificate_weak_signature", FIELD, ", ".join(dict.fromkeys(weak)))
    if any(facts.authority for facts in readable):
        yield finding("certificate_authority", FIELD, "basicConstraints CA:TRUE")


def _readable(certificates: Sequence[Certificate]) -> list[Facts]:
    found = []
    for certificate in certificates:
        try:
            found.append(x509.read(certificate.pem))
        except NotACertificate:
            continue
    return found


def _valid(facts: Facts, now: int) -> bool:
    return facts.not_before <= now < facts.not_after
