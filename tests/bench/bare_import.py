"""python -m tests.bench.bare_import URL BODIES [PATH]: the least an import must do, and nothing of cockpit.

50 workers send each line of the file to the path (of users), look at the status and take the id from the
reply.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from httpx_aiohttp import AiohttpTransport

WORKERS = 50
HEADERS = {
    "accept": "application/json",
    "authorization": "Bearer sk_sandbox",
    "content-type": "application/json",
    "user-agent": "bare",
}


async def work(client: httpx.AsyncClient, path: str, bodies: Iterator[str], made: list[str]) -> None:
    """Send until there is nothing left."""
    for body in bodies:
        response = await client.post(path, content=body)
        if response.status_code != 201:
            raise SystemExit(f"refused: {response.text}")
        made.append(json.loads(response.content)["id"])


async def main(base_url: str, file: Path, path: str = "/user_management/users") -> None:
    """Send everything; prints the seconds from the first request to the last reply."""
    bodies = iter(file.read_text(encoding="utf-8").splitlines())
    made: list[str] = []
    async with httpx.AsyncClient(
        base_url=base_url, headers=HEADERS, transport=AiohttpTransport(), timeout=30, trust_env=False
    ) as client:
        began = time.perf_counter()
        await asyncio.gather(*(work(client, path, bodies, made) for _ in range(WORKERS)))
        print(json.dumps({"seconds": time.perf_counter() - began, "users": len(made)}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]))
