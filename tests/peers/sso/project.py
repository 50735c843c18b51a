"""A project that moves the logins of this stage with cockpit: its folder, its commands and its proxy."""

import csv
import json
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cockpit.rollout.route import Delivery
from cockpit.state.database import open_state, transaction
from cockpit.state.rollout import ROLLOUT, beside, routes
from cockpit.state.rollout.audit import Actor
from tests.cli.shell import Shell
from tests.peers.sso import names
from tests.peers.sso.stage import Stage
from tests.peers.sso.workos import CLIENT_ID, KEY

START_S = 20.0
_SETTINGS = """
[connections]
proxy_from = 1
allow_private = true
[proxy]
legacy_origin = "http://127.0.0.1:{legacy}"
hosts = ["{app}"]
starts = ["/login/{{connection}}"]
redirect_uri = "{redirect_uri}"
authorize_url = "https://{workos}/sso/authorize"
workos_hosts = ["{workos}"]
trusted = ["127.0.0.1"]
admin_listen = ""
"""


class Project:
    """cockpit in a folder of its own."""

    def __init__(self, folder: Path, stage: Stage) -> None:
        self._stage = stage
        self._shell = Shell(
            folder,
            WORKOS_BASE_URL=stage.workos.base_url,
            WORKOS_CLIENT_ID=CLIENT_ID,
            COCKPIT_COOKIE_KEY=secrets.token_hex(32),
            WORKOS_API_KEY="",
        )
        settings = _SETTINGS.format(
            legacy=stage.legacy, app=names.APP, workos=names.WORKOS, redirect_uri=names.REDIRECT_URI
        )
        (folder / "cockpit.toml").write_text(settings, encoding="utf-8")

    def set_up(self) -> None:
        """Read the customers' connections from the application's CSV, check them, and find them at WorkOS."""
        rows = [_saml(self._stage.certificate), _oidc(self._stage.secret)]
        with (self._shell.folder / "ours.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, [*{name: None for row in rows for name in row}], restval="")
            writer.writeheader()
            writer.writerows(rows)
        self.run("connections", "export", "--csv", "ours.csv")
        self.run("connections", "check", "--offline")
        self.run("connections", "create", key=KEY)

    def flip(self, tenant: str) -> None:
        """Logins of that connection to WorkOS; nobody else watches, so that nothing moves by itself."""
        self.run("rollout", "flip", tenant, "--override", "a rehearsal")

    def kill(self, tenant: str, *, hard: bool = False) -> None:
        """And back, at once."""
        self.run("rollout", "kill", tenant, "--reason", "a rehearsal", *(["--hard"] if hard else []))

    def release(self, tenant: str) -> None:
        """It may be flipped again."""
        self.run("rollout", "release", tenant, "--reason", "a rehearsal")

    def deliver_by(self, tenant: str, delivery: Delivery) -> None:
        """How the tenant's browsers are sent on to WorkOS."""
        rollout = open_state(beside(self._shell.state), kind=ROLLOUT)
        try:
            with transaction(rollout):
                routes.deliver_by(rollout, tenant, delivery, Actor("tester"), 1)
        finally:
            rollout.close()

    def watch(self) -> None:
        """Take in what WorkOS told so far."""
        self.run("rollout", "watch", "--once", key=KEY)

    def line(self, tenant: str) -> dict[str, Any]:
        """The connection on the board."""
        lines: list[dict[str, Any]] = json.loads(self.run("rollout", "board", "--json"))
        return next(line for line in lines if line["connection"] == tenant)

    def run(self, *args: str, key: str = "") -> str:
        """A command that must succeed; what it printed. `key`: WorkOS's API key, for those that need it."""
        done = self._shell.run(*args, WORKOS_API_KEY=key)
        assert done.returncode == 0, (args, done.returncode, done.stdout, done.stderr)
        return done.stdout

    @contextmanager
    def proxy(self) -> Iterator[None]:
        """`cockpit proxy serve` where nginx expects it, until the end of the block."""
        self._proxy = self._started()
        try:
            yield
        finally:
            self._end()

    def restart_proxy(self) -> None:
        """End the proxy as a service manager does, and start it again."""
        self._end()
        self._proxy = self._started()

    def _started(self) -> "subprocess.Popen[bytes]":
        ready, log = self._shell.folder / "ready", self._shell.folder / "proxy.log"
        ready.unlink(missing_ok=True)
        listen = f"127.0.0.1:{self._stage.proxy}"
        with log.open("ab") as output:
            process = subprocess.Popen(
                self._shell.command("proxy", "serve", "--listen", listen, "--ready-file", str(ready)),
                cwd=self._shell.folder,
                env=self._shell.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_S
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise RuntimeError(f"the proxy did not start: {log.read_text(encoding='utf-8')}")
            time.sleep(0.05)
        return process

    def _end(self) -> None:
        self._proxy.send_signal(signal.SIGTERM)
        self._proxy.wait(timeout=START_S)


def _saml(certificate: str) -> dict[str, str]:
    tenant = names.SAML_TENANT
    return _organization(tenant) | {
        "idpEntityId": names.SAML_ISSUER,
        "idpUrl": f"{names.SAML_ISSUER}/sso",
        "x509Cert": certificate,
        "customEntityId": names.ENTITY_ID,
        "customAcsUrl": names.ACS,
    }


def _oidc(secret: str) -> dict[str, str]:
    return _organization(names.OIDC_TENANT) | {
        "clientId": names.OIDC_TENANT,
        "clientSecret": secret,
        "discoveryEndpoint": f"{names.OIDC_ISSUER}/.well-known/openid-configuration",
        "customRedirectUri": names.CALLBACK,
    }


def _organization(tenant: str) -> dict[str, str]:
    same = dict.fromkeys(("externalId", "name", "organizationName", "organizationExternalId"), tenant)
    return same | {"domains": f"{tenant}.test"}
