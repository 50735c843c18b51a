"""How every server of ours is set: uvloop and httptools, no sockets, no lifespan, and nothing logged."""

from typing import Any

import uvicorn

from cockpit.serving.asgi import App, Reply
from cockpit.serving.protocol import KEEP_ALIVE_S, Handler, whole_requests


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


def handling(handler: Handler, **more: Any) -> uvicorn.Config:
    """The settings of a port whose requests are read whole and handed to this handler.

    uvicorn wants an application, too; the protocol names one for each request that needs it.
    """
    protocol = whole_requests(handler)
    return config(Reply(404).app, http=protocol, timeout_keep_alive=KEEP_ALIVE_S, **more)
