"""How every server of ours is set: uvloop and httptools, no sockets, no lifespan, and nothing logged."""

from typing import Any

import uvicorn

from cockpit.serving.asgi import App


def config(app: App, **more: Any) -> uvicorn.Config:
    """uvicorn's settings; `more` are those that differ from port to port."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=10,
        **more,
    )
