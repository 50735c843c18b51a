"""What every provider owes of its SSO connections, each against its stand-in: all, and what they are."""

import json
import os
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest
from cryptography import x509

from cockpit.connections import secrets
from cockpit.connections.model import PRIVATE_KEY, Connection, Saml
from cockpit.sandbox import standins
from cockpit.sandbox.clock import Clock
from cockpit.sandbox.config import SandboxConfig
from cockpit.sandbox.sso import CASES, Case
from cockpit.sandbox.sso import Connection as Made
from cockpit.sandbox.world import World
from cockpit.sources import base
from cockpit.sources.base import Raw, Source
from tests.sandbox.running import Running
from tests.sources.memos import settings_with
from tests.sources.sides import Side, everybody, read, records

USERS, ORGANIZATIONS, CONNECTIONS = 60, 40, 30
WITHOUT = {"stytch"}
"""A consumer project has none, though its provider's B2B projects have."""
PLAYED = [
    name
    for name in standins.names()
    if name not in WITHOUT and base.find(standins.provider(name)).connections is not None
]
NO_OTHERS = {"cognito", "clerk", "firebase", "descope", "supabase"}
"""They know SAML and OpenID Connect only, the last of them SAML only."""
NO_KEYS = {"clerk", "descope", "supabase"}
"""They tell nothing of keys and of who begins a sign-in; Clerk tells the latter."""


