"""SSO connections: 500 checked without waiting for any network; hostile metadata refused."""

import asyncio
import tempfile
import time
from pathlib import Path

from cockpit.connections.metadata import NotMetadata, parse
from tests.bench.figures import Figure
from tests.connections import idp
from tests.connections.keys import private_pem
from tests.jobs.connections.files import load, oidc, saml
from tests.jobs.connections.living import certificate
from tests.jobs.world import World

CONNECTIONS = 500
CERTIFICATES = 50
"""Different ones; each connection has its own in reality, but an RSA key takes a while to make."""


def run() -> list[Figure]:
    """Both figures."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), "http://127.0.0.1:9")
        load(world, *(_row(number) for number in range(CONNECTIONS)))
        began = time.perf_counter()
        job = asyncio.run(world.perform("check", offline=True))
        took = time.perf_counter() - began
    assert job.result is not None
    assert sum(job.result[verdict] for verdict in ("transparent", "review", "portal", "stop")) == CONNECTIONS
    slowest = max(_refused(document) for document in (idp.BILLION_LAUGHS, idp.EXTERNAL, "x" * 50_000_000))
    return [
        Figure("500 connections checked", took, "s", 5.0),
        Figure("hostile metadata refused, the slowest", slowest, "s", 1.0),
    ]


def _row(number: int) -> dict[str, str]:
    """Every tenth is broken somehow, every fifth speaks OpenID Connect."""
    if number % 5 == 0:
        return oidc(number)
    row = saml(number, certificate(number=number % CERTIFICATES))
    return row | ({"x509Cert": private_pem()} if number % 10 == 1 else {})


def _refused(document: str) -> float:
    began = time.perf_counter()
    try:
        parse(document)
    except NotMetadata:
        return time.perf_counter() - began
    raise AssertionError("it was taken")
