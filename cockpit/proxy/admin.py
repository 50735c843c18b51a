"""The admin port: Prometheus's text and the proxy's health. On loopback unless told otherwise."""

import json
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from cockpit.proxy.counts import Counts
from cockpit.proxy.routes import Routes
from cockpit.serving.asgi import Receive, Reply, Scope, Send


class _Numbers(Collector):
    def __init__(self, counts: Counts, routes: Routes) -> None:
        self._counts = counts
        self._routes = routes

    def collect(self) -> Iterable[Metric]:
        return self._metrics()

    def describe(self) -> Iterable[Metric]:
        return ()

    def _metrics(self) -> Iterator[Metric]:
        logins = CounterMetricFamily(
            "cockpit_proxy_logins",
            "Starts, answers sent on, legacy's answers to them, repetitions and fallbacks.",
            labels=("connection", "side", "outcome"),
        )
        for (connection, side, outcome), number in [*self._counts.logins.items()]:
            logins.add_metric((connection, side, outcome), number)
        yield logins
        refused = CounterMetricFamily(
            "cockpit_proxy_refused", "Requests that reached neither side.", labels=("reason",)
        )
        for reason, number in [*self._counts.refused.items()]:
            refused.add_metric((reason,), number)
        yield refused
        faults = CounterMetricFamily(
            "cockpit_proxy_faults", "Faults of the proxy's own; each ended in legacy.", labels=("kind",)
        )
        for kind, number in [*self._counts.faults.items()]:
            faults.add_metric((kind,), number)
        yield faults
        table = self._routes.table
        yield GaugeMetricFamily("cockpit_proxy_routes_version", "The version applied.", table.version)
        yield GaugeMetricFamily(
            "cockpit_proxy_routes_fresh",
            "1 while news of the routes can be had.",
            int(self._routes.fault is None),
        )


class Admin:
    """GET /metrics and GET /healthz."""

    def __init__(self, name: str, counts: Counts, routes: Routes) -> None:
        self._name = name
        self._routes = routes
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Numbers(counts, routes))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. Health is 200 while logins are served, be it from the last good routes."""
        match scope["path"]:
            case "/metrics":
                text = generate_latest(self._registry)
                await Reply(200, ((b"content-type", CONTENT_TYPE_LATEST.encode()),), text).by(send)
            case "/healthz":
                await Reply(200, ((b"content-type", b"application/json"),), self._health()).by(send)
            case _:
                await Reply(404).by(send)

    def _health(self) -> bytes:
        routes = self._routes
        routes.refresh()
        said = {
            "status": "ok" if routes.fault is None else "degraded",
            "proxy": self._name,
            "version": routes.table.version,
            "connections": len(routes.table.routes.routes),
            "from_copy": routes.from_copy,
            "fault": routes.fault,
            "refused_targets": routes.table.refused,
        }
        return json.dumps(said).encode()
