"""The whole sequence of webhooks by the command line, with a proof that ends on the way."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cockpit.sandbox.config import SandboxConfig
from cockpit.state.database import open_readonly
from cockpit.webhooks.signatures import Verifier
from tests.cli.shell import Shell, against
from tests.jobs.remote import Remote
from tests.sandbox.running import Running
from tests.webhooks.holding import Holding, post

WRITE_TOKEN, SECRET = SandboxConfig().auth0_write_token, "whsec_of_workos"
SSO = "authentication.sso_started,authentication.sso_succeeded"
LOGS = "/auth0/api/v2/log-streams"


class Migration:
    """Auth0 and WorkOS, and a folder whose settings a test changes on the way."""

    def __init__(self, folder: Path, base_url: str) -> None:
        self.remote = Remote(base_url)
        self.shell = against(folder, base_url, "auth0", 20)
        self._settings = (folder / "cockpit.toml").read_text()
        self._webhooks: dict[str, object] = {"settle_min": 0, "quiet_min": 0, "bake_days": 0}
        self.set()

    def set(self, **settings: object) -> None:
        """Settings of [webhooks]."""
        self._webhooks |= settings
        lines = [f"{name} = {json.dumps(value)}" for name, value in self._webhooks.items()]
        text = "\n".join([self._settings, "[webhooks]", *lines, ""])
        (self.shell.folder / "cockpit.toml").write_text(text)

    def next(self, step: str, code: int = 0, **environment: str) -> str:
        """The next step, which is this one, ends with that code; what it says."""
        done = self.shell.run("webhooks", "next", **environment)
        assert done.returncode == code, (done.stdout, done.stderr)
        assert done.stdout.startswith(f"{step} {'proven' if code == 0 else 'not proven yet'}: "), done.stdout
        return done.stdout

    def states(self) -> dict[str, str]:
        return {row["step"]: row["state"] for row in self.shell.json("webhooks", "status")["steps"]}

    def step(self) -> Any:
        return self.shell.json("status")["webhooks"]["step"]

    def sign_in(self) -> None:
        """Somebody signs in through a connection of WorkOS."""
        (connection, *_) = self.remote.call("GET", "/connections?limit=1")["data"] or [self._connect()]
        body = {"connection_id": connection["id"], "outcomes": ["started", "succeeded"]}
        self.remote.call("POST", "/_sandbox/sso", body)

    def _connect(self) -> Any:
        owner = self.remote.call("POST", "/organizations", {"name": "Acme"})["id"]
        options = {"discovery_endpoint": "https://idp.example/", "client_id": "a", "client_secret": "b"}
        return self.remote.call("POST", "/connections", {"organization_id": owner, "oidc_options": options})

    def log_streams(self, method: str = "GET", path: str = "", body: Any = None) -> Any:
        """Auth0's log streams, as its dashboard would show and change them."""
        from urllib.request import Request, urlopen

        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {WRITE_TOKEN}"}
        with urlopen(Request(f"{self.remote.base_url}{LOGS}{path}", data, headers, method=method)) as reply:
            return json.loads(reply.read() or b"null")


@pytest.fixture
def migration(tmp_path: Path) -> Iterator[Migration]:
    options = ("--users", "20", "--connections", "2", "--limits", "off")
    with Running("--source", "auth0", *options) as running:
        yield Migration(tmp_path, running.base_url)


def deliver(migration: Migration, url: str) -> None:
    """WorkOS sends its last two events to an endpoint, signed."""
    verifier = Verifier.of("workos", [SECRET])
    for event in migration.remote.call("GET", f"/events?limit=100&events={SSO}")["data"][-2:]:
        body = json.dumps(event).encode()
        assert post(url, body, verifier.sign(event["id"], body, time.time())) == 200


