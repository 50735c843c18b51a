"""Exports: only what is at WorkOS, only where it may be sent, nothing that means something to the edge."""

import json

import pytest

from cockpit.rollout import export
from cockpit.rollout.export import Format
from cockpit.rollout.route import RouteTable
from tests.rollout.test_route import route

HOSTS = frozenset(("auth.workos.test",))
TABLE = RouteTable.of(
    3,
    [
        route("con_1", "workos"),
        route("con_2", "canary"),
        route("con_3", "held"),
        route("con_4", "workos", callback_endpoint="https://evil.test/acs"),
        route("con_5", "workos", callback_url='https://login.acme.test/a";return 200;/acs'),
        route("con_6", "workos", callback_endpoint="https://auth.workos.test/$host"),
    ],
)


def test_haproxys_map() -> None:
    assert export.write("haproxy-map", TABLE, HOSTS).splitlines() == [
        "# routes 3: Host and path, then the callback at WorkOS",
        "# left out: characters that a map can't hold",
        "login.acme.test/sso/con_1/acs https://auth.workos.test/sso/saml/acs/1",
        "login.acme.test/sso/con_2/acs https://auth.workos.test/sso/saml/acs/1",
        "# left out: evil.test is not among the hosts of WorkOS that are allowed",
        "# left out: characters that a map can't hold",
    ]


@pytest.mark.parametrize("form", ["haproxy-map", "nginx-map"])
def test_nothing_that_an_edge_would_take_for_its_own_language(form: Format) -> None:
    text = export.write(form, TABLE, HOSTS)
    assert not set("$;'\\{}") & set(text.replace(";\n", "\n").replace("$host$uri", "").replace("can't", ""))
    assert "return" not in text and "con_3" not in text


def test_flagds_flags() -> None:
    flag = json.loads(export.write("flagd", TABLE, HOSTS))["flags"]["workos"]
    assert flag["targeting"]["if"][0]["in"][1] == ["con_1", "con_2", "con_5", "con_6"]
    assert (flag["defaultVariant"], flag["variants"]) == ("legacy", {"workos": True, "legacy": False})


def test_plain_json_has_all_of_them() -> None:
    found = json.loads(export.write("json", TABLE, HOSTS))
    assert found["version"] == 3
    assert [one["side"] for one in found["routes"]] == [
        "workos",
        "workos",
        "legacy",
        "workos",
        "workos",
        "workos",
    ]
