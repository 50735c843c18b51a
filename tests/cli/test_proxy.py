"""cockpit proxy serve's refusals, and what cockpit rollout says of routes to other hosts and edges."""

import json
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.proxy.running import Rollout, route

KEY = "k" * 40
SETTINGS = '[proxy]\nlegacy_origin = "http://127.0.0.1:9"\nhosts = ["login.acme.test"]\nadmin_listen = ""\n'


@pytest.mark.parametrize(
    ("settings", "environment", "why"),
    [
        ("", {}, "legacy_origin"),
        ('[proxy]\nlegacy_origin = "http://127.0.0.1:9"\nadmin_listen = ""\n', {}, "hosts"),
        (SETTINGS, {}, "COCKPIT_COOKIE_KEY is not set"),
        (SETTINGS, {"COCKPIT_COOKIE_KEY": "short"}, "fewer than 32"),
        (SETTINGS + 'cookie_key = "written"\n', {}, "not written in cockpit.toml"),
        (SETTINGS + 'starts = ["/login/{connection}"]\n', {"COCKPIT_COOKIE_KEY": KEY}, "redirect_uri"),
        (SETTINGS + 'callbacks = ["acs"]\n', {"COCKPIT_COOKIE_KEY": KEY}, "a path from /"),
        (SETTINGS + 'flags = "unleash:x"\n', {"COCKPIT_COOKIE_KEY": KEY}, "flagd:FILE"),
        (SETTINGS + 'tls_key = "key.pem"\n', {"COCKPIT_COOKIE_KEY": KEY}, "go together"),
    ],
)
def test_a_proxy_that_could_not_serve_says_why(
    tmp_path: Path, settings: str, environment: dict[str, str], why: str
) -> None:
    (tmp_path / "cockpit.toml").write_text(settings)
    shell = Shell(tmp_path, **environment)
    assert why in shell.refused("proxy", "serve", "--listen", "127.0.0.1:0", code=2)


def test_a_port_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cockpit.toml").write_text(SETTINGS)
    assert "HOST:PORT" in Shell(tmp_path, COCKPIT_COOKIE_KEY=KEY).refused(
        "proxy", "serve", "--listen", "8080", code=2
    )


def test_routes_are_exported_to_standard_output(tmp_path: Path) -> None:
    Rollout(tmp_path, [route("saml_1", 1)])
    found = json.loads(Shell(tmp_path).run("rollout", "export", "--format", "json").stdout)
    assert [(one["connection"], one["side"]) for one in found["routes"]] == [("saml_1", "legacy")]


def test_how_browsers_go_on_is_set_and_audited(tmp_path: Path) -> None:
    rollout = Rollout(tmp_path, [route("saml_1", 1)])
    shell = Shell(tmp_path)
    assert "saml_1: form" in shell.run("rollout", "deliver", "saml_1", "form").stdout
    assert rollout.rows("select delivery from routes") == [("form",)]
    assert rollout.rows("select action, before, after from audit") == [("route.delivery", "redirect", "form")]
    assert shell.run("rollout", "deliver", "nobody", "form").returncode != 0
