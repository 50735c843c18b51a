"""/log-streams and /event-streams: list, get, create, PATCH of status, delete (SDK 6.8).

To change one needs another token than to read: that of the client has read scopes only.
UNVERIFIED: the words of refusals, and what else than status and destination a PATCH may change.
"""

from aiohttp import web

from cockpit.sandbox.auth0.api import Api, insufficient, refused
from cockpit.sandbox.auth0.paging import bad_request, page
from cockpit.sandbox.auth0.stream_store import EventStream, LogStream
from cockpit.sandbox.clock import from_iso
from cockpit.sandbox.web import Json, answer, json_object
from cockpit.sandbox.world import World

_LOGS, _EVENTS = "/auth0/api/v2/log-streams", "/auth0/api/v2/event-streams"


class Streams:
    """The streams of the tenant, by its Management API."""

    def __init__(self, api: Api, world: World) -> None:
        self._api, self._world = api, world

    def routes(self) -> list[web.RouteDef]:
        """Both kinds."""
        return [
            web.get(_LOGS, self.logs),
            web.post(_LOGS, self.create_log),
            web.get(f"{_LOGS}/{{id}}", self.log),
            web.patch(f"{_LOGS}/{{id}}", self.change_log),
            web.delete(f"{_LOGS}/{{id}}", self.delete_log),
            web.get(_EVENTS, self.events),
            web.post(_EVENTS, self.create_event),
            web.get(f"{_EVENTS}/{{id}}", self.event),
            web.patch(f"{_EVENTS}/{{id}}", self.change_event),
            web.delete(f"{_EVENTS}/{{id}}", self.delete_event),
        ]

    async def logs(self, request: web.Request) -> web.Response:
        """GET /log-streams: all in one bare array."""
        headers = self._api.admit(request, "read:log_streams")
        return answer([row.as_json() for row in self._world.streams.logs], headers=headers)

    async def log(self, request: web.Request) -> web.Response:
        """GET /log-streams/{id}."""
        headers = self._api.admit(request, "read:log_streams")
        return answer(self._log(request).as_json(), headers=headers)

    async def create_log(self, request: web.Request) -> web.Response:
        """POST /log-streams; startFrom says from when on it delivers."""
        headers = self._writing(request, "create:log_streams")
        body = await json_object(request) or {}
        sink = body.get("sink")
        if not isinstance(body.get("type"), str) or not isinstance(sink, dict):
            raise bad_request("Payload validation error: 'type' and 'sink' are required", "invalid_body")
        start = _moment(body.pop("startFrom", None))
        return answer(self._world.streams.add_log(body, start).as_json(), headers=headers)

    async def change_log(self, request: web.Request) -> web.Response:
        """PATCH /log-streams/{id}: status (active or paused), name, sink; a new sink keeps what is queued."""
        headers = self._writing(request, "update:log_streams")
        row, body = self._log(request), await json_object(request) or {}
        status = _status(body, ("active", "paused"), row.status)
        changes = {name: body[name] for name in ("name", "sink") if name in body}
        changed = row._replace(body=row.body | changes, status=status)
        self._world.streams.logs.replace(changed)
        return answer(changed.as_json(), headers=headers)

    async def delete_log(self, request: web.Request) -> web.Response:
        """DELETE /log-streams/{id}, with what is queued."""
        headers = self._writing(request, "delete:log_streams")
        self._world.streams.logs.remove(self._log(request))
        return web.Response(status=204, headers=headers)

    async def events(self, request: web.Request) -> web.Response:
        """GET /event-streams, by checkpoint or by offset."""
        headers = self._api.admit(request, "read:event_streams")
        rows = [*self._world.streams.events]
        if "take" not in request.query and "from" not in request.query:
            return answer({"eventStreams": [row.as_json() for row in rows]}, headers=headers)
        found = page(request, "eventStreams", rows, range(len(rows)), EventStream.as_json)
        return answer(found, headers=headers)

    async def event(self, request: web.Request) -> web.Response:
        """GET /event-streams/{id}."""
        headers = self._api.admit(request, "read:event_streams")
        return answer(self._event(request).as_json(), headers=headers)

    async def create_event(self, request: web.Request) -> web.Response:
        """POST /event-streams."""
        headers = self._writing(request, "create:event_streams")
        body = await json_object(request) or {}
        if not isinstance(body.get("destination"), dict):
            raise bad_request("Payload validation error: 'destination' is required", "invalid_body")
        status = _status(body, ("enabled", "disabled"), "enabled")
        body.pop("status", None)
        return answer(self._world.streams.add_event(body, status).as_json(), 201, headers)

    async def change_event(self, request: web.Request) -> web.Response:
        """PATCH /event-streams/{id}: status (enabled or disabled), name, subscriptions, destination."""
        headers = self._writing(request, "update:event_streams")
        row, body = self._event(request), await json_object(request) or {}
        status = _status(body, ("enabled", "disabled"), row.status)
        changes = {name: body[name] for name in ("name", "subscriptions", "destination") if name in body}
        now = self._world.ids.now_ms()
        changed = row._replace(body=row.body | changes, status=status, updated_at=now)
        self._world.streams.events.replace(changed)
        return answer(changed.as_json(), headers=headers)

    async def delete_event(self, request: web.Request) -> web.Response:
        """DELETE /event-streams/{id}."""
        headers = self._writing(request, "delete:event_streams")
        self._world.streams.events.remove(self._event(request))
        return web.Response(status=204, headers=headers)

    def _writing(self, request: web.Request, scope: str) -> dict[str, str]:
        headers = self._api.admit(request, scope)
        if request.headers["Authorization"] != f"Bearer {self._world.config.auth0_write_token}":
            raise insufficient(scope)
        return headers

    def _log(self, request: web.Request) -> LogStream:
        row = self._world.streams.logs.get(request.match_info["id"])
        if row is None:
            raise _absent("log stream")
        return row

    def _event(self, request: web.Request) -> EventStream:
        row = self._world.streams.events.get(request.match_info["id"])
        if row is None:
            raise _absent("event stream")
        return row


def _absent(what: str) -> Exception:
    return refused(404, "Not Found", f"The {what} does not exist", f"inexistent_{what.replace(' ', '_')}")


def _status(body: Json, allowed: tuple[str, ...], now: str) -> str:
    status = body.get("status", now)
    if status not in (*allowed, now):
        raise bad_request(
            f"Payload validation error: 'status' is none of {', '.join(allowed)}", "invalid_body"
        )
    return str(status)


def _moment(text: object) -> int | None:
    if text is None:
        return None
    try:
        return from_iso(str(text))
    except ValueError:
        raise bad_request(
            "Payload validation error: 'startFrom' is no ISO 8601 date", "invalid_body"
        ) from None
