"""The proxy beside nginx as a plain reverse proxy, one worker each, in rounds; and a flip's delay."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.bench.edge import Edge, load, serving
from tests.bench.figures import Figure
from tests.proxy import messages
from tests.proxy.running import HOST, Rollout, RunningProxy, route
from tests.proxy.sides import Sides

ROUNDS = 5
BODIES = 200_000
FLIPS = 20
PADDING = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">' + "A" * 5000 + "</ds:Signature>"
OIDC = "/sso/oidc_1/callback?code=SplxlOBeZQQYbYS6WxSbIA&state=af0ifjsldkj"
SAML, LEGACY = "/sso/saml_1/acs", "/sso/saml_2/acs"

_POST = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Host"] = "{host}"
local heads = {{}}
for line in io.lines("{heads}") do heads[#heads + 1] = line end
local n = {first}
request = function()
    n = n + 1
    return wrk.format(nil, nil, nil, heads[n % #heads + 1] .. "{tail}")
end
"""


class Ratio(NamedTuple):
    """What is compared: how the proxy does it, how nginx does, and the least ratio."""

    name: str
    ours: Callable[[int], float]
    nginx: Callable[[int], float]
    least: float


def run() -> list[Figure]:
    """Of rates the best of the rounds, since neighbours only take away; of delays the median."""
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        edge = stack.enter_context(serving(folder))
        guarded, bare = (_proxy(stack, folder / kind, edge, kind) for kind in ("guarded", "bare"))
        posts = _posts(folder)
        ratios = [
            Ratio(
                "307 of an OIDC GET, no guard",
                lambda _: load(bare.port, OIDC).rate,
                lambda _: load(edge.plain, OIDC).rate,
                0.8,
            ),
            Ratio(
                "307 of a path-routed POST, no guard",
                lambda n: load(bare.port, SAML, script=posts(n)).rate,
                lambda n: load(edge.plain, SAML, script=posts(n)).rate,
                0.8,
            ),
            Ratio(
                "SAML POST, parsed and guarded",
                lambda n: load(guarded.port, SAML, script=posts(n)).rate,
                lambda n: load(edge.plain, SAML, script=posts(n)).rate,
                0.3,
            ),
            Ratio(
                "POST forwarded to legacy",
                lambda n: load(guarded.port, LEGACY, script=posts(n)).rate,
                lambda n: load(edge.plain, LEGACY, script=posts(n)).rate,
                0.15,
            ),
        ]
        # First: a flood leaves a log of megabytes, and whoever logs in while that is emptied waits for it.
        figures = [
            Figure("proxy: commit of a flip to the first request by it", _flips(folder, guarded), "ms", 50)
        ]
        for one in ratios:
            pairs = [(one.ours(number), one.nginx(number)) for number in range(ROUNDS)]
            ours, nginx = (max(rates) for rates in zip(*pairs, strict=True))
            ratio = ours / nginx
            figures.append(Figure(f"proxy: {one.name}, / nginx", ratio, "", one.least, at_least=True))
            figures.append(Figure(f"proxy: {one.name}", ours, "requests/s"))
        added = [
            load(bare.port, OIDC, connections=1).p50_ms - load(edge.legacy, OIDC, connections=1).p50_ms
            for _ in range(ROUNDS)
        ]
        figures.append(Figure("proxy: added p50 of a 307", median(added), "ms", 0.15))
        return figures


def _proxy(stack: ExitStack, folder: Path, edge: Edge, kind: str) -> RunningProxy:
    folder.mkdir()
    sides = Sides()
    sides.legacy.port = sides.workos.port = edge.legacy
    rollout = Rollout(folder, [route(ident, edge.legacy) for ident in ("saml_1", "saml_2", "oidc_1")])
    for ident in ("saml_1", "oidc_1"):
        rollout.move(ident, "workos")
    settings = "replay_guard = false" if kind == "bare" else ""
    return stack.enter_context(RunningProxy(folder, sides, settings=settings))


def _posts(folder: Path) -> Callable[[int], Path]:
    """Scripts of wrk that post responses of 7 KB: others in each round, so that none comes twice."""
    heads = folder / "heads"
    marker = "_r" + "0" * 20
    xml = messages.response(marker, "_q" + "0" * 20, inside=PADDING)
    begins = xml.index(b"<saml:Issuer>") // 3 * 3
    with heads.open("wb") as file:
        for number in range(BODIES):
            head = xml[:begins].replace(b"0" * 20, b"%020d" % number)
            file.write(messages.posted(head) + b"\n")
    tail = messages.posted(xml[begins:], "/home").decode().removeprefix("SAMLResponse=")

    def script(number: int) -> Path:
        made = folder / f"post{number}.lua"
        first = number * BODIES // ROUNDS
        made.write_text(_POST.format(heads=heads, tail=tail, first=first, host=HOST))
        return made

    return script


def _flips(folder: Path, proxy: RunningProxy) -> float:
    """The longest of some flips, in milliseconds, seen by requests that come one after the other."""
    rollout = Rollout(folder / "guarded")
    longest = 0.0
    for number in range(FLIPS):
        back = number % 2
        rollout.move("saml_2", "held" if back else "workos")
        committed = time.perf_counter()
        while True:
            body = messages.posted(messages.response(f"_flip{time.perf_counter_ns()}"))
            sent = time.perf_counter()
            workos = proxy.ask("POST", LEGACY, body).headers["location"] != "https://app.acme.test/"
            if workos != bool(back):
                break
        longest = max(longest, (sent - committed) * 1000)
    return longest
