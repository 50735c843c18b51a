"""Everybody who takes part in a login, started with one call: IdPs, application, WorkOS, and their TLS."""

import json
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import httpx

from tests.peers import servers
from tests.peers.sso import authority, browser, cast, front, names
from tests.peers.sso.authority import Tls
from tests.peers.sso.browser import Person
from tests.peers.sso.workos import CLIENT_ID, KEY, Workos, workos

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
Way = Literal["legacy", "workos", "proxy", "lax"]
"""How a browser reaches the application: as it was; with callbacks sent on to WorkOS by nginx alone; by
cockpit's proxy; by a proxy whose cookies are Lax, which nginx makes of them."""
WAYS: tuple[Way, ...] = get_args(Way)


def missing() -> str | None:
    """Why this can't be started here; None when it can."""
    for name, program in (("nginx", front.program()), ("xmlsec1", shutil.which("xmlsec1"))):
        if program is None:
            return f"{name} is not installed"
    for path in (browser.CHROMIUM, browser.CHROMEDRIVER):
        if not path.exists():
            return f"{path} is not installed"
    return servers.missing()


@dataclass(frozen=True)
class Stage:
    """Everybody, listening. `ports` are nginx's, by the way to the application.

    `legacy` is where the application listens itself, `proxy` where nginx expects the proxy, without TLS.
    """

    folder: Path
    tls: Tls
    ports: dict[Way, int]
    workos: Workos
    ledger: Path
    legacy: int
    proxy: int
    certificate: str
    secret: str

    @contextmanager
    def browser(self, way: Way) -> Iterator[Person]:
        """A new browser that reaches the application that way."""
        folder = self.folder / f"chromium-{secrets.token_hex(4)}"
        with browser.browser(folder, self.ports[way], self.tls.pin) as person:
            yield person

    def seen_by_legacy(self) -> set[str]:
        """The hashes of all SAML responses and OIDC codes that reached the application's own handlers."""
        text = self.ledger.read_text(encoding="utf-8") if self.ledger.exists() else ""
        return {json.loads(line)["sha256"] for line in text.splitlines()}


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """All of them, until the end of the block."""
    saml_port, oidc_port, legacy_port, proxy_port, *fronts = servers.free_ports(8)
    ports: dict[Way, int] = dict(zip(WAYS, fronts, strict=True))
    tls, (key, cert) = authority.tls(folder, names.ALL), authority.signing_pair()
    secret, ledger = secrets.token_hex(16), folder / "legacy.jsonl"
    with ExitStack() as running:
        target = running.enter_context(workos(str(tls.authority), f"127.0.0.1:{ports['legacy']}"))
        target.connect(names.SAML_TENANT, cast.saml_connection(cert))
        target.connect(names.OIDC_TENANT, cast.oidc_connection(secret))
        start = _Starter(folder, running)
        idp = start.node("saml_idp", cast.saml_idp(key, cert), saml_port, "/")
        provider = cast.oidc_provider(secret, secrets.token_hex(16))
        start.node("oidc_provider", provider, oidc_port, "/.well-known/openid-configuration")
        exchange = {"token_url": f"{target.base_url}/sso/token", "client_id": CLIENT_ID, "api_key": KEY}
        application = cast.legacy(_metadata(idp), provider, tls, ports["legacy"], str(ledger), exchange)
        start.python("legacy", application, legacy_port)
        others = {
            names.WORKOS: int(target.base_url.rpartition(":")[2]),
            names.SAML_IDP: saml_port,
            names.OIDC_IDP: oidc_port,
        }
        straight = [
            front.redirected(address, target.connections[tenant].callback_endpoint)
            for address, tenant in ((names.ACS, names.SAML_TENANT), (names.CALLBACK, names.OIDC_TENANT))
        ]
        ways: dict[Way, list[str]] = {
            "legacy": [front.to(legacy_port)],
            "workos": [*straight, front.to(legacy_port)],
            "proxy": [front.to(proxy_port)],
            "lax": [front.to(proxy_port, "proxy_cookie_flags ~ samesite=lax;")],
        }
        applications = {ports[way]: locations for way, locations in ways.items()}
        running.enter_context(front.nginx(folder, front.configuration(folder, tls, applications, others)))
        yield Stage(folder, tls, ports, target, ledger, legacy_port, proxy_port, cert, secret)


@dataclass(frozen=True)
class _Starter:
    """Starts programs of this folder, each with its settings in a file of its name."""

    folder: Path
    running: ExitStack

    def node(self, name: str, settings: dict[str, Any], port: int, path: str) -> servers.Server:
        arguments = [str(HERE / f"{name}.mjs"), self._file(name, settings), str(port)]
        server = servers.node(arguments, self.folder, {}, f"127.0.0.1:{port}", path)
        return self.running.enter_context(server)

    def python(self, name: str, settings: dict[str, Any], port: int) -> servers.Server:
        command = [sys.executable, "-m", f"{__package__}.{name}", self._file(name, settings), str(port)]
        environment = {"PYTHONPATH": str(ROOT)}
        server = servers.served(command, self.folder, environment, f"127.0.0.1:{port}", "/")
        return self.running.enter_context(server)

    def _file(self, name: str, settings: dict[str, Any]) -> str:
        file = self.folder / f"{name}.json"
        file.write_text(json.dumps(settings), encoding="utf-8")
        return str(file)


def _metadata(idp: servers.Server) -> str:
    """What the IdP says of itself, under its public name."""
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": names.SAML_IDP}
    return httpx.get(f"{idp.base_url}/metadata", headers=forwarded, trust_env=False).text