def test_from_the_baseline_until_the_old_provider_stays_off(migration: Migration, tmp_path: Path) -> None:
    shell, remote = migration.shell, migration.remote
    remote.configure(job_seconds=0)
    assert shell.run("users", "export", "--source", "auth0").returncode in (0, 3)
    hooks = "/webhook_endpoints"
    remote.call("POST", hooks, {"endpoint_url": "https://app.example/hooks", "events": ["user.created"]})
    assert migration.step() == "baseline"
    assert "1 endpoint at WorkOS, 1 on; 2 streams at the provider, 2 on" in migration.next("baseline")

    # The old provider: without the other credential nothing is switched, and a proof that ends is none.
    assert "AUTH0_WRITE_TOKEN" in migration.next("legacy_off", 3, AUTH0_WRITE_TOKEN="")
    assert migration.log_streams()[0]["status"] == "active"
    migration.set(legacy_off_h=0)
    migration.next("legacy_off")
    assert migration.log_streams()[0]["status"] == "paused"
    assert (migration.step(), migration.states()["legacy_off"]) == ("legacy_off", "expired")
    said = shell.refused("webhooks", "next", "import", code=5)
    assert "import waits for legacy_off and workos_off and quiet" in said
    assert "waits for" in shell.refused("webhooks", "attest", "quiet", "--reason", "frozen", code=5)
    migration.set(legacy_off_h=24)
    migration.next("legacy_off", AUTH0_WRITE_TOKEN="")  # they are off: nothing to switch

    assert "1 endpoint, none of them on" in migration.next("workos_off")
    assert [row["status"] for row in remote.call("GET", hooks)["data"]] == ["disabled"]
    assert remote.call("GET", "/organizations")["data"] == []

    # The source: a change between two looks begins the observation anew.
    migration.next("quiet", 3)
    remote.call("POST", "/_sandbox/source/sign-up")
    assert "it changed: 20 users" in migration.next("quiet", 3)
    assert "21 users" in migration.next("quiet")

    migration.next("import", 3)
    done = shell.run("users", "sync", "--source", "auth0")
    assert done.returncode == 0, done.stderr
    assert "21 users are there" in migration.next("import")

    migration.next("cutover", 3)
    migration.sign_in()
    shell.run("events")
    migration.next("cutover")

    tank = Holding(tmp_path, "workos", "auth0", WORKOS_WEBHOOK_SECRET=SECRET, AUTH0_WEBHOOK_SECRET="hush")
    with tank:
        migration.set(tank_url=f"http://127.0.0.1:{tank.port}")
        assert "make an endpoint" in migration.next("event_flow", 3)
        body = {"endpoint_url": tank.urls["workos"], "events": SSO.split(",")}
        remote.call("POST", hooks, body)
        assert "nothing came both ways yet" in migration.next("event_flow", 3)
        assert migration.states()["workos_off"] == "passed"
        migration.sign_in()
        shell.run("events")
        deliver(migration, tank.urls["workos"])
        assert shell.json("webhooks", "flow")["matched"] == 2
        assert "still off: " in migration.next("event_flow")

        # The backlog: a paused log stream queues, and is resumed only once it goes to the tank.
        assert "queue at the provider" in migration.next("backlog", 3)
        reason = "drain it into the tank, then discard it"
        assert shell.run("webhooks", "attest", "backlog", "--reason", reason).returncode == 0
        assert reason in migration.next("backlog")
        assert "startFrom" in migration.next("drained", 3)
        (stream,) = migration.log_streams()
        one = f"/{stream['id']}"
        migration.log_streams("PATCH", one, {"sink": {"httpEndpoint": tank.urls["auth0"]}})
        assert "AUTH0_WRITE_TOKEN" in migration.next("drained", 3, AUTH0_WRITE_TOKEN="")
        assert "flows to the tank" in migration.next("drained", 3)
        assert migration.log_streams()[0]["status"] == "active"
        migration.next("drained")

        assert "still on: log stream" in migration.next("legacy_stays_off", 3)
        migration.log_streams("DELETE", one)
        migration.next("legacy_stays_off")
    assert migration.step() == "done"
    assert set(migration.states().values()) == {"proven", "passed"}
    told = shell.json("status")["webhooks"]
    assert told == {"step": "done", "held": 2, "drained": 0, "discarded": 0, "dead": 0}
    _nothing_secret_is_kept(shell)


def _nothing_secret_is_kept(shell: Shell) -> None:
    connection = open_readonly(shell.state)
    kept = [
        json.dumps(connection.execute(f"select * from {table}").fetchall())
        for table in ("webhook_steps", "audit", "jobs", "notices")
    ]
    connection.close()
    assert not any(secret in text for text in kept for secret in ("whsec_", WRITE_TOKEN, "of-the-consumer"))


def test_what_a_person_says_needs_a_reason(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    assert "no state" in shell.refused("webhooks", "status", code=1)
    assert "--reason" in shell.refused("webhooks", "attest", "baseline", code=2)
    assert "say what was done" in shell.refused("webhooks", "attest", "baseline", "--reason", " ", code=2)
    shell.refused("--read-only", "webhooks", "attest", "baseline", "--reason", "x", code=2)
    shell.refused("webhooks", "next", "nothing", code=2)
