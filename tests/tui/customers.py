"""The SSO connections of the seeded states: read, checked, decided about, handed over in part."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import NamedTuple

from cockpit.clock import millis
from cockpit.connections.model import Certificate, Connection, Oidc, Saml
from cockpit.connections.rules import finding
from cockpit.connections.triage import triage
from cockpit.rules.lint import Finding
from cockpit.state import connection_decisions, connections, exports
from cockpit.state.connections import Checked, Handoff
from cockpit.state.database import transaction
from cockpit.terms import Page, RawItem
from tests.tui.tenants import COMPANIES

DAY = 86_400
PROVIDER_KEY = finding("signing_key_kept_back", "saml.signing", "the key of the tenant signs")
WHAT: dict[int, tuple[Finding, ...]] = {
    1: (finding("certificate_ends_soon", "saml.certificates.0", "2026-12-11"),),
    3: (PROVIDER_KEY, finding("idp_initiated", "saml.idp_initiated", "the source says so")),
    5: (finding("name_id_format", "saml.name_id_format", "persistent"),),
    6: (
        finding("certificate_expired", "saml.certificates.0", "2026-11-02"),
        finding("callback_of_provider", "saml.acs_url", "acme.eu.auth0.com"),
        finding("name_id_format", "saml.name_id_format", "persistent"),
        finding("domain_missing", "domains", ""),
        finding("custom_attributes", "attributes.custom", "team"),
    ),
    8: (finding("client_secret_missing", "oidc.client_secret", ""),),
    9: (finding("organizations_several", "organizations", "org_0009, org_0010"),),
    10: (PROVIDER_KEY,),
    14: (finding("binding_unsupported", "saml.bindings", "HTTP-Artifact"),),
    15: (finding("organization_has_another", "organizations", "con_0003"),),
}
"""What the check has to say, by number."""
IDPS = ("okta", "entra", "google", "ping", "onelogin")
DAYS = (412, 17, 231, 88, 640, 365, -21, 120, 0, 300)


class Handed(NamedTuple):
    """How far some of them are."""

    state: Handoff
    why: str | None = None
    at_workos: str | None = None


HANDED: dict[int, Handed] = {
    0: Handed("imported", None, "active"),
    2: Handed("imported", None, "validating"),
    4: Handed("written"),
    7: Handed("flagged", "idp_metadata_fetch_failed: WorkOS could not read the metadata"),
    11: Handed("sent"),
}


class Customers:
    """The connections of one seeded state. `ago` makes a time of seconds before now."""

    def __init__(self, db: sqlite3.Connection, ago: Callable[[float], int]) -> None:
        self._db, self._ago = db, ago

    def read(self, many: int) -> None:
        """So many, a page."""
        items = [RawItem(_source(number), json.dumps(_payload(number))) for number in range(many)]
        with transaction(self._db):
            export = exports.begin(self._db, self._ago(3_600), "connection")
            page = Page("", "", None, items, sum(len(item.body) for item in items), many)
            exports.commit_page(self._db, export.id, page, 100, self._ago(3_590))
            exports.complete(self._db, export.id, "complete", 0, self._ago(3_580))

    def check(self, *, well: bool) -> None:
        """All mapped; unless `well`, some can't move as they are."""
        raws = connections.raws(self._db)
        checked = [self._checked(raw.id, number, well) for number, raw in enumerate(raws)]
        with transaction(self._db):
            connections.save(self._db, checked, self._ago(3_500))

    def _checked(self, ident: int, number: int, well: bool) -> Checked:
        found: Sequence[Finding] = () if well else WHAT.get(number, ())
        until = self._ago(0) + millis(DAYS[number % len(DAYS)] * DAY) if number % 4 else None
        verdict, reasons = triage(found)
        return Checked(ident, _mapped(number), found, verdict, reasons, until)

    def hand_over(self, operator: str) -> None:
        """Some are further; somebody decided against the check for one, and invited another's customer."""
        with transaction(self._db):
            for ident, handed in ((number + 1, handed) for number, handed in HANDED.items()):
                if handed.at_workos:
                    connections.pair(self._db, ident, f"conn_01JD{ident:04}", handed.at_workos, None)
                connections.hand_over(self._db, ident, handed.state, self._ago(300), handed.why)
            connection_decisions.override(
                *(self._db, 16, "transparent", None, "both stay, agreed with them", operator, self._ago(400))
            )
            connections.invited(self._db, 11, "it@customer.example", self._ago(3_000))

    def arrive(self) -> None:
        """All are there and at work."""
        with transaction(self._db):
            for ident in connections.ids(self._db):
                connections.pair(self._db, ident, f"conn_01JD{ident:04}", "active", None)
                connections.hand_over(self._db, ident, "imported", self._ago(300))


def name(number: int) -> str:
    """What users' records call it."""
    slug = COMPANIES[number % 12].lower().replace(" ", "-")
    return f"{slug}-{IDPS[number % 5]}" + ("-2" if number >= 12 else "")


def _source(number: int) -> str:
    return f"con_{number:04}"


def _payload(number: int) -> dict[str, object]:
    return {
        "id": _source(number),
        "name": name(number),
        "strategy": "oidc" if number % 4 == 0 else "samlp",
        "options": {
            "client_secret": "not-to-be-seen",
            "signInEndpoint": f"https://idp{number}.example/sso",
            "protocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
        },
        "enabled_clients": ["JlN3p9xKq0"],
    }


def _mapped(number: int) -> Connection:
    slug = COMPANIES[number % 12].lower().replace(" ", "")
    oidc = Oidc(
        client_id=f"client-{number}",
        issuer=f"https://idp{number}.example",
        redirect_uri=f"https://login.acme.example/cb/{number}",
    )
    saml = Saml(
        idp_entity_id=f"https://idp{number}.example/entity",
        idp_sso_url=f"https://idp{number}.example/sso",
        certificates=(Certificate(pem="MIICmzCCAYMCBgF8v1"),),
        sp_entity_id="urn:auth0:acme",
        acs_url=f"https://login.acme.example/acs/{number}",
    )
    by_oidc = number % 4 == 0
    return Connection(
        provider="auth0",
        source_id=_source(number),
        name=name(number),
        protocol="oidc" if by_oidc else "saml",
        kind="oidc" if by_oidc else "samlp",
        organizations=("org_0009", "org_0010") if number == 9 else (f"org_{number % 12:04}",),
        domains=() if number == 6 else (f"{slug}.example", *([f"{slug}.test"] if number % 5 == 2 else [])),
        saml=None if by_oidc else saml,
        oidc=oidc if by_oidc else None,
        idp=IDPS[number % 5],
    )
