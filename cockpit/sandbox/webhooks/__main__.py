"""python -m cockpit.sandbox.webhooks: a sender and a consumer of webhooks on loopback."""

import argparse
import asyncio

from cockpit.sandbox.webhooks.server import serve

if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="python -m cockpit.sandbox.webhooks", description=__doc__)
    options.add_argument("--port", type=int, default=0, help="0 takes a free one")
    asyncio.run(serve(options.parse_args().port, lambda line: print(line, flush=True)))