@pytest.fixture(scope="module", params=PLAYED)
def side(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    size = ("--users", str(USERS), "--organizations", str(ORGANIZATIONS), "--connections", str(CONNECTIONS))
    with Running("--source", request.param, *size, "--limits", "off") as running:
        yield Side(request.param, running.base_url, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def made(side: Side) -> dict[int, Made]:
    """What the stand-in can show, made once more from the same seed, by number."""
    config = SandboxConfig(
        source=side.name, users=USERS, organizations=ORGANIZATIONS, connections=CONNECTIONS
    )
    known = {"saml"} | (set() if side.name == "supabase" else {"oidc"})
    known |= set() if side.name in NO_OTHERS else {"wsfed"}
    return {one.number: one for one in World(config, Clock()).idps.all() if one.protocol in known}


def mapper(side: Side) -> Callable[[Raw], Connection]:
    found = base.find(side.provider).connections
    assert found is not None
    with mock.patch.dict(os.environ, side.environment):
        return found.map(settings_with(side.table))


def exported(side: Side) -> dict[str, Any]:
    """Every raw record by its id."""
    pages = side.within(everybody, "connection")
    return {ident: json.loads(body) for (ident, _), body in records(pages).items()}


@pytest.fixture(scope="module")
def found(side: Side, made: dict[int, Made]) -> dict[int, Connection]:
    """What became of each, by its number."""
    to_connection, raws = mapper(side), exported(side)
    by_number: dict[int, Connection] = {}
    for ident, raw in raws.items():
        connection = to_connection(raw)
        assert connection.source_id == ident
        assert connection.provider == side.provider
        (number,) = (n for n, one in made.items() if _is(connection, one))
        if connection.kind != "external" or number not in by_number:
            by_number[number] = connection
    return by_number


def _is(one: Connection, wanted: Made) -> bool:
    if one.oidc is not None:
        return one.oidc.client_id == wanted.client_id
    if one.saml is not None:
        return wanted.sso_url in (one.saml.idp_sso_url or one.saml.metadata_xml or "")
    return wanted.hex in one.source_id


def number_of(case: Case) -> int:
    return CASES.index(case)


def saml(found: dict[int, Connection], case: Case) -> Saml:
    side = found[number_of(case)].saml
    assert side is not None
    return side


def test_all_of_them_are_read(found: dict[int, Connection], made: dict[int, Made]) -> None:
    assert found.keys() == made.keys()
    assert len(found) >= CONNECTIONS - 8
    for number, one in made.items():
        assert found[number].protocol == (one.protocol if one.protocol != "wsfed" else "other")
        assert found[number].enabled


def test_domains_are_those_that_the_source_names(
    side: Side, found: dict[int, Connection], made: dict[int, Made]
) -> None:
    if side.provider == "firebase":
        assert not any(one.domains for one in found.values())
        return
    own = [number for number, one in made.items() if one.protocol != "wsfed"]
    if side.provider == "stytch":  # it has domains of organizations only
        own = [number for number in own if made[number].case not in (Case.FREE_MAIL_DOMAIN, Case.SAME_DOMAIN)]
        assert all(
            set(made[number].domains) <= set(found[number].domains or made[number].domains) for number in own
        )
    else:
        assert all(found[number].domains == made[number].domains for number in own)


def test_organizations_are_all_that_use_it(side: Side, found: dict[int, Connection]) -> None:
    numbers = {number: len(one.organizations) for number, one in found.items()}
    shared = number_of(Case.SHARED)
    match side.provider:
        case "auth0":
            assert numbers == {number: 2 if number == shared else 1 for number in found}
        case "clerk":  # which links one to a single organization
            assert numbers == {number: 0 if number == shared else 1 for number in found}
        case "stytch" | "descope":
            assert set(numbers.values()) == {1}
        case "firebase":
            assert numbers == {number: number % 2 for number in found}
        case _:
            assert set(numbers.values()) == {0}


def test_certificates_are_real_ones_and_a_pasted_key_is_not_kept(
    side: Side, found: dict[int, Connection], made: dict[int, Made]
) -> None:
    if side.provider in ("cognito", "supabase"):  # they are in the metadata
        assert all(
            one.saml is None or one.saml.metadata_xml or one.saml.metadata_url for one in found.values()
        )
        return
    for number, one in made.items():
        if one.protocol != "saml" or one.case in (Case.PRIVATE_KEY_PASTED, Case.NOT_A_CERTIFICATE):
            continue
        connection = found[number].saml
        assert connection is not None
        certificates = [_certificate(each.pem) for each in connection.certificates]
        assert certificates[0] == x509.load_pem_x509_certificate(one.certificates[0].encode())
    pasted = saml(found, Case.PRIVATE_KEY_PASTED)
    assert [each.pem for each in pasted.certificates] == [PRIVATE_KEY]


def _certificate(pem: str) -> x509.Certificate:
    whole = (
        pem if pem.startswith("-----") else f"-----BEGIN CERTIFICATE-----\n{pem}\n-----END CERTIFICATE-----"
    )
    return x509.load_pem_x509_certificate(whole.encode())


def test_who_signs_requests_and_with_which_key(side: Side, found: dict[int, Connection]) -> None:
    shared, own = saml(found, Case.SIGNED_BY_SHARED_KEY), saml(found, Case.SIGNED_BY_OWN_KEY)
    plain = saml(found, Case.CLEAN_SAML)
    if side.provider in NO_KEYS:
        assert (shared.signs_requests, own.signs_requests, plain.signs_requests) == (None, None, None)
        return
    assert (shared.signs_requests, own.signs_requests, plain.signs_requests) == (True, True, False)
    assert shared.signing is None or not shared.signing.complete
    assert bool(own.signing and own.signing.complete) == (side.provider == "auth0")


def test_who_decrypts_assertions_and_with_which_key(side: Side, found: dict[int, Connection]) -> None:
    own, half = saml(found, Case.ENCRYPTED_FOR_OWN_KEY), saml(found, Case.KEY_WITHOUT_CERTIFICATE)
    assert saml(found, Case.CLEAN_SAML).encrypts_assertions in (None, False)
    if side.provider in {*NO_KEYS, "firebase"}:
        assert (own.encrypts_assertions, own.decryption) == (None, ())
        return
    assert own.encrypts_assertions and half.encrypts_assertions
    assert any(pair.complete for pair in own.decryption) == (side.provider == "auth0")
    assert not any(pair.complete for pair in half.decryption)
    if side.provider in ("auth0", "cognito"):
        assert saml(found, Case.ENCRYPTED_FOR_SHARED_KEY).encrypts_assertions


def test_name_ids_and_who_begins(side: Side, found: dict[int, Connection]) -> None:
    if side.provider in ("auth0", "stytch", "supabase"):
        assert (saml(found, Case.TRANSIENT_NAME_ID).name_id_format or "").endswith(":transient")
        assert (saml(found, Case.PERSISTENT_NAME_ID).name_id_format or "").endswith(":persistent")
    if side.provider in ("auth0", "cognito", "clerk", "stytch"):
        begun = saml(found, Case.IDP_INITIATED).idp_initiated, saml(found, Case.CLEAN_SAML).idp_initiated
        assert begun == (True, False)


def test_secrets_are_there_and_in_nothing_that_may_be_shown(
    side: Side, found: dict[int, Connection], made: dict[int, Made]
) -> None:
    for number, one in made.items():
        connection = found[number]
        public, hidden = secrets.split(connection)
        text = json.dumps(public) + repr(connection)
        assert "PRIVATE KEY" not in text
        assert one.client_secret is None or one.client_secret not in text
        if connection.oidc is not None and side.provider not in ("clerk", "descope"):
            assert hidden.get("oidc.client_secret") == one.client_secret
    if side.provider == "auth0":
        own = secrets.split(found[number_of(Case.SIGNED_BY_OWN_KEY)])[1]
        assert "PRIVATE KEY" in own["saml.signing.key"]


def test_oidc_says_where_the_provider_is_discovered(side: Side, found: dict[int, Connection]) -> None:
    if side.provider == "supabase":
        return
    plain, none = found[number_of(Case.CLEAN_OIDC)].oidc, found[number_of(Case.NO_DISCOVERY)].oidc
    assert plain is not None and none is not None
    assert plain.discovery_endpoint or plain.issuer
    if side.provider not in ("cognito", "firebase"):  # which have an issuer always
        assert not none.discovery_endpoint and not none.issuer


def test_callbacks_are_what_idps_know_today(side: Side, found: dict[int, Connection]) -> None:
    sides = [one.saml for one in found.values() if one.saml]
    assert all(
        one.sp_entity_id and (one.acs_url or "").startswith(("https://", "http://127.")) for one in sides
    )
    oidc = [one.oidc for one in found.values() if one.oidc]
    if side.provider in ("auth0", "cognito", "stytch"):
        assert all((one.redirect_uri or "").startswith("https://") for one in oidc)


def test_from_any_cursor_the_rest_follows(side: Side) -> None:
    async def work(source: Source) -> None:
        for chain in await source.chains():
            pages = await read(source, chain)
            assert pages[-1].next_cursor is None
            for place, page in enumerate(pages[:-1]):
                assert page.next_cursor is not None
                rest = await read(source, chain, page.next_cursor)
                assert records(rest).keys() | records(pages[: place + 1]).keys() == records(pages).keys()

    side.within(work, "connection")


def test_the_count_agrees_where_there_is_one(side: Side) -> None:
    async def work(source: Source) -> tuple[int, int | None]:
        return len(records(await everybody(source))), await source.count()

    read_, counted = side.within(work, "connection")
    assert counted in (None, read_)
