"""A route's side, and the ways to find a route."""

import pytest

from cockpit.connections.board import COLUMNS, Column
from cockpit.rollout.route import Route, RouteTable


def route(ident: str = "con_1", column: Column = "workos", **changed: str | None) -> Route:
    known = {
        "target_id": "conn_1",
        "callback_endpoint": "https://auth.workos.test/sso/saml/acs/1",
        "callback_url": f"https://login.acme.test/sso/{ident}/acs",
        "issuer": f"https://idp.test/{ident}",
    }
    return Route(ident, "saml", column, **{**known, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize("column", COLUMNS)
def test_only_what_is_in_the_map_and_enabled_goes_to_workos(column: Column) -> None:
    enabled = column in ("canary", "workos")
    assert route(column=column).side() == ("workos" if enabled else "legacy")
    assert route(column=column, target_id=None).side() == "legacy"
    assert route(column=column, callback_endpoint=None).side() == "legacy"


def test_another_flag_system_decides_instead_of_ours_but_not_instead_of_the_map() -> None:
    assert route(column="legacy").side(True) == "workos"
    assert route(column="workos").side(False) == "legacy"
    assert route(target_id=None).side(True) == "legacy"


def test_a_route_is_found_by_its_address_and_by_its_issuer() -> None:
    one, two = route("con_1"), route("con_2")
    table = RouteTable.of(7, [one, two])
    assert table.at("LOGIN.acme.test", "/sso/con_2/acs") == two
    assert table.at("login.acme.test", "/sso/con_3/acs") is None
    assert table.of_issuer("https://idp.test/con_1") == one
    assert table.get("con_2") == two


def test_an_address_or_issuer_that_several_share_tells_nothing() -> None:
    shared = [
        route(f"con_{n}", callback_url="https://login.acme.test/callback", issuer="https://idp.test")
        for n in range(3)
    ]
    table = RouteTable.of(1, shared)
    assert table.at("login.acme.test", "/callback") is None
    assert table.of_issuer("https://idp.test") is None


def test_a_route_survives_publication_and_a_newer_publishers_fields() -> None:
    one = route(delivery="form")
    assert Route.from_json({**one.as_json(), "colour": "green"}) == one
