"""Auth0's log streams and event streams: read with the source's credentials, switched with another token.

GET /log-streams, GET /event-streams (checkpoint); PATCH {"status"} of one (auth0-python 6.8). A paused log
stream queues, and delivers all of it on resume (documentation: check-log-stream-health).
"""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any
from urllib.parse import quote, urlsplit

from cockpit.clock import Clock
from cockpit.rules.mask import printable
from cockpit.settings import Settings, SettingsError
from cockpit.sources import _mapping
from cockpit.sources._api import Api, Bearer, refused
from cockpit.sources._auth0_api import read_settings, tenant
from cockpit.sources._auth0_tenancy import TAKE, checkpoints
from cockpit.sources.base import SourceError, Stream, Webhooks
from cockpit.transport import Allow, Note, Response, Retrying, TransportError, client

LOGS, EVENTS = "/api/v2/log-streams", "/api/v2/event-streams"
READS = [Allow("POST", "/oauth/token"), Allow("GET", LOGS), Allow("GET", EVENTS)]
WRITES = [Allow("PATCH", f"{LOGS}/[^/]+"), Allow("PATCH", f"{EVENTS}/[^/]+")]
"""All that is ever changed at a source, and not by the client that reads it."""
SCOPES = "update:log_streams and update:event_streams"
_PATHS: Mapping[str, str] = {"log stream": LOGS, "event stream": EVENTS}
_STATUSES: Mapping[str, tuple[str, str]] = {
    "log stream": ("paused", "active"),
    "event stream": ("disabled", "enabled"),
}


class Auth0Streams:
    """The streams of one tenant."""

    def __init__(self, settings: Settings, clock: Clock, note: Note) -> None:
        self._tenant = tenant(settings, clock, note, READS)
        self._logs = self._tenant.api("read:log_streams")
        self._events = self._tenant.api("read:event_streams")

    async def listed(self) -> Sequence[Stream]:
        """Both kinds."""
        logs = await self._logs.records("GET", LOGS, None)
        found = [_log(record.value) for record in logs.found]
        pages = checkpoints(self._events, EVENTS, "eventStreams", {"take": TAKE}, "")
        async with aclosing(pages) as read:
            async for page in read:
                found += [_event(record.value) for record in page.answered.found]
        return found

    async def close(self) -> None:
        """Close the connections."""
        await self._tenant.close()


class Auth0Switch:
    """Sends PATCHes of status and nothing else."""

    def __init__(self, settings: Settings, token: str, clock: Clock, note: Note) -> None:
        found = read_settings(settings)
        try:
            http = client(found.url, timeout=found.timeout_s, allow=WRITES)
        except TransportError as error:
            raise SettingsError(f"auth0: {error}") from None
        retrying = Retrying(clock, note=note)
        self._api = Api("auth0", http, Bearer(clock, fixed=token), retrying, refusal=_refusal)

    async def turn(self, stream: Stream, *, on: bool) -> None:
        """PATCH its status."""
        url = f"{_PATHS[stream.kind]}/{quote(stream.id, safe='')}"
        await self._api.json("PATCH", url, json={"status": _STATUSES[stream.kind][on]})

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()


WEBHOOKS = Webhooks(open=Auth0Streams, switch=Auth0Switch, scopes=SCOPES)


def _log(raw: Any) -> Stream:
    endpoint = _mapping.inner(raw, "sink").get("httpEndpoint")
    return _stream("log stream", raw, endpoint, queues=True)


def _event(raw: Any) -> Stream:
    configuration = _mapping.inner(_mapping.inner(raw, "destination"), "configuration")
    return _stream("event stream", raw, configuration.get("webhook_endpoint"), queues=False)


def _stream(kind: str, raw: Mapping[str, Any], endpoint: object, *, queues: bool) -> Stream:
    name = str(raw.get("name") or raw.get("type") or kind)
    on = raw.get("status") == _STATUSES[kind][True]
    return Stream(str(raw["id"]), kind, printable(name), _bare(endpoint), on, queues)


def _bare(url: object) -> str | None:
    """An address without what may be secret in it."""
    if not isinstance(url, str):
        return None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _refusal(response: Response) -> SourceError:
    said = f"{response.request.url.path} answered {response.status_code}"
    if response.status_code in (401, 403):
        return refused(f"auth0: {said}; the write token needs {SCOPES}")
    return SourceError(f"auth0: {said}; nothing else was changed")
