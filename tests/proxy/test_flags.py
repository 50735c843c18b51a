"""Another flag system decides: flagd's own provider, reading a file that cockpit wrote."""

import itertools
from pathlib import Path

import pytest

from cockpit.proxy import flags
from cockpit.proxy.flags import FlagsError
from cockpit.rollout import export
from cockpit.rollout.route import RouteTable
from tests.proxy import messages
from tests.proxy.running import Rollout, RunningProxy, route, wait_until
from tests.proxy.sides import Sides


def test_flagd_decides_for_what_is_mapped(tmp_path: Path) -> None:
    pytest.importorskip("openfeature.contrib.provider.flagd", reason="the extra openfeature is not installed")
    file = tmp_path / "flags.json"
    with Sides() as sides:
        numbers = itertools.count(1)
        hosts = frozenset((f"127.0.0.1:{sides.workos.port}",))
        mapped = route("saml_1", sides.workos.port, column="legacy")
        Rollout(tmp_path, [mapped, route("saml_2", sides.workos.port, target_id=None)])

        def enable(*idents: str) -> None:
            routes = [route(ident, sides.workos.port, column="workos") for ident in idents]
            file.write_text(export.write("flagd", RouteTable.of(1, routes), hosts))

        def status(proxy: RunningProxy, ident: str = "saml_1") -> int:
            body = messages.posted(messages.response(f"_{next(numbers)}"))
            return proxy.ask("POST", f"/sso/{ident}/acs", body).status

        enable()
        with RunningProxy(tmp_path, sides, settings=f'flags = "flagd:{file}"') as proxy:
            assert status(proxy) == 200
            enable("saml_1", "saml_2")
            wait_until(lambda: status(proxy) == 307)
            assert status(proxy, "saml_2") == 200, "a flag is not enough"
            enable()
            wait_until(lambda: status(proxy) == 200)


@pytest.mark.parametrize(
    "written", ["flagd:", "unleash:x", "python:nowhere:f", "python:os:nothing", "python:x"]
)
def test_what_is_no_provider(written: str) -> None:
    with pytest.raises(FlagsError, match="flags ="):
        flags.provider(written)
