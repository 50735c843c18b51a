"""Routes for edges that decide themselves: maps of HAProxy and nginx, flags of flagd, plain JSON. Pure.

An edge that reads a map knows no logins under way: what began before a flip may end on the other side.
"""

import json
import re
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Literal, get_args
from urllib.parse import urlsplit

from cockpit.rollout import target
from cockpit.rollout.route import RouteTable

Format = Literal["haproxy-map", "nginx-map", "flagd", "json"]
FORMATS: tuple[Format, ...] = get_args(Format)
FLAG = "workos"
_PLAIN = re.compile(r"[A-Za-z0-9._~:/?&=%+@-]+")
"""What needs no quoting in any of the two maps, and means nothing to them."""


def write(form: Format, table: RouteTable, hosts: Container[str]) -> str:
    """The routes in a format; `hosts` are those of WorkOS that browsers may be sent to."""
    return _WRITERS[form](table, hosts)


def _at_workos(table: RouteTable, hosts: Container[str]) -> Iterator[tuple[str, str, str]]:
    """Address, target and what keeps a connection out, of those whose logins go to WorkOS."""
    for (host, path), route in sorted(table.by_address.items()):
        if route.side() != "workos" or route.callback_endpoint is None:
            continue
        refused = target.refusal(route.callback_endpoint, hosts)
        address, url = f"{host}{path}", route.callback_endpoint
        if not refused and not (_PLAIN.fullmatch(address) and _PLAIN.fullmatch(url)):
            refused = "characters that a map can't hold"
        yield address, url, refused or ""


def _haproxy(table: RouteTable, hosts: Container[str]) -> str:
    lines = [f"# routes {table.version}: Host and path, then the callback at WorkOS"]
    for address, url, refused in _at_workos(table, hosts):
        lines.append(f"{address} {url}" if not refused else f"# left out: {refused}")
    return "\n".join(lines) + "\n"


def _nginx(table: RouteTable, hosts: Container[str]) -> str:
    lines = [f"# routes {table.version}: $host$uri, then the callback at WorkOS"]
    for address, url, refused in _at_workos(table, hosts):
        host = urlsplit(f"//{address}").hostname or ""
        path = address[address.index("/") :]
        lines.append(f'"{host}{path}" "{url}";' if not refused else f"# left out: {refused}")
    return "\n".join(lines) + "\n"


def _flagd(table: RouteTable, hosts: Container[str]) -> str:
    enabled = sorted(
        route.connection
        for route in table.routes.values()
        if route.side() == "workos" and not target.refusal(route.callback_endpoint or "", hosts)
    )
    flag = {
        "state": "ENABLED",
        "variants": {"workos": True, "legacy": False},
        "defaultVariant": "legacy",
        "targeting": {"if": [{"in": [{"var": "targetingKey"}, enabled]}, "workos", "legacy"]},
    }
    schema = "https://flagd.dev/schema/v0/flags.json"
    return json.dumps({"$schema": schema, "flags": {FLAG: flag}}, indent=2) + "\n"


def _json(table: RouteTable, hosts: Container[str]) -> str:
    routes = [
        {**route.as_json(), "side": route.side()}
        for route in sorted(table.routes.values(), key=lambda route: route.connection)
    ]
    return json.dumps({"version": table.version, "routes": routes}, indent=2) + "\n"


_WRITERS: Mapping[Format, Callable[[RouteTable, Container[str]], str]] = {
    "haproxy-map": _haproxy,
    "nginx-map": _nginx,
    "flagd": _flagd,
    "json": _json,
}
