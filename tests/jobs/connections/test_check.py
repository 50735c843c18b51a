"""The check as a job: documents from loopback, hostile ones refused, verdicts and findings in the state."""

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import web

from cockpit.state import connections
from tests.connections import idp
from tests.connections.keys import private_pem
from tests.jobs.connections.files import OFF, listed, load, oidc, saml
from tests.jobs.connections.living import certificate
from tests.jobs.world import World
from tests.servers import serving

HOSTILE = {
    "/laughs": (idp.BILLION_LAUGHS.encode(), "it has a DTD"),
    "/external": (idp.EXTERNAL.encode(), "it has a DTD"),
    "/page": (b"<!doctype html><html></html>", "an HTML page"),
    "/large": (b"x" * 50_000_000, "more than 1 MB"),
}


async def answer(request: web.Request) -> web.StreamResponse:
    if request.path == "/metadata":
        return web.Response(body=idp.metadata(keys=[("signing", certificate())]))
    if request.path == "/inside":
        raise web.HTTPFound("https://169.254.169.254/latest/meta-data/")
    if request.path in HOSTILE:
        return web.Response(body=HOSTILE[request.path][0])
    base = str(request.url.origin())
    if request.path.endswith("openid-configuration"):
        endpoints = {
            name: f"{base}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        }
        return web.json_response({"issuer": base, "response_types_supported": ["code"], **endpoints})
    if request.path == "/jwks_uri":
        return web.json_response({"keys": [{"kty": "RSA"}]})
    return web.Response(status=404)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, "http://127.0.0.1:9", OFF)


def without_facts(number: int, url: str) -> dict[str, str]:
    blank = dict.fromkeys(("idpEntityId", "idpUrl", "x509Cert"), "")
    return saml(number, certificate(), **blank, idpMetadataUrl=url)


def test_documents_are_read_and_fill_what_is_missing(world: World) -> None:
    async def main() -> None:
        async with serving(answer) as base:
            client = oidc(2, discoveryEndpoint=f"{base}/.well-known/openid-configuration")
            load(world, without_facts(1, f"{base}/metadata"), client)
            job = await world.perform("check")
            assert job.result is not None
            assert (job.result["exit"], job.result["transparent"]) == (0, 2)

    asyncio.run(main())
    rows = listed(world)
    assert {row.verdict for row in rows.values()} == {"transparent"}
    assert rows["con_1"].certificate_until is not None
    assert rows["con_2"].certificate_until is None


@pytest.mark.parametrize("path", HOSTILE)
def test_a_hostile_document_is_refused_with_its_reason(world: World, path: str) -> None:
    async def main() -> None:
        async with serving(answer) as base:
            load(world, without_facts(1, base + path))
            await world.perform("check")

    asyncio.run(main())
    reading = world.read()
    found = {each.rule: each for each in connections.findings(reading, 1)}
    reading.close()
    assert HOSTILE[path][1] in found["metadata_unusable"].detail
    assert listed(world)["con_1"].verdict == "stop"


def test_nothing_is_fetched_from_loopback_unless_allowed(tmp_path: Path) -> None:
    world, asked = World(tmp_path, "http://127.0.0.1:9", "[connections]\nproxy_from = 1\n"), []

    async def note(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response()

    async def main() -> None:
        async with serving(note) as base:
            load(world, without_facts(1, base + "/metadata"), without_facts(2, base.replace("http", "https")))
            await world.perform("check")

    asyncio.run(main())
    assert not asked
    assert {row.verdict for row in listed(world).values()} == {"stop"}


def test_offline_asks_nobody(world: World) -> None:
    load(world, without_facts(1, "https://idp.example/metadata"))
    job = world.run_here("check", offline=True)
    assert job.result is not None
    assert job.result["exit"] == 0


def test_secrets_are_apart_and_a_pasted_key_is_not_kept(world: World) -> None:
    load(world, oidc(1), saml(2, certificate(), x509Cert=private_pem()))
    world.run_here("check", offline=True)
    assert listed(world)["con_2"].verdict == "stop"
    everything = json.dumps(world.ask("select record from connections"))
    everything += json.dumps(world.ask("select detail from connection_findings"))
    assert "hush-1" not in everything
    assert "PRIVATE KEY" not in everything
    assert world.ask("select secrets from connection_secrets") == ['{"oidc.client_secret": "hush-1"}']


def test_a_second_check_judges_anew_and_keeps_what_people_decided(world: World) -> None:
    load(
        world, saml(1, certificate(), nameIdFormat="persistent"), saml(2, certificate(), domains="gmail.com")
    )
    assert world.run_here("check", offline=True).result is not None
    assert {row.verdict for row in listed(world).values()} == {"review"}
    load(world, saml(1, certificate()))
    world.run_here("check", offline=True)
    rows = listed(world)
    assert (rows["con_1"].verdict, rows["con_2"].verdict) == ("transparent", "review")
    assert world.ask("select count(*) from connections") == [2]


def test_no_connections_is_said_with_what_to_do(world: World) -> None:
    job = world.run_here("check")
    assert job.result is not None
    assert job.result["exit"] == 1
    assert "connections export" in job.result["hint"]
