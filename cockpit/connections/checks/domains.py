"""The domains by which users find a connection."""

from collections.abc import Iterable, Iterator
from functools import cache

import idna
from publicsuffixlist import PublicSuffixList

from cockpit.connections.rules import finding
from cockpit.rules.lint import Finding
from cockpit.rules.mask import printable
from cockpit.rules.tenancy import FREE_MAIL

_FIELD = "domains"


def check(domains: Iterable[str]) -> Iterator[Finding]:
    """Each by itself; of one rule, all domains are in one finding."""
    found: dict[str, list[str]] = {}
    some = False
    for domain in domains:
        some = True
        if (rule := _problem(domain)) is not None:
            found.setdefault(rule, []).append(printable(domain[:80]))
    if not some:
        yield finding("domain_missing", _FIELD, "the record names none")
    for rule, names in found.items():
        yield finding(rule, _FIELD, ", ".join(names))


def normal(domain: str) -> str | None:
    """A domain as the target keeps it: lower case, A-labels (IDNA 2008), None where it is none."""
    name = domain.strip().rstrip(".").lower()
    try:
        encoded = idna.encode(name, uts46=True).decode() if not name.isascii() else name
        idna.decode(encoded)
    except (idna.IDNAError, UnicodeError):
        return None
    labels = encoded.split(".")
    well = len(labels) > 1 and len(encoded) <= 253 and all(_label(label) for label in labels)
    return encoded if well and not labels[-1].isdigit() else None


def _label(label: str) -> bool:
    return 0 < len(label) <= 63 and label.replace("-", "a").isalnum() and "-" not in (label[0], label[-1])


def _problem(domain: str) -> str | None:
    name = normal(domain)
    if name is None:
        return "domain_syntax"
    if name in FREE_MAIL:
        return "domain_free_mail"
    return "domain_public_suffix" if _suffixes().privatesuffix(name) is None else None


def shared(domain: str) -> bool:
    """Whether no single customer can own it: free mail, a public suffix, or no domain at all."""
    return _problem(domain) is not None


@cache
def _suffixes() -> PublicSuffixList:
    """Mozilla's list, of which there is a copy in the package; it takes a moment to read."""
    return PublicSuffixList()
