"""The sandbox's 24 connections of Auth0: read, sorted as this table says, and created at its WorkOS."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.connections.rules import VERDICTS, Verdict
from cockpit.state import connections
from tests.jobs.connections.files import listed
from tests.jobs.remote import Remote
from tests.jobs.world import UNLIMITED, World
from tests.sandbox.running import Running
from tests.sources.sides import Side

BY_HAND: dict[int, tuple[Verdict, str]] = {
    0: ("transparent", "SAML, nothing remarkable"),
    1: ("review", "number 23 has its domain too"),
    2: ("transparent", "two certificates, one of them the next"),
    3: ("transparent", "OIDC, nothing remarkable"),
    4: ("transparent", "OIDC, nothing remarkable"),
    5: ("portal", "requests signed by the tenant's key"),
    6: ("transparent", "requests signed by its own key, which is there"),
    7: ("portal", "assertions encrypted for the tenant's key"),
    8: ("transparent", "assertions encrypted for its own key, which is there"),
    9: ("portal", "the key that decrypts is there, its certificate is not"),
    10: ("stop", "transient NameID"),
    11: ("review", "persistent NameID"),
    12: ("stop", "expired certificate"),
    13: ("transparent", "a certificate that ends within a month"),
    14: ("stop", "a private key in the certificate's place"),
    15: ("review", "two organizations use it"),
    16: ("stop", "WS-Federation"),
    17: ("transparent", "IdP-initiated, to be enabled first"),
    18: ("stop", "no client secret"),
    19: ("portal", "no discovery document"),
    20: ("stop", "the IdP's address is http"),
    21: ("review", "a free-mail domain"),
    22: ("transparent", "the entity id of another connection's IdP"),
    23: ("review", "the domain of number 1"),
}
"""By the rules, whatever the check does: the verdict and why."""


@pytest.fixture(scope="module")
def side(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    size = ("--users", "60", "--organizations", "40", "--connections", "24")
    with Running("--source", "auth0", *size, "--limits", "off") as running:
        yield Side("auth0", running.base_url, tmp_path_factory.mktemp("auth0"))


def exported(side: Side, folder: Path) -> World:
    """A folder with the connections in its state, checked without a network."""
    world = side.world(folder)
    world.config.write_text(UNLIMITED + world.config.read_text().replace(UNLIMITED, ""))
    for kind in ("organization", "connection"):
        assert world.run_here("export", source="auth0", kinds=[kind]).state == "done"
    world.run_here("check", offline=True)
    return world


def number(source_id: str) -> int:
    return int(source_id[-8:], 16)


def test_they_are_sorted_as_the_table_says(side: Side, tmp_path: Path) -> None:
    world = exported(side, tmp_path)
    found: dict[Verdict, set[int]] = {verdict: set() for verdict in VERDICTS}
    for row in listed(world).values():
        assert row.verdict is not None
        found[row.verdict].add(number(row.source_id))
    for verdict in VERDICTS:
        assert found[verdict] == {n for n, (expected, _) in BY_HAND.items() if expected == verdict}, verdict
    assert world.ask("select count(*) from errors") == [0]


def test_those_that_move_are_made_with_all_that_they_need(side: Side, tmp_path: Path) -> None:
    world, target = exported(side, tmp_path), Remote(side.base_url)
    job = world.run_here("create")
    assert job.result is not None
    assert (job.result["exit"], job.result["imported"]) == (0, 9)
    made = {each["external_id"]: each for each in target.call("GET", "/connections?limit=100")["data"]}
    reading = world.read()
    for row in connections.rows(reading, connections.ids(reading, verdict="transparent")):
        theirs = made[row.source_id]
        assert row.callback_endpoint == theirs["callback_endpoint"]
        organization = target.call("GET", f"/organizations/{theirs['organization_id']}")
        verified = {each["domain"] for each in organization["domains"] if each["state"] == "verified"}
        assert set(row.domains.split(";")) <= verified
    reading.close()
