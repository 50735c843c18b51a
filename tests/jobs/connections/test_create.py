"""Create, match and invite, against the sandbox's WorkOS."""

import asyncio
import csv
import json
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import SystemClock
from cockpit.jobs.connections import links
from cockpit.settings import load as load_settings
from cockpit.state import connection_decisions
from cockpit.state.database import open_state, transaction
from tests.jobs.connections.files import OFF, listed, load, oidc, saml
from tests.jobs.connections.living import certificate
from tests.jobs.remote import Remote
from tests.jobs.world import UNLIMITED, World


@pytest.fixture
def world(tmp_path: Path, target: Remote) -> World:
    return World(tmp_path, target.base_url, UNLIMITED + OFF)


def checked(world: World, *rows: dict[str, str]) -> None:
    load(world, *rows)
    world.run_here("check", offline=True)


def result(world: World, kind: Any, **args: Any) -> dict[str, Any]:
    job = world.run_here(kind, **args)
    assert job.result is not None
    return job.result


def at_target(target: Remote) -> dict[str, dict[str, Any]]:
    return {each["external_id"]: each for each in target.call("GET", "/connections?limit=100")["data"]}


def test_connections_are_created_with_organization_and_verified_domains(world: World, target: Remote) -> None:
    checked(world, saml(1, certificate()), oidc(2), saml(3, certificate(), nameIdFormat="transient"))
    assert result(world, "create")["exit"] == 0
    made = at_target(target)
    assert made.keys() == {"con_1", "con_2"}
    assert made["con_1"]["saml_options"]["acs_url"] == "https://sso.us.example/1/acs"
    assert made["con_1"]["attribute_maps"]["standard_attributes"]["email"] == "email"
    organization = target.call("GET", "/organizations/external_id/cust_1")
    assert [(each["domain"], each["state"]) for each in organization["domains"]] == [
        ("customer1.example", "verified")
    ]
    rows = listed(world)
    assert rows["con_1"].callback_endpoint == made["con_1"]["callback_endpoint"]
    assert (rows["con_1"].handoff, rows["con_1"].target_state) == ("imported", "validating")
    assert rows["con_3"].handoff is None


def test_an_organization_that_is_there_keeps_its_domains(world: World, target: Remote) -> None:
    body = {
        "name": "Customer 1",
        "external_id": "cust_1",
        "domain_data": [{"domain": "old.example", "state": "pending"}],
    }
    target.call("POST", "/organizations", body)
    checked(world, saml(1, certificate()))
    assert result(world, "create")["exit"] == 0
    organization = target.call("GET", "/organizations/external_id/cust_1")
    assert {each["domain"]: each["state"] for each in organization["domains"]} == {
        "old.example": "pending",
        "customer1.example": "verified",
    }


def test_the_same_again_makes_nothing_twice(world: World, target: Remote) -> None:
    checked(world, saml(1, certificate()), saml(2, certificate()))
    assert result(world, "create", connections=[1])["imported"] == 1
    connection = open_state(world.state)
    with transaction(connection):  # as if the process had died before it could note the answer
        connection.execute("update connections set handoff = null, target_id = null")
    connection.close()
    assert result(world, "create")["imported"] == 2
    assert at_target(target).keys() == {"con_1", "con_2"}


def test_lost_replies_are_asked_for_again(world: World, target: Remote) -> None:
    checked(world, *(saml(number, certificate()) for number in range(1, 7)))
    target.configure(faults="many")
    assert result(world, "create")["exit"] == 0
    target.configure(faults="none")
    assert len(at_target(target)) == 6


def test_a_refusal_is_kept_with_its_reason(world: World, target: Remote) -> None:
    checked(world, saml(1, certificate()), saml(2, certificate(), organizationExternalId="cust_1"))
    connection = open_state(world.state)
    with transaction(connection):
        for number in (1, 2):
            connection_decisions.override(connection, number, "transparent", None, "agreed", "tester", 1)
    connection.close()
    told = result(world, "create")
    assert (told["exit"], told["imported"], told["flagged"]) == (3, 1, 1)
    assert "connection_already_exists_for_organization" in (listed(world)["con_2"].handoff_why or "")


