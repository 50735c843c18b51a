"""Markers: ours, in time, and of the login that is meant."""

from http.cookies import SimpleCookie

import pytest

from cockpit.proxy import cookies
from cockpit.proxy.cookies import Marker
from cockpit.rollout.route import SIDES, Side

OLD, NEW = b"o" * 32, b"n" * 32
BASE = cookies.name("con_1")
FLOW, OTHER = b"1" * 16, b"2" * 16


def sent(marker: Marker, side: Side, at: float = 1000.0, flow: bytes | None = None) -> dict[str, str]:
    """What the browser sends back."""
    (morsel,) = SimpleCookie(marker.header(BASE, side, at, flow)[1].decode()).values()
    header = f"a=b; {morsel.key}={morsel.value}; c".encode()
    return cookies.of_request(header)


@pytest.mark.parametrize("side", SIDES)
def test_a_marker_holds_for_its_time(side: Side) -> None:
    marker = Marker([NEW], 600)
    assert marker.side(BASE, sent(marker, side), (), 1599.0) == (side, 1600)
    assert marker.side(BASE, sent(marker, side), (), 1600.0) is None


def test_keys_rotate() -> None:
    before, during, after = Marker([OLD], 600), Marker([NEW, OLD], 600), Marker([NEW], 600)
    assert during.side(BASE, sent(before, "workos"), (), 1000.0)
    assert after.side(BASE, sent(during, "workos"), (), 1000.0)
    assert after.side(BASE, sent(before, "workos"), (), 1000.0) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        ".",
        "..",
        "9999999999..",
        "9999999999..AAAA",
        "9999999999999999..A",
        "²..A",
        "9999999999.ff.é",
        "x" * 5000,
    ],
)
def test_a_marker_of_another_hand_counts_for_nothing(value: str) -> None:
    assert Marker([NEW], 600).side(BASE, {f"{BASE}-w": value}, (), 1000.0) is None


def test_a_marker_of_one_side_or_connection_does_not_pass_for_another() -> None:
    marker = Marker([NEW], 600)
    (value,) = sent(marker, "legacy").values()
    assert marker.side(BASE, {f"{BASE}-w": value}, (), 1000.0) is None
    assert marker.side("__Host-cockpit-other", {"__Host-cockpit-other-l": value}, (), 1000.0) is None


def test_of_two_tabs_the_login_that_is_meant_decides() -> None:
    marker = Marker([NEW], 600)
    both = sent(marker, "workos", 1005.0) | sent(marker, "legacy", 1000.0, FLOW)
    assert marker.side(BASE, both, (FLOW,), 1010.0) == ("legacy", 1600)
    assert marker.side(BASE, both, (OTHER,), 1010.0) == ("workos", 1605)


def test_where_nothing_tells_the_later_one_decides() -> None:
    marker = Marker([NEW], 600)
    assert marker.side(BASE, sent(marker, "workos") | sent(marker, "legacy", 1005.0), (), 1010.0) == (
        "legacy",
        1605,
    )
    assert marker.side(BASE, sent(marker, "workos", 1005.0) | sent(marker, "legacy"), (), 1010.0) == (
        "workos",
        1605,
    )


def test_it_is_sent_on_a_cross_site_post_and_to_this_host_alone() -> None:
    header = Marker([NEW], 600).header(BASE, "workos", 0.0)[1].decode()
    assert header.startswith("__Host-") and "con_1" not in header
    assert {"Secure", "HttpOnly", "SameSite=None", "Path=/", "Max-Age=600"} <= set(header.split("; "))
