"""python -m cockpit.sandbox."""

import argparse
import sys
from pathlib import Path

from cockpit.sandbox import standins
from cockpit.sandbox.config import SandboxConfig, address
from cockpit.sandbox.server import run


def parser() -> argparse.ArgumentParser:
    """The command line; every default is that of SandboxConfig."""
    default = SandboxConfig()
    options = argparse.ArgumentParser(prog="cockpit sandbox serve", description=__doc__)
    options.add_argument("--port", type=int, default=default.port, help="0 takes a free one")
    options.add_argument("--source", choices=(*standins.names(), standins.NONE), default=default.source)
    options.add_argument("--users", type=int, default=default.users)
    options.add_argument("--organizations", type=int, default=None, help="default: one for 100 users")
    options.add_argument("--connections", type=int, default=default.connections, help="by SSO, at the source")
    options.add_argument("--seed", type=int, default=default.seed)
    options.add_argument("--faults", choices=("none", "some", "many"), default=default.faults)
    options.add_argument("--limits", choices=("published", "off"), default=default.limits)
    options.add_argument("--rate-window", choices=("fixed", "sliding"), default=default.rate_window)
    options.add_argument("--public-url", help="where browsers reach WorkOS, behind a TLS terminator")
    options.add_argument("--idp-address", type=address, metavar="IP:PORT", help="where all IdPs are reached")
    options.add_argument("--api-key", default=default.api_key)
    options.add_argument("--ready-file", type=Path, help="written when the port is open")
    options.add_argument("--exit-when-idle", type=float, metavar="SECONDS", help="end after that long unused")
    return options


if __name__ == "__main__":
    sys.exit(run(SandboxConfig(**vars(parser().parse_args()))))