def test_without_the_api_everything_goes_into_the_csv(world: World, target: Remote, tmp_path: Path) -> None:
    checked(world, saml(1, certificate()), oidc(2))
    target.configure(connections_api=False)
    folder = tmp_path / "out"
    told = result(world, "create", folder=str(folder))
    assert told["exit"] == 3
    assert told["written"] == 2
    with (folder / "saml_connections.csv").open(newline="") as file:
        assert [row["externalId"] for row in csv.DictReader(file)] == ["con_1"]
    with (folder / "proxy_routes.csv").open(newline="") as file:
        assert [row["cutoverState"] for row in csv.DictReader(file)] == ["legacy", "legacy"]
    assert "hush-2" not in "".join(path.read_text() for path in folder.iterdir())


def test_the_plan_is_a_gate_that_only_warns_on_loopback(world: World, target: Remote) -> None:
    world.config.write_text(UNLIMITED + "[connections]\nallow_private = true\n")
    checked(world, saml(1, certificate()))
    assert result(world, "create")["exit"] == 0
    (notice,) = world.ask("select text from notices where level = 'warn'")
    assert "the Admin Portal" in notice


def test_the_plan_refuses_elsewhere(world: World) -> None:
    checked(world, saml(1, certificate()))
    world.config.write_text(
        UNLIMITED.replace("[target]\n", '[target]\nbase_url = "https://api.example"\n') + "[connections]\n"
    )
    del world.environment["WORKOS_BASE_URL"]
    told = result(world, "create")
    assert told["exit"] == 5
    assert "cockpit connections plan --choose transparent" in told["message"]


def test_match_pairs_by_external_id_and_by_organization(world: World, target: Remote) -> None:
    checked(world, saml(1, certificate()), saml(2, certificate(), customAcsUrl="https://a.us.auth0.com/acs"))
    result(world, "create")
    connection = open_state(world.state)
    with transaction(connection):
        connection.execute("update connections set target_id = null, handoff = null")
    connection.close()
    made = at_target(target)["con_1"]
    target.call("POST", f"/_sandbox/connections/{made['id']}", {"state": "active"})
    assert result(world, "match")["paired"] == 1
    row = listed(world)["con_1"]
    assert (row.target_id, row.target_state, row.handoff) == (made["id"], "active", "imported")


def test_match_reads_results(world: World, tmp_path: Path) -> None:
    checked(world, saml(1, certificate()), saml(2, certificate()))
    file = tmp_path / "results.csv"
    file.write_text(
        "externalId,workosConnectionId,state,callbackEndpoint,outcome,code,error\n"
        "con_1,conn_1,validating,https://auth.workos.com/1,created,,\n"
        "con_2,,,,failed,invalid_idp_sso_url,no\n"
        "con_9,conn_9,active,,created,,\n"
    )
    assert result(world, "match", results=str(file))["unknown"] == 1
    rows = listed(world)
    assert (rows["con_1"].handoff, rows["con_1"].callback_endpoint) == (
        "imported",
        "https://auth.workos.com/1",
    )
    assert (rows["con_2"].handoff, rows["con_2"].handoff_why) == ("flagged", "invalid_idp_sso_url: no")


def test_an_invitation_goes_out_once(world: World, target: Remote) -> None:
    checked(world, saml(1, certificate()))
    sent = [[1, "it@customer1.example"]]
    assert result(world, "invite", invitations=sent)["invited"] == 1
    assert result(world, "invite", invitations=sent)["before"] == 1
    refused = result(world, "invite", invitations=sent, again=True)
    assert (refused["exit"], refused["refused"]) == (3, 1)
    (row,) = listed(world).values()
    assert row.invited_at is not None
    organization = target.call("GET", "/organizations/external_id/cust_1")
    (contact,) = target.call("GET", f"/organizations/{organization['id']}/it_contacts")["data"]
    assert contact["email"] == "it@customer1.example"


def test_a_link_is_made_when_asked_for_and_stored_nowhere(
    world: World, target: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(world, saml(1, certificate()))
    result(world, "create")
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    settings, clock = load_settings(world.config, world.state), SystemClock()
    link = asyncio.run(links.make(world.state, settings, "con_1", operator="tester", clock=clock))
    assert link.url.startswith(target.base_url)
    assert 0 < link.expires_at - clock.now() <= 300
    assert link.url not in json.dumps(world.ask("select * from audit"))
    with pytest.raises(links.NoLink):
        asyncio.run(links.make(world.state, settings, "nope", operator="tester", clock=clock))
